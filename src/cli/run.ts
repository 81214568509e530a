import { Output, printable } from "../display/mod.ts";
import { UsageError } from "./errors.ts";
import { ExitCode } from "./exit_code.ts";
import { showVersion } from "./version.ts";

/**
 * Runs the program with the given arguments and resolves with its exit code. What can't be done is
 * said in one line on the standard error; nothing is thrown for it.
 */
export async function run(args: readonly string[]): Promise<number> {
  if (args.length === 1 && /^(-V|--version)$/.test(args[0]!)) {
    showVersion(); // asked for by scripts, so it does not wait for all the rest to be loaded
    return ExitCode.ok;
  }
  try {
    const { runCommand } = await import("./commands.ts");
    return await runCommand(args);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    using output = new Output();
    output.error(`dlm: ${printable(error.message)}`);
    return error instanceof UsageError ? ExitCode.usage : ExitCode.failed;
  }
}
