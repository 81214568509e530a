import type { HttpConnection } from "./_http_connection.ts";
import { type Head, lengthOf } from "./_http_head.ts";
import type { ByteSource } from "./_http_response.ts";
import { DownloadError } from "./errors.ts";

/** Told once, when a body needs its connection no more: whether another request may follow on it. */
type OnDone = (isReusable: boolean) => void;

/** Statuses whose answers never have a body (RFC 9110 §6.4.1). */
const BODILESS = new Set([204, 304]);

/**
 * The body that follows `head` (RFC 9112 §6.3): none, so many bytes, chunks, or all until the
 * connection ends. `signal` is what closes the connection until the body has done with it.
 *
 * @throws {DownloadError} `connect` if the head leaves it open where the body ends.
 */
export function bodyOf(
  head: Head,
  connection: HttpConnection,
  onDone: OnDone,
  signal?: AbortSignal,
): ByteSource {
  const { status, fields } = head;
  const use = { connection, signal, onDone, keepsAlive: staysOpen(head) };
  if (BODILESS.has(status)) return new SizedBody(use, 0);
  const coding = fields.get("transfer-encoding");
  if (coding !== null) {
    if (CHUNKED.test(coding)) return new ChunkedBody(use);
    if (UNCODED.test(coding)) return new OpenBody(use);
    throw new DownloadError("connect", "the server sent a coding that was not asked for", {
      retryable: true,
    });
  }
  const length = lengthOf(fields.get("content-length"));
  return length === undefined ? new OpenBody(use) : new SizedBody(use, length);
}

/** In chunks, and in nothing else; some servers say so twice, but do it once. */
const CHUNKED = /^chunked(?:[ \t]*,[ \t]*chunked)*$/i;

/** What servers of old said for no coding at all. */
const UNCODED = /^identity$/i;

/**
 * Whether the server will answer further requests on the connection (RFC 9112 §9.3). Where a head
 * says in two ways where its body ends, or an old server in a new one, somebody in between may have
 * understood it otherwise (§6.1 and §6.3).
 */
function staysOpen({ isCurrent, fields }: Head): boolean {
  if (fields.has("transfer-encoding") && (!isCurrent || fields.has("content-length"))) return false;
  const options = fields.get("connection");
  if (options === null) return isCurrent;
  return !/\bclose\b/i.test(options) && (isCurrent || /\bkeep-alive\b/i.test(options));
}

/** A body's use of its connection. */
interface Use {
  readonly connection: HttpConnection;
  readonly signal: AbortSignal | undefined;
  readonly onDone: OnDone;
  /** Whether another request may follow. */
  readonly keepsAlive: boolean;
}

/**
 * What the bodies have in common: a connection that they use until they are cancelled, even if their
 * end has been read before. Until then their last pieces lie in its buffers.
 */
abstract class Body implements ByteSource {
  readonly #use: Use;
  #isDone = false;

  constructor(use: Use) {
    this.#use = use;
  }

  get signal(): AbortSignal | undefined {
    return this.#use.signal;
  }

  release(): void {
    this.connection.release();
  }

  abstract next(most: number): Promise<Uint8Array<ArrayBuffer> | undefined>;

  cancel(): void {
    this.finish(false);
  }

  abort(): void {
    this.finish(false);
  }

  protected get connection(): HttpConnection {
    return this.#use.connection;
  }

  /** Whether the connection is not needed any more. */
  protected get isDone(): boolean {
    return this.#isDone;
  }

  /** The connection is not needed any more. */
  protected finish(isReusable: boolean): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#use.onDone(isReusable && this.#use.keepsAlive);
  }

  /** The body has ended before its time. */
  protected fail(error: unknown): never {
    this.finish(false);
    throw error;
  }
}

/** As many bytes as the head has said. */
class SizedBody extends Body {
  #left: number;

  constructor(use: Use, length: number) {
    super(use);
    this.#left = length;
  }

  ready(most: number): Uint8Array<ArrayBuffer> | undefined {
    if (this.isDone || this.#left === 0) return undefined;
    const piece = this.connection.ready(Math.min(most, this.#left));
    if (piece) this.#left -= piece.length;
    return piece;
  }

  async next(most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.isDone || this.#left === 0) return undefined;
    try {
      const piece = await this.connection.some(Math.min(most, this.#left));
      if (piece === undefined) throw connectionClosed();
      this.#left -= piece.length;
      return piece;
    } catch (error) {
      this.fail(error);
    }
  }

  /** A rest that has come already is passed over, which spares the connection. */
  override cancel(): void {
    if (this.isDone) return;
    const isHere = this.connection.buffered >= this.#left;
    if (isHere) this.connection.skip(this.#left);
    this.finish(isHere);
  }
}

/** Chunked transfer coding (RFC 9112 §7.1). */
class ChunkedBody extends Body {
  /** The bytes that are left of the chunk. */
  #left = 0;
  #begun = false;
  #ended = false;

  async next(most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.isDone || this.#ended) return undefined;
    try {
      if (this.#left === 0) this.#left = await this.#nextChunk();
      if (this.#left === 0) return void (this.#ended = true);
      const piece = await this.connection.some(Math.min(most, this.#left));
      if (piece === undefined) throw connectionClosed();
      this.#left -= piece.length;
      return piece;
    } catch (error) {
      this.fail(error);
    }
  }

  override cancel(): void {
    this.finish(this.#ended);
  }

  /** The size of the next chunk; 0 for the last one, whose trailer is passed over. */
  async #nextChunk(): Promise<number> {
    if (this.#begun && await this.#line() !== "") throw badChunk();
    this.#begun = true;
    const [, digits] = /^([\da-f]{1,12})[ \t]*(?:;.*)?$/i.exec(await this.#line()) ?? [];
    if (digits === undefined) throw badChunk();
    const size = parseInt(digits, 16);
    if (size === 0) await this.#passTrailer();
    return size;
  }

  async #passTrailer(): Promise<void> {
    for (let lines = 0; await this.#line() !== ""; lines++) {
      if (lines === MOST_TRAILER_LINES) throw badChunk();
    }
  }

  async #line(): Promise<string> {
    const line = await this.connection.line();
    if (line === undefined) throw connectionClosed();
    return line;
  }
}

/** More fields than this behind a body have no good reason. */
const MOST_TRAILER_LINES = 100;

/** Everything until the server closes the connection. */
class OpenBody extends Body {
  async next(most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.isDone) return undefined;
    try {
      const piece = await this.connection.some(most);
      if (piece === undefined) this.finish(false);
      return piece;
    } catch (error) {
      this.fail(error);
    }
  }
}

function connectionClosed(): DownloadError {
  return new DownloadError("connect", "the server closed the connection", { retryable: true });
}

function badChunk(): DownloadError {
  return new DownloadError("connect", "the server sent a chunk that makes no sense", {
    retryable: true,
    advice: "try again later",
  });
}
