import { readMetalink } from "./metalink.ts";
import type { DownloadRequest } from "./request.ts";
import { type ByteChunks, type ListError, readUrlList } from "./url_list.ts";

/** A list that begins with more blanks than this is a list of URLs. */
const MAX_BLANKS = 64 * 1024;

/**
 * Reads a list of URLs ({@linkcode readUrlList}) or a Metalink 4 document
 * ({@linkcode readMetalink}), whichever it is: what begins with `<` is a document, since no URL
 * does.
 *
 * Nothing is read beyond the first character that is not blank until the first request is taken.
 *
 * ```ts
 * import { readRequestList } from "@dlm/dlm/download";
 * import { assertEquals } from "@std/assert";
 *
 * const list = readRequestList(new Blob(["http://a.example/1.zip\n"]).stream());
 * for await (const entry of list) {
 *   if (entry instanceof Error) throw entry;
 *   assertEquals(entry.urls[0].href, "http://a.example/1.zip");
 * }
 * ```
 */
export async function* readRequestList(
  source: ByteChunks,
): AsyncGenerator<DownloadRequest | ListError, void> {
  const { isDocument, whole } = await peek(source);
  yield* isDocument ? readMetalink(whole) : readUrlList(whole);
}

/** How `source` begins, and all of it. */
async function peek(source: ByteChunks): Promise<{ isDocument: boolean; whole: ByteChunks }> {
  const chunks = source[Symbol.asyncIterator]();
  const begin: Uint8Array<ArrayBuffer>[] = [];
  let first: number | undefined;
  for (let blanks = 0; first === undefined && blanks <= MAX_BLANKS;) {
    const { done, value } = await chunks.next();
    if (done) break;
    begin.push(value);
    blanks += value.length;
    first = value.find((byte) => !BLANKS.has(byte));
  }
  const whole = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const value = begin.shift();
        return value ? Promise.resolve({ done: false as const, value }) : chunks.next();
      },
      return: async () => await chunks.return?.() ?? { done: true as const, value: undefined },
    }),
  };
  return { isDocument: first === 0x3c, whole };
}

/** White space, and the bytes of a byte order mark in UTF-8. */
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);
