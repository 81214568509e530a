import { setColorEnabled } from "@std/fmt/colors";
import { stdout } from "./output.ts";

/** When to use colours. */
export type ColorMode = "auto" | "always" | "never";

/** Turns colours on or off for everything that is shown; `auto` does what {@linkcode wantsColor} says. */
export function useColor(mode: ColorMode, env: (name: string) => string | undefined): void {
  setColorEnabled(mode === "always" || (mode === "auto" && wantsColor(env)));
}

/** Whether the terminal can move its cursor. */
export function canRedraw(env: (name: string) => string | undefined): boolean {
  return env("TERM") !== "dumb" && !env("CI");
}

/**
 * Whether colours are wanted, by `NO_COLOR` (no-color.org), `FORCE_COLOR`, `TERM=dumb` and whether
 * the output is a terminal, in that order.
 */
export function wantsColor(env: (name: string) => string | undefined): boolean {
  if (env("NO_COLOR")) return false;
  const force = env("FORCE_COLOR");
  if (force !== undefined) return force !== "0" && force !== "false";
  return stdout.isTerminal && env("TERM") !== "dumb";
}
