/** The operating system's side of a terminal program: its signals, and stopping itself. */
export interface TerminalProcess {
  /** Calls `listener` at each such signal; returns how to stop that. */
  onSignal(signal: Deno.Signal, listener: () => void): () => void;
  /** Sends a signal to this process; false if it isn't allowed to. */
  raise(signal: Deno.Signal): boolean;
  /** Calls `listener` before the process ends because of an error or an exit. */
  onEnd(listener: () => void): () => void;
}

/** The process that this is. */
export const terminalProcess: TerminalProcess = {
  onSignal(signal, listener) {
    if (Deno.build.os === "windows") return () => {};
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  },
  raise(signal) {
    try {
      Deno.kill(Deno.pid, signal);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) return false; // before Deno 2.9
      throw error;
    }
  },
  onEnd(listener) {
    const types = ["error", "unhandledrejection", "unload"];
    for (const type of types) addEventListener(type, listener);
    return () => {
      for (const type of types) removeEventListener(type, listener);
    };
  },
};
