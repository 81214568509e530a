/** Where a shutdown hears signals; the process itself, or a test. */
export interface SignalSource {
  /** The signals that ask a program to end here. */
  readonly usual: readonly Deno.Signal[];
  /** Calls `listener` on each `signal` from now on; the process no longer ends by it. */
  add(signal: Deno.Signal, listener: () => void): void;
  /** Ends that. */
  remove(signal: Deno.Signal, listener: () => void): void;
}

/** The signals of this process. Windows has no SIGTERM; a closed console sends SIGBREAK there. */
export const processSignals: SignalSource = {
  usual: Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"],
  add: (signal, listener) => Deno.addSignalListener(signal, listener),
  remove: (signal, listener) => Deno.removeSignalListener(signal, listener),
};
