import type { Socket } from "node:net";

/** What is written at once, and under a rate. */
const SLICE_BYTES = 256 * 1024;
const PACED_SLICE_BYTES = 16 * 1024;

/** Sends pieces of a body, in chunked coding or as they are. */
export class BodyWriter {
  readonly #socket: Socket;
  readonly #chunked: boolean;
  readonly #onSent: (bytes: number) => void;

  constructor(socket: Socket, chunked: boolean, onSent: (bytes: number) => void) {
    this.#socket = socket;
    this.#chunked = chunked;
    this.#onSent = onSent;
  }

  async write(bytes: Uint8Array, bytesPerSecond: number): Promise<void> {
    const paced = bytesPerSecond < Infinity;
    const size = paced ? PACED_SLICE_BYTES : SLICE_BYTES;
    const started = performance.now();
    for (let at = 0; at < bytes.length && !this.#socket.destroyed; at += size) {
      const piece = bytes.subarray(at, at + size);
      if (this.#chunked) await this.#text(`${piece.length.toString(16)}\r\n`);
      await send(this.#socket, piece);
      if (this.#chunked) await this.#text("\r\n");
      this.#onSent(piece.length);
      const dueMs = started + (at + piece.length) / bytesPerSecond * 1000;
      const earlyMs = dueMs - performance.now();
      if (paced && earlyMs > 1) await sleep(earlyMs, this.#socket);
    }
  }

  async end(): Promise<void> {
    if (this.#chunked) await this.#text("0\r\n\r\n");
  }

  async #text(text: string): Promise<void> {
    await send(this.#socket, new TextEncoder().encode(text));
  }
}

/** Resolves when the bytes have been handed on, or nobody is there to take them. */
export function send(socket: Socket, bytes: Uint8Array): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      socket.off("close", done);
      resolve();
    };
    socket.once("close", done);
    socket.write(bytes, done);
  });
}

/** Resolves after the time, or when the connection is gone. */
function sleep(ms: number, socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      socket.off("close", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    socket.once("close", done);
  });
}
