import { Output } from "../display/mod.ts";
import { printable } from "../display/mod.ts";
import { ExitCode, UsageError } from "./errors.ts";
import { runCommand } from "./commands.ts";
import { VERSION } from "./version.ts";

/**
 * Runs the program with the given arguments and resolves with its exit code. What can't be done is
 * said in one line on the standard error; nothing is thrown for it.
 */
export async function run(args: readonly string[]): Promise<number> {
  using output = new Output();
  if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
    output.line(`dlm ${VERSION}`);
    return ExitCode.ok;
  }
  try {
    return await runCommand([...args]);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const usage = error instanceof UsageError || "exitCode" in error;
    output.error(`dlm: ${printable(error.message)}${usage ? "; see dlm download --help" : ""}`);
    return usage ? ExitCode.usage : ExitCode.failed;
  }
}
