import { type Key, type KeySource, parseKeys } from "./keys.ts";

/** The part of `node:process`'s standard input that is needed. */
interface Stdin {
  on(event: "data", listener: (data: Uint8Array) => void): unknown;
  off(event: "data", listener: (data: Uint8Array) => void): unknown;
  resume(): unknown;
  pause(): unknown;
  unref(): unknown;
}

/**
 * The terminal's keyboard. Keys come at once and are not echoed, but Ctrl+C, Ctrl+Z and the like
 * stay signals, except on Windows, which can't have the one without the other.
 *
 * It reads with `node:process`, which can let go of the terminal: a read of `Deno.stdin` would wait
 * for one more key.
 */
export class TerminalKeys implements KeySource {
  readonly #stdin: Stdin;
  #onData: ((data: Uint8Array) => void) | undefined;

  private constructor(stdin: Stdin) {
    this.#stdin = stdin;
  }

  /** Gets hold of the keyboard. To load what it takes costs time, so only who needs it does. */
  static async load(): Promise<TerminalKeys> {
    const { default: { stdin } } = await import("node:process");
    return new TerminalKeys(stdin);
  }

  /** As {@linkcode KeySource.available}. */
  get available(): boolean {
    return Deno.stdin.isTerminal();
  }

  /** As {@linkcode KeySource.start}. */
  start(onKey: (key: Key) => void): void {
    const decoder = new TextDecoder();
    this.#onData = (data) => parseKeys(decoder.decode(data, { stream: true })).forEach(onKey);
    Deno.stdin.setRaw(true, { cbreak: Deno.build.os !== "windows" });
    this.#stdin.on("data", this.#onData);
    this.#stdin.resume();
    this.#stdin.unref();
  }

  /** As {@linkcode KeySource.stop}. */
  stop(): void {
    if (!this.#onData) return;
    this.#stdin.off("data", this.#onData);
    this.#stdin.pause();
    this.#onData = undefined;
    Deno.stdin.setRaw(false);
  }
}
