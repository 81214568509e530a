import { Output } from "../display/mod.ts";

/**
 * The version of the program, as in `deno.json`. It is not read from there: an executable with a
 * JSON module in it does without Deno's cache of compiled code, and starts 15 ms later each time.
 */
export const VERSION = "1.0.0";

/** Prints the version. */
export function showVersion(): void {
  using output = new Output();
  output.line(`dlm ${VERSION}`);
}
