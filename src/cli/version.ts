import { Output } from "../display/mod.ts";
import manifest from "../../deno.json" with { type: "json" };

/** The version of the program, as `deno.json` has it. */
export const VERSION: string = manifest.version;

/** Prints the version. */
export function showVersion(): void {
  using output = new Output();
  output.line(`dlm ${VERSION}`);
}
