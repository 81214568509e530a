import type { Wire } from "../../src/download/_http_connection.ts";

/** What one read brings; a promise, when it is settled. */
type Piece = string | Uint8Array | Promise<string>;

/** A wire that brings the given pieces, one a read, and ends; it keeps what is written to it. */
export class ScriptedWire implements Wire {
  /** Whether it has been closed. */
  closed = false;
  /** Everything that was written. */
  written = "";
  readonly #pieces: (Uint8Array | Promise<string>)[];
  readonly #atEnd: "end" | "stall" | Error;
  #fail: (error: Error) => void = () => {};

  /** Ends after the pieces, falls silent, or breaks. */
  constructor(pieces: readonly Piece[], atEnd: "end" | "stall" | Error = "end") {
    this.#pieces = pieces.map((piece) => typeof piece === "string" ? latin1(piece) : piece);
    this.#atEnd = atEnd;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    await Promise.resolve();
    if (this.closed) throw new Deno.errors.Interrupted("operation canceled");
    const next = this.#pieces.shift();
    if (!next) return await this.#end();
    const piece = next instanceof Promise ? latin1(await next) : next;
    const size = Math.min(piece.length, buffer.length);
    buffer.set(piece.subarray(0, size));
    if (size < piece.length) this.#pieces.unshift(piece.subarray(size));
    return size;
  }

  /** Takes about half of what it is given. */
  write(bytes: Uint8Array): Promise<number> {
    if (this.closed) return Promise.reject(new Deno.errors.BadResource("closed"));
    const size = Math.ceil(bytes.length / 2);
    this.written += String.fromCharCode(...bytes.subarray(0, size));
    return Promise.resolve(size);
  }

  close(): void {
    this.closed = true;
    this.#fail(new Deno.errors.Interrupted("operation canceled"));
  }

  #end(): Promise<null> {
    if (this.#atEnd === "end") return Promise.resolve(null);
    if (this.#atEnd !== "stall") return Promise.reject(this.#atEnd);
    return new Promise((_, reject) => this.#fail = reject);
  }
}

/**
 * A wire that gives one answer to each request, in one or more pieces and not before it is asked,
 * and ends after the last.
 */
export class AnsweringWire extends ScriptedWire {
  readonly #answers: (() => void)[];

  /** Gives `answers`, one after the other. */
  constructor(answers: readonly (readonly [string, ...string[]])[]) {
    const asked = answers.map(() => Promise.withResolvers<void>());
    super(answers.flatMap(([first, ...others], index) => {
      return [asked[index]!.promise.then(() => first), ...others];
    }));
    this.#answers = asked.map(({ resolve }) => resolve);
  }

  override async write(bytes: Uint8Array): Promise<number> {
    const size = await super.write(bytes);
    if (this.written.endsWith("\r\n\r\n")) this.#answers.shift()?.();
    return size;
  }
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
