import { stripAnsiCode } from "@std/fmt/colors";
import { type Sink, stderr, stdout } from "./sink.ts";

/** How long lines may wait for others to be written with them. */
const FLUSH_MS = 50;

/** More than this is not held back; a run can say a million lines in a second. */
const FLUSH_LENGTH = 64 * 1024;

/**
 * The program's lines, for the standard output and the standard error, in their common order.
 * Many lines are written at once, since each write is a system call.
 */
export class Output implements Disposable {
  readonly #out: Sink;
  readonly #err: Sink;
  #pending: { sink: Sink; text: string }[] = [];
  #length = 0;
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
    this.#length = 0;
    for (const { sink, text } of this.#pending.splice(0)) sink.write(text);
  }

  /** As {@linkcode Output.flush}. */
  [Symbol.dispose](): void {
    this.flush();
  }

  #put(sink: Sink, text: string): void {
    const line = `${sink.colors ? text : stripAnsiCode(text)}\n`;
    const last = this.#pending.at(-1);
    if (last?.sink === sink) last.text += line;
    else this.#pending.push({ sink, text: line });
    this.#length += line.length;
    if (this.#length >= FLUSH_LENGTH) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }
}
