import { type RawConnection, RawServer } from "./raw_server.ts";

/** How the files of a {@linkcode HeldServer} are. */
export interface HeldOptions {
  /** The bytes of each file. Default: 1,000. */
  readonly size?: number;
  /** Further headers of each answer. */
  readonly headers?: Record<string, string>;
}

/** One answer that waits. */
interface Held {
  readonly path: string;
  readonly connection: RawConnection;
  sent: number;
}

/**
 * A server that sends the first half of every file at once and the rest when the test says so. All
 * paths exist, and every file's bytes are its own.
 */
export class HeldServer implements AsyncDisposable {
  readonly #server: RawServer;
  readonly #size: number;
  readonly #held = new Set<Held>();
  #open = false;
  #changed = Promise.withResolvers<void>();

  constructor({ size = 1000, headers = {} }: HeldOptions = {}) {
    this.#size = size;
    const fields = Object.entries({ "content-length": `${size}`, ...headers })
      .map(([name, value]) => `${name}: ${value}\r\n`).join("");
    this.#server = new RawServer(async ({ path }, connection) => {
      const held: Held = { path, connection, sent: 0 };
      await connection.write(`HTTP/1.1 200 OK\r\n${fields}\r\n`);
      await this.#send(held, this.#open ? 1 : 0.5);
      if (held.sent < size) this.#held.add(held);
      connection.gone.then(() => this.#held.delete(held));
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    });
  }

  /** Every path that was asked for, in order. */
  get paths(): string[] {
    return this.#server.requests.map(({ path }) => path);
  }

  url(path: string): string {
    return this.#server.url(path);
  }

  /** The content of a file. */
  bytes(path: string): Uint8Array<ArrayBuffer> {
    const seed = [...path].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
    return Uint8Array.from({ length: this.#size }, (_, index) => (index * 31 + seed) & 0xff);
  }

  /** Waits until so many answers are held. */
  async holds(count: number): Promise<void> {
    while (this.#held.size < count) await this.#changed.promise;
  }

  /** Sends every held file on, up to this fraction of it. */
  async advance(fraction: number): Promise<void> {
    await Promise.all([...this.#held].map((held) => this.#send(held, fraction)));
  }

  /** Sends the rest of what is held, and from now on every file at once. */
  async release(): Promise<void> {
    this.#open = true;
    await this.advance(1);
    this.#held.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  async #send(held: Held, fraction: number): Promise<void> {
    const end = Math.floor(this.#size * fraction);
    const piece = this.bytes(held.path).subarray(held.sent, end);
    held.sent = end;
    if (piece.length > 0) await held.connection.write(piece);
  }
}
