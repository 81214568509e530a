import type { EventObserver } from "./observer.ts";
import type { Line } from "./line.ts";
import type { Setting } from "./run_lines.ts";
import type { Device } from "./device.ts";

/** What a screen must know besides the events. */
export interface ScreenOptions {
  /** The program's version. */
  readonly version: string;
  /** What the banner lists. */
  readonly settings: readonly Setting[];
  /** How many files are received at the same time. */
  readonly workers: number;
  /** How long files under way may take after the first signal, in milliseconds. */
  readonly graceMs: number;
  /** Nothing but errors. */
  readonly quiet: boolean;
  /** Whether a block may be redrawn in place; only on terminals that can. */
  readonly live: boolean;
  /** The limit for all files together; it may change. Default: none. */
  readonly bytesPerSecond?: (() => number) | undefined;
  /** The signals that end the process at once. Default: SIGHUP and SIGQUIT. */
  readonly ending?: readonly Deno.Signal[] | undefined;
  /** Ends the run, where the process that has the terminal can't be ended itself. */
  readonly quit?: (() => void) | undefined;
  /** Where it is shown. Default: the process's own streams. */
  readonly device?: Device | undefined;
}

/** Shows a run as it goes. */
export interface Screen extends EventObserver {
  /** Shows what is there before the first event. */
  open(): void;
  /** Tells how many files and bad lines the whole list holds, where that is known. */
  expect(entries: number): void;
  /** Says something that is no event, as soon as there is room for it. */
  say(line: Line): void;
}
