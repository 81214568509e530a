/**
 * How much a line matters: what went well, what may need attention, what has failed. The first goes
 * to the standard output, the others to the standard error.
 */
export type Level = "info" | "warning" | "error";

/** A line of output. */
export interface Line {
  /** What it says; its only escape sequences are styles. */
  readonly text: string;
  /** How much it matters. */
  readonly level: Level;
}

/** The size of a screen in characters. */
export interface Size {
  /** Characters in a line. */
  readonly columns: number;
  /** Lines. */
  readonly rows: number;
}

/** A line that says what went well. */
export function info(text: string): Line {
  return { text, level: "info" };
}

/** A line that may need attention. */
export function warning(text: string): Line {
  return { text, level: "warning" };
}

/** A line that says what has failed. */
export function error(text: string): Line {
  return { text, level: "error" };
}
