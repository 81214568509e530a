import { stderr, stdout } from "./sink.ts";

/** When to use colours. */
export type ColorMode = "auto" | "always" | "never";

/** The environment, as far as a decision reads it. */
export type Env = (name: string) => string | undefined;

/** Decides over the colours of both streams, by {@linkcode wantsColor}. */
export function useColor(mode: ColorMode, env: Env): void {
  for (const stream of [stdout, stderr]) stream.colors = wantsColor(mode, env, stream.isTerminal);
}

/**
 * Whether a stream gets colours. The first of these that says something decides:
 *
 * 1. `mode`, unless it is `auto`: what is typed counts more than what is set up
 * 2. `NO_COLOR`, if it is not empty (no-color.org): no
 * 3. `FORCE_COLOR`, if it is not empty: no for `0` and `false`, otherwise yes
 * 4. `TERM=dumb`: no
 * 5. whether the stream is a terminal
 */
export function wantsColor(mode: ColorMode, env: Env, isTerminal: boolean): boolean {
  if (mode !== "auto") return mode === "always";
  if (env("NO_COLOR")) return false;
  const force = env("FORCE_COLOR");
  if (force) return force !== "0" && force !== "false";
  return isTerminal && env("TERM") !== "dumb";
}

/**
 * Whether a terminal can be drawn upon: not a dumb one, and not the log of a CI system, which may
 * look like a terminal to a program but keeps every frame.
 */
export function canRedraw(env: Env): boolean {
  return env("TERM") !== "dumb" && !env("CI");
}
