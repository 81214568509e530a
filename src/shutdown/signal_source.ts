/** The signals that ask a program to end. */
export type ShutdownSignal = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGQUIT" | "SIGBREAK";

/** Where signals come from: the operating system, or a test. */
export interface SignalSource {
  /** Calls `listener` each time the signal arrives, in place of what the system would do. */
  add(signal: ShutdownSignal, listener: () => void): void;
  /** Undoes one `add`. Without a listener a signal does what it always does: it ends the process. */
  remove(signal: ShutdownSignal, listener: () => void): void;
}

/** The operating system's signals. Listening to them doesn't keep the process alive. */
export const systemSignals: SignalSource = {
  add: (signal, listener) => Deno.addSignalListener(signal, listener),
  remove: (signal, listener) => Deno.removeSignalListener(signal, listener),
};

/** The signals that end a program politely: on Windows, Ctrl+C and Ctrl+Break are all there is. */
export function usualSignals(os: typeof Deno.build.os): ShutdownSignal[] {
  return os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"];
}

/** The exit code of a program that a signal ended, as shells report it: 128 and its number. */
export const SIGNAL_EXIT_CODES: Readonly<Record<ShutdownSignal, number>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGQUIT: 131,
  SIGTERM: 143,
  // Ctrl+Break is an interrupt too; its number in Windows' C library means nothing to a shell.
  SIGBREAK: 130,
};
