import { type Fields, lengthOf } from "./_http_head.ts";
import type { HttpResponse } from "./_http_response.ts";
import type { Partial } from "./_partial.ts";
import type { Range } from "./_ranges.ts";
import {
  contentRangeOf,
  representationOf,
  sameRepresentation,
  validatorOf,
} from "./_representation.ts";
import { DownloadError } from "./errors.ts";

/** What is in place can't be continued: the file has changed, or the server's ranges are no use. */
export class StartOver extends DownloadError {
  /** Says why; another attempt, from the first byte, may succeed. */
  constructor(message: string) {
    super("protocol", message, { retryable: true });
  }
}

/** A body that belongs at a place in the file. */
export interface Answer {
  /** Its headers and its bytes. */
  readonly response: HttpResponse;
  /** Where it begins. */
  readonly start: number;
  /** Where it ends, if it says so. */
  readonly end: number | undefined;
  /** Whether other parts can be asked for. */
  readonly divisible: boolean;
}

/** The headers that ask for a range, and for the whole if the file is not what it was. */
export function rangeHeaders(
  { start, end }: Range,
  validator: string | undefined,
): [name: string, value: string][] {
  const range = `bytes=${start}-${end === Infinity ? "" : end - 1}`;
  return validator === undefined ? [["range", range]] : [["range", range], ["if-range", validator]];
}

/**
 * Takes what an answer says of the file, and where its body belongs; `undefined` if it says that
 * nothing is missing, and its body is given up. `asked` is where the range that was asked for
 * begins, if one was.
 *
 * @throws {StartOver} if it doesn't fit what is in place.
 * @throws {DownloadError} `protocol` if it doesn't fit the request.
 */
export function interpret(
  response: HttpResponse,
  url: string,
  partial: Partial,
  asked: number | undefined,
  hasChecksum: boolean,
): Answer | undefined {
  const { status, headers } = response;
  if (status === 206 && asked !== undefined) {
    const end = takePart(response, url, partial, asked, hasChecksum);
    return { response, start: asked, end, divisible: true };
  }
  if (status === 416 && asked !== undefined) {
    beyondEnd(headers, url, partial);
    response.body.cancel();
    return undefined;
  }
  if (status !== 200 && status !== 203 && status !== 204) {
    throw new DownloadError("protocol", `the server answered ${status} to a plain request`);
  }
  // The whole file, asked for or not: what is in place is of no use.
  if (partial.done.size > 0) partial.restart();
  const end = contentLength(headers, status);
  partial.adopt(url, representationOf(headers, end));
  const divisible = end !== undefined && headers.get("accept-ranges")?.toLowerCase() === "bytes";
  return { response, start: 0, end, divisible };
}

/**
 * Checks that an answer is the part of the file that one more connection has asked for.
 *
 * @throws {StartOver} if it is not.
 */
export function checkPart(
  response: HttpResponse,
  url: string,
  partial: Partial,
  { start }: Range,
  hasChecksum: boolean,
): void {
  if (response.status !== 206) throw new StartOver("the server no longer sends parts of the file");
  takePart(response, url, partial, start, hasChecksum);
}

/** Whether parts that come in different answers can be told from parts of different files. */
export function isTrustworthy({ representation }: Partial, hasChecksum: boolean): boolean {
  return hasChecksum || validatorOf(representation) !== undefined;
}

/** Takes what a 206 says of the file; resolves with where its part ends. */
function takePart(
  { headers }: HttpResponse,
  url: string,
  partial: Partial,
  asked: number,
  hasChecksum: boolean,
): number {
  const { end, length } = partOf(headers, asked);
  const representation = representationOf(headers, length);
  if (!partial.accepts(url, representation, hasChecksum)) throw changed();
  partial.adopt(url, representation);
  return end;
}

/** The range of a 206, which must begin where it was asked to. */
function partOf(headers: Fields, asked: number): { end: number; length: number | undefined } {
  const { start, end, length } = contentRangeOf(headers) ?? {};
  const isMultipart = /^multipart\//i.test(headers.get("content-type") ?? "");
  if (start !== asked || end === undefined || isMultipart) {
    throw new StartOver("the server sent another part of the file than was asked for");
  }
  const size = contentLength(headers, 206);
  if (size !== undefined && size !== end - asked) {
    throw new StartOver("the server sent a part of another length than it says");
  }
  return { end, length };
}

function changed(): StartOver {
  return new StartOver("the file has changed on the server");
}

/** 416: the server has nothing from there on, which is as it should be if all is in place. */
function beyondEnd(headers: Fields, url: string, partial: Partial): void {
  const { done, representation: known } = partial;
  const length = contentRangeOf(headers)?.length;
  // A 416 need not name the validator, but must not name another one.
  const same = sameRepresentation(known, { ...known, ...representationOf(headers, length) });
  if (length === undefined || !done.isExactly(length) || !same) {
    throw new StartOver("the server cannot continue the file");
  }
  partial.adopt(url, { length });
}

/** The length that the headers promise; `undefined` when the body's end is its only mark. */
export function contentLength(headers: Fields, status: number): number | undefined {
  if (status === 204) return 0;
  if (headers.has("transfer-encoding")) return undefined; // it overrides a length (RFC 9112 §6.3)
  return lengthOf(headers.get("content-length"));
}
