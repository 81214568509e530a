import type { Fields } from "./_http_head.ts";
import { contentLength } from "./_answer.ts";
import { contentRangeOf } from "./_representation.ts";
import type { Task } from "./_task.ts";
import { DownloadError } from "./errors.ts";

/** A mirror has a file of another size than the list says. */
export class WrongSize extends DownloadError {
  /** Another mirror may have the right one. */
  constructor(got: number, expected: number, retryable: boolean) {
    super("protocol", `the server's file has ${got} bytes, but ${expected} are expected`, {
      retryable,
      advice: "check where the expected size comes from",
    });
  }
}

/**
 * Compares the size of a file, as far as it is known, with what the request says. The mirror that
 * has another one is dropped, if there are others.
 *
 * @throws {WrongSize} if they differ.
 */
export function checkSize({ request: { size }, mirrors }: Task, got: number | undefined): void {
  if (size === undefined || got === undefined || got === size) return;
  throw new WrongSize(got, size, mirrors.drop(mirrors.current));
}

/** The size of the whole file, as far as the headers of an answer tell it. */
export function sizeOf(headers: Fields): number | undefined {
  if (headers.has("content-range")) return contentRangeOf(headers)?.length;
  return contentLength(headers, 200);
}
