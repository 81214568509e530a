import { bodyOf } from "./_http_body.ts";
import { HttpConnection, type Wire } from "./_http_connection.ts";
import { encodeGet, type Head } from "./_http_head.ts";
import type { HttpResponse } from "./_http_response.ts";
import { DownloadError } from "./errors.ts";

/** How {@linkcode Connections} are made and kept. */
export interface ConnectionsOptions {
  /** Opens a connection to the server of a URL. */
  readonly dial: (url: URL, signal: AbortSignal) => Promise<Wire>;
  /** How many may be in use at the same time, and how many are kept for later. */
  readonly most: number;
}

/** All buffers together may take so much, … */
const ALL_BUFFERS = 32 * 1024 * 1024;

/** … and none needs more than this. */
const MOST_BUFFER = 512 * 1024;

/** After so long a connection may have been forgotten by something between the two ends. */
const IDLE_MS = 60_000;

/** A connection that waits for its next request. */
interface Idle {
  readonly origin: string;
  readonly connection: HttpConnection;
  readonly sinceMs: number;
}

/** The connections to all servers; one that has brought its answer is used again. */
export class Connections implements Disposable {
  readonly #options: ConnectionsOptions;
  readonly #mostBuffer: number;
  /** Those that have waited longest come first. */
  readonly #idle: Idle[] = [];
  readonly #busy = new Set<HttpConnection>();

  /** Opens none yet. */
  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.#mostBuffer = Math.min(MOST_BUFFER, ALL_BUFFERS / 2 / options.most);
  }

  /**
   * Sends a GET and resolves when the head of its answer is there. The connection is taken up again
   * when the body has been read or given up.
   *
   * @throws {DownloadError} `connect`, or what `dial` throws.
   * @throws the signal's reason when it aborts before the answer.
   */
  async get(
    url: URL,
    fields: readonly (readonly [name: string, value: string])[],
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const request = encodeGet(url, fields);
    for (;;) {
      const kept = this.#take(url.origin);
      const connection = kept ?? await this.#open(url, signal);
      try {
        const head = await this.#ask(connection, request, signal);
        if (head) return this.#answer(head, connection, url.origin);
        if (!kept) throw closedEarly();
      } catch (error) {
        this.#close(connection);
        signal.throwIfAborted();
        if (!kept) throw error;
      }
      // The server has closed the kept connection meanwhile, as it may: another one will do.
      this.#close(connection);
    }
  }

  /** Closes all of them. */
  [Symbol.dispose](): void {
    for (const { connection } of this.#idle.splice(0)) connection.close();
    for (const connection of this.#busy) connection.close();
    this.#busy.clear();
  }

  async #open(url: URL, signal: AbortSignal): Promise<HttpConnection> {
    const wire = await this.#options.dial(url, signal);
    const connection = new HttpConnection(wire, this.#mostBuffer);
    this.#busy.add(connection);
    return connection;
  }

  async #ask(
    connection: HttpConnection,
    request: Uint8Array,
    signal: AbortSignal,
  ): Promise<Head | undefined> {
    const onAbort = () => connection.close();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      signal.throwIfAborted();
      await connection.send(request);
      return await connection.head();
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  #answer(head: Head, connection: HttpConnection, origin: string): HttpResponse {
    const body = bodyOf(head, connection, (isReusable) => {
      // Bytes that nobody has asked for would be taken for the next answer.
      if (isReusable && connection.buffered === 0) this.#keep(connection, origin);
      else this.#close(connection);
    });
    return { status: head.status, headers: head.fields, body };
  }

  /** A kept connection to `origin`, the last one that was used. */
  #take(origin: string): HttpConnection | undefined {
    const freshMs = performance.now() - IDLE_MS;
    while (this.#idle.length > 0 && this.#idle[0]!.sinceMs < freshMs) {
      this.#idle.shift()!.connection.close();
    }
    const index = this.#idle.findLastIndex((idle) => idle.origin === origin);
    if (index < 0) return undefined;
    const [{ connection }] = this.#idle.splice(index, 1) as [Idle];
    this.#busy.add(connection);
    return connection;
  }

  #keep(connection: HttpConnection, origin: string): void {
    if (!this.#busy.delete(connection)) return; // all have been closed
    this.#idle.push({ origin, connection, sinceMs: performance.now() });
    if (this.#idle.length > this.#options.most) this.#idle.shift()!.connection.close();
  }

  #close(connection: HttpConnection): void {
    this.#busy.delete(connection);
    connection.close();
  }
}

function closedEarly(): DownloadError {
  return new DownloadError("connect", "the server closed the connection", { retryable: true });
}
