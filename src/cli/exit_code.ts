import type { FailureKind, Summary } from "../download/mod.ts";

/** What the program tells the shell. */
export const ExitCode = {
  /** Every file is in place. */
  ok: 0,
  /** Some file failed, or some line of the list is no URL. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A checksum did not match. */
  checksum: 3,
  /** The disk is full. */
  diskFull: 4,
  /** Ended by SIGINT: 128 + 2, as shells have it. */
  interrupted: 130,
  /** Ended by SIGTERM: 128 + 15. */
  terminated: 143,
} as const;

/** The exit code of a run: what ended it counts more than how its files fared. */
export function exitCode(
  summary: Summary,
  signal: Deno.Signal | undefined,
  failures: ReadonlySet<FailureKind>,
): number {
  if (signal === "SIGTERM") return ExitCode.terminated;
  if (signal !== undefined) return ExitCode.interrupted;
  if (failures.has("disk-full")) return ExitCode.diskFull;
  if (failures.has("checksum")) return ExitCode.checksum;
  const incomplete = summary.failed + summary.rejected + summary.cancelled + summary.dropped;
  return incomplete > 0 ? ExitCode.failed : ExitCode.ok;
}
