/** The command line says something that can't be done. The message is one line for the user. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
