import type { Fields } from "./_http_head.ts";

/**
 * What tells one state of a file on a server from another (RFC 9110 §8.8), and how long it is.
 *
 * What doesn't vouch for bytes is left out: a weak `ETag`, and a `Last-Modified` of the very second
 * of the answer, since the file may have changed again in that second (§8.8.2.2).
 */
export interface Representation {
  /** A strong `ETag`, with its quotes. */
  readonly etag?: string | undefined;
  /** `Last-Modified`, as the server wrote it. */
  readonly lastModified?: string | undefined;
  /** The whole length in bytes. */
  readonly length?: number | undefined;
  /** `Content-Disposition`, as the server wrote it: the name that it proposes. */
  readonly disposition?: string | undefined;
}

/** What an answer says of the file that it is a part, or the whole, of. */
export function representationOf(headers: Fields, length: number | undefined): Representation {
  const etag = headers.get("etag")?.trim();
  const lastModified = headers.get("last-modified") ?? undefined;
  const disposition = headers.get("content-disposition") ?? undefined;
  return {
    ...(etag !== undefined && isStrong(etag) ? { etag } : {}),
    ...(lastModified !== undefined && isPast(lastModified, headers.get("date"))
      ? { lastModified }
      : {}),
    ...(length === undefined ? {} : { length }),
    ...(disposition === undefined ? {} : { disposition }),
  };
}

/** Whether an `ETag` vouches for every byte. */
export function isStrong(etag: string): boolean {
  return /^"[^"]*"$/.test(etag);
}

/** Whether `then` is at least a second before `now`, if that is known. */
function isPast(then: string, now: string | null): boolean {
  const agoMs = Date.parse(now ?? "") - Date.parse(then);
  return Number.isNaN(agoMs) ? !Number.isNaN(Date.parse(then)) : agoMs >= 1000;
}

/** The validator for an `If-Range` header; without one, no download can be continued safely. */
export function validatorOf({ etag, lastModified }: Representation): string | undefined {
  return etag ?? lastModified;
}

/**
 * Whether `after` can be the same bytes as `before`: nothing that both of them say differs, and
 * the validator that the request relied upon is still there.
 */
export function sameRepresentation(before: Representation, after: Representation): boolean {
  const differs = (key: keyof Representation) =>
    before[key] !== undefined && after[key] !== undefined && before[key] !== after[key];
  if (differs("etag") || differs("lastModified") || differs("length")) return false;
  return before.etag === undefined || after.etag !== undefined;
}

/** Whether two servers vouch with the same words for the same bytes, as good mirrors do. */
export function sharesValidator(one: Representation, other: Representation): boolean {
  const shares = (key: keyof Representation) => one[key] !== undefined && one[key] === other[key];
  return shares("etag") || shares("lastModified");
}

/** A `Content-Range` header (RFC 9110 §14.4): `bytes 0-99/200`, or only the length in a 416. */
export interface ContentRange {
  /** The first byte; `undefined` where the range can't be had. */
  readonly start: number | undefined;
  /** One past the last byte. */
  readonly end: number | undefined;
  /** The length of the whole file; `undefined` where the server doesn't know it. */
  readonly length: number | undefined;
}

/** Reads the header; `undefined` if it is missing or makes no sense. */
export function contentRangeOf(headers: Fields): ContentRange | undefined {
  const text = headers.get("content-range") ?? "";
  const match = /^bytes\s+(?:(\d{1,15})-(\d{1,15})|\*)\/(?:(\d{1,15})|\*)$/i.exec(text.trim());
  if (!match) return undefined;
  const [start, last, length] = match.slice(1).map((digits) => digits && Number(digits)) as (
    | number
    | undefined
  )[];
  const end = last === undefined ? undefined : last + 1;
  if (start === undefined || end === undefined) {
    return length === undefined ? undefined : { start: undefined, end: undefined, length };
  }
  if (start >= end || (length !== undefined && end > length)) return undefined;
  return { start, end, length };
}
