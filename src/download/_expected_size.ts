import type { Fields } from "./_http_head.ts";
import { contentLength } from "./_answer.ts";
import { contentRangeOf } from "./_representation.ts";
import type { Task } from "./_task.ts";
import { DownloadError } from "./errors.ts";

/** A mirror has a file of another size than the list says. */
export class WrongSize extends DownloadError {
  /** Another mirror may have the right one. `got` says how many bytes there are instead. */
  constructor(got: string, expected: number, retryable: boolean) {
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
export function checkSize(task: Task, got: number | undefined): void {
  const { size } = task.request;
  if (size === undefined || got === undefined || got === size) return;
  throw wrongSize(task, `${got}`);
}

/** Where a body without a length is cut: one byte more than expected tells enough. */
export function cutOf({ request: { size } }: Task): number {
  return size === undefined ? Infinity : size + 1;
}

/**
 * The size of a file so far, whose body has no length and has not ended.
 *
 * @throws {WrongSize} if that is more than the request says.
 */
export function checkCut(task: Task, got: number): void {
  if (got >= cutOf(task)) throw wrongSize(task, `at least ${got}`);
}

function wrongSize({ request: { size }, mirrors }: Task, got: string): WrongSize {
  return new WrongSize(got, size!, mirrors.drop(mirrors.current));
}

/** The size of the whole file, as far as the headers of an answer tell it. */
export function sizeOf(headers: Fields): number | undefined {
  if (headers.has("content-range")) return contentRangeOf(headers)?.length;
  return contentLength(headers, 200);
}
