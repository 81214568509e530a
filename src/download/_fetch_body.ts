import { connectError } from "./_connect_error.ts";
import type { ByteSource, HttpResponse } from "./_http_response.ts";

/** An answer that `fetch` has brought. */
export function fetched(response: Response): HttpResponse {
  const { status, headers } = response;
  return { status, headers, body: new FetchBody(response.body) };
}

const BUFFER_BYTES = 256 * 1024;

/** The body of a `Response`, read into two buffers in turn. */
class FetchBody implements ByteSource {
  readonly #reader: ReadableStreamBYOBReader | undefined;
  /** The memory of the last piece, which is still in use, behind that of the one before. */
  readonly #buffers: ArrayBuffer[] = [];
  #done = false;

  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>> | null) {
    this.#reader = body?.getReader({ mode: "byob" });
  }

  async next(most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!this.#reader || this.#done) return undefined;
    const buffer = this.#buffers.length < 2
      ? new ArrayBuffer(BUFFER_BYTES)
      : this.#buffers.shift()!;
    try {
      const room = new Uint8Array(buffer, 0, Math.min(most, buffer.byteLength));
      const { value, done } = await this.#reader.read(room);
      this.#done = done;
      if (value) this.#buffers.push(value.buffer);
      return done ? undefined : value;
    } catch (error) {
      this.cancel();
      throw connectError(error);
    }
  }

  cancel(): void {
    this.#done = true;
    this.#reader?.cancel().catch(() => {}); // the connection may be gone already
  }

  abort(): void {
    this.cancel();
  }
}
