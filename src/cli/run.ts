import { Output, printable } from "../display/mod.ts";
import { runCommand } from "./commands.ts";
import { UsageError } from "./errors.ts";
import { ExitCode } from "./exit_code.ts";

/**
 * Runs the program with the given arguments and resolves with its exit code. What can't be done is
 * said in one line on the standard error; nothing is thrown for it.
 */
export async function run(args: readonly string[]): Promise<number> {
  try {
    return await runCommand(args);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    using output = new Output();
    output.error(`dlm: ${printable(error.message)}`);
    return error instanceof UsageError ? ExitCode.usage : ExitCode.failed;
  }
}
