/** A place for text; the process's own streams in the program, memory in tests. */
export interface Sink {
  /** Whether a person sees it as it comes. */
  readonly isTerminal: boolean;
  /** Whether styles belong there. */
  readonly colors: boolean;
  /** Writes all of `text`. It never throws: a screen that is gone is no reason to stop a download. */
  write(text: string): void;
}

/** The part of `Deno.stdout` that a sink needs. */
export interface Stream {
  /** Whether it is a terminal. */
  isTerminal(): boolean;
  /** Writes some of the bytes and returns how many. */
  writeSync(bytes: Uint8Array): number;
}

/** How long to wait for a stream that takes nothing more just now. */
const BUSY_MS = 5;

/** A {@linkcode Sink} that writes to a stream of the process, and stops when nobody reads it. */
export class StreamSink implements Sink {
  readonly #stream: Stream;
  readonly #onFailure: (error: unknown) => void;
  #closed = false;
  /** Whether it is a terminal. */
  readonly isTerminal: boolean;
  /** Whether styles belong there; off until it is decided. */
  colors = false;

  /** Calls `onFailure` once if the stream breaks in any other way than by losing its reader. */
  constructor(stream: Stream, onFailure: (error: unknown) => void = () => {}) {
    this.#stream = stream;
    this.#onFailure = onFailure;
    this.isTerminal = stream.isTerminal();
  }

  /** As {@linkcode Sink.write}. */
  write(text: string): void {
    let rest: Uint8Array = new TextEncoder().encode(text);
    while (rest.length > 0 && !this.#closed) rest = rest.subarray(this.#some(rest));
  }

  #some(bytes: Uint8Array): number {
    try {
      return this.#stream.writeSync(bytes);
    } catch (error) {
      if (error instanceof Deno.errors.WouldBlock) { // another process has made it non-blocking
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_MS);
        return 0;
      }
      this.#closed = true;
      if (!(error instanceof Deno.errors.BrokenPipe)) this.#onFailure(error);
      return 0;
    }
  }
}

/** The process's standard error. */
export const stderr: StreamSink = new StreamSink(Deno.stderr);

/** The process's standard output. */
export const stdout: StreamSink = new StreamSink(Deno.stdout, (error) => {
  const message = error instanceof Error ? error.message : String(error);
  stderr.write(`dlm: cannot write to the standard output: ${message}\n`);
});
