/** A place for text; the process's own streams in the program, memory in tests. */
export interface Sink {
  /** Whether a person sees it as it comes. */
  readonly isTerminal: boolean;
  /** Writes all of `text`. */
  write(text: string): void;
}

/** How long lines may wait for others to be written with them. */
const FLUSH_MS = 50;

/**
 * The program's lines, for the standard output and the standard error, in their common order.
 * Many lines are written at once, since each write is a system call.
 */
export class Output implements Disposable {
  readonly #out: Sink;
  readonly #err: Sink;
  #pending: { sink: Sink; text: string }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** For the given streams. */
  constructor(out: Sink = stdout, err: Sink = stderr) {
    this.#out = out;
    this.#err = err;
  }

  /** Puts a line on the standard output. */
  line(text: string): void {
    this.#put(this.#out, text);
  }

  /** Puts a line on the standard error. */
  error(text: string): void {
    this.#put(this.#err, text);
  }

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { sink, text } of this.#pending) sink.write(text);
    this.#pending = [];
  }

  /** As {@linkcode Output.flush}. */
  [Symbol.dispose](): void {
    this.flush();
  }

  #put(sink: Sink, text: string): void {
    const last = this.#pending.at(-1);
    if (last?.sink === sink) last.text += `${text}\n`;
    else this.#pending.push({ sink, text: `${text}\n` });
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }
}

/** The process's standard output. */
export const stdout: Sink = processSink(Deno.stdout);

/** The process's standard error. */
export const stderr: Sink = processSink(Deno.stderr);

function processSink(stream: typeof Deno.stdout): Sink {
  let closed = false;
  return {
    isTerminal: stream.isTerminal(),
    write(text) {
      if (closed) return;
      const bytes = new TextEncoder().encode(text);
      try {
        for (let written = 0; written < bytes.length;) {
          written += stream.writeSync(bytes.subarray(written));
        }
      } catch (error) {
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
        closed = true; // the reader has seen enough; the downloads go on
      }
    },
  };
}
