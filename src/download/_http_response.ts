import type { Fields } from "./_http_head.ts";

/** Where the bytes of a body come from. */
export interface ByteSource {
  /** What aborts it without being asked to, if anything does. */
  readonly signal?: AbortSignal | undefined;
  /**
   * As {@linkcode next}, if it need not wait for anything; `undefined` also says that it must, or
   * that nothing follows.
   */
  ready?(most: number): Uint8Array<ArrayBuffer> | undefined;
  /**
   * The next bytes, at most `most` of them; `undefined` when the body has ended as it should. They
   * stay as they are until the second call after this one, or until they are released.
   *
   * @throws {DownloadError} if the connection breaks, or what it brings makes no sense.
   */
  next(most: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** The last piece is needed no longer: the next one may take its place in memory. */
  release?(): void;
  /**
   * Gives up what has not been read; also to be called when all has been, and when no piece is in
   * use any more: from then on others may use their memory, and the connection.
   */
  cancel(): void;
  /**
   * Gives up what has not been read, and the connection. A call of `next` under way ends, with an
   * error or not; the pieces stay as they are.
   */
  abort(): void;
}

/** An answer to a request, before its body has been read. */
export interface HttpResponse {
  /** The status. */
  readonly status: number;
  /** The header fields. */
  readonly headers: Fields;
  /** The bytes of the body; it may be empty. */
  readonly body: ByteSource;
}
