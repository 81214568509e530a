import { bodyOf } from "./_http_body.ts";
import { HttpConnection, type Wire } from "./_http_connection.ts";
import { encodeGet } from "./_http_head.ts";
import type { HttpResponse } from "./_http_response.ts";
import { DownloadError } from "./errors.ts";

/** How {@linkcode Connections} are made and kept. */
export interface ConnectionsOptions {
  /** Opens a connection to the server of a URL. */
  readonly dial: (url: URL, signal: AbortSignal) => Promise<Wire>;
  /** How many may be in use at the same time. */
  readonly most: number;
  /** How many are kept for later, those to all servers together. */
  readonly kept: number;
}

/** All buffers of connections in use together may take so much, … */
const ALL_BUFFERS = 32 * 1024 * 1024;

/** … and none needs more than this. */
const MOST_BUFFER = 512 * 1024;

/** After so long a connection may have been forgotten by something between the two ends. */
const IDLE_MS = 60_000;

/** A connection that waits for its next request. */
interface Idle {
  readonly connection: HttpConnection;
  readonly sinceMs: number;
}

/** The connections to all servers; one that has brought its answer is used again. */
export class Connections implements Disposable {
  readonly #options: ConnectionsOptions;
  readonly #mostBuffer: number;
  /**
   * By their origin, those that have waited longest first. An empty list stays for the connection
   * that was taken from it: tables that change with each request would leave garbage that only a
   * full collection finds.
   */
  readonly #idle = new Map<string, Idle[]>();
  #idleCount = 0;
  #isDisposed = false;
  /** All that are open. */
  readonly #open = new Set<HttpConnection>();

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
    const { origin } = url;
    for (;;) {
      const kept = this.#take(origin);
      const connection = kept ?? await this.#connect(url, signal);
      try {
        const response = await this.#ask(connection, request, origin, signal);
        if (response) return response;
        signal.throwIfAborted();
        if (!kept) throw closedEarly();
      } catch (error) {
        signal.throwIfAborted();
        if (!kept || connection.isAnswered) throw error;
      }
      // The server has closed the kept connection meanwhile, as it may: another one will do.
    }
  }

  /** Closes all of them. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#idle.clear();
    for (const connection of this.#open) connection.close();
    this.#open.clear();
  }

  async #connect(url: URL, signal: AbortSignal): Promise<HttpConnection> {
    const wire = await this.#options.dial(url, signal);
    const connection = new HttpConnection(wire, this.#mostBuffer);
    if (this.#isDisposed) connection.close();
    else this.#open.add(connection);
    return connection;
  }

  /**
   * The answer to a request; `undefined` if the connection ends before it. From here until the end
   * of its body the signal closes the connection.
   */
  async #ask(
    connection: HttpConnection,
    request: Uint8Array,
    origin: string,
    signal: AbortSignal,
  ): Promise<HttpResponse | undefined> {
    const onAbort = () => connection.close();
    const end = (isReusable: boolean) => {
      signal.removeEventListener("abort", onAbort);
      // Bytes that nobody has asked for would be taken for the next answer.
      if (isReusable && !connection.closed && connection.buffered === 0) {
        this.#keep(connection, origin);
      } else this.#close(connection, origin);
    };
    signal.addEventListener("abort", onAbort);
    try {
      signal.throwIfAborted();
      const head = await connection.send(request) ? await connection.head() : undefined;
      if (head) {
        const { status, fields } = head;
        return { status, headers: fields, body: bodyOf(head, connection, end, signal) };
      }
    } catch (error) {
      end(false);
      throw error;
    }
    end(false);
    return undefined;
  }

  /** A kept connection to `origin`, the last one that was used. */
  #take(origin: string): HttpConnection | undefined {
    const last = this.#idle.get(origin)?.pop();
    if (!last) return undefined;
    const { connection, sinceMs } = last;
    this.#idleCount--;
    if (!connection.isDisturbed && performance.now() - sinceMs < IDLE_MS) return connection;
    this.#close(connection, origin);
    return this.#take(origin);
  }

  #keep(connection: HttpConnection, origin: string): void {
    if (this.#isDisposed) return; // all have been closed
    connection.rest();
    const entry = { connection, sinceMs: performance.now() };
    const idle = this.#idle.get(origin);
    if (idle) idle.push(entry);
    else this.#idle.set(origin, [entry]);
    if (++this.#idleCount > this.#options.kept) this.#closeOne();
  }

  /** Closes the kept connection that has waited longest. */
  #closeOne(): void {
    let longest: { origin: string; idle: Idle[]; sinceMs: number } | undefined;
    for (const [origin, idle] of this.#idle) {
      const { sinceMs = Infinity } = idle[0] ?? {};
      if (sinceMs < (longest?.sinceMs ?? Infinity)) longest = { origin, idle, sinceMs };
    }
    const { origin, idle } = longest!;
    this.#idleCount--;
    this.#close(idle.shift()!.connection, origin);
  }

  #close(connection: HttpConnection, origin: string): void {
    this.#open.delete(connection);
    connection.close();
    if (this.#idle.get(origin)?.length === 0) this.#idle.delete(origin);
  }
}

function closedEarly(): DownloadError {
  return new DownloadError("connect", "the server closed the connection", { retryable: true });
}
