/** The command line says something that can't be done. The message is one line for the user. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

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
