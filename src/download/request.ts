import type { Checksum } from "./checksum.ts";

/** One file to download. */
export interface DownloadRequest {
  /** Where it is: the first URL, then mirrors that serve the same bytes. http or https only. */
  readonly urls: readonly [URL, ...URL[]];
  /** Its name below the folder, possibly with subfolders. Default: taken from the first URL. */
  readonly name?: string | undefined;
  /** Its folder. Default: the manager's. */
  readonly dir?: string | undefined;
  /** What its bytes must hash to. */
  readonly checksum?: Checksum | undefined;
  /**
   * Its size in bytes: a server whose file has another one is not asked for its bytes, and a file of
   * another size does not get its name.
   */
  readonly size?: number | undefined;
  /** Headers for this file only, sent only to the origins of {@linkcode urls}. */
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Higher goes first among the files that wait in the queue. Default: 0. */
  readonly priority?: number | undefined;
  /** Where the request was read, for messages. */
  readonly line?: number | undefined;
}

/**
 * `text` as an http or https URL.
 *
 * @throws {TypeError} saying what is wrong with it, without quoting credentials.
 */
export function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (!url) {
    const guess = /^[\w-]+(\.[\w-]+)+(:\d+)?(\/|$)/.test(text) && URL.canParse(`https://${text}`)
      ? `; did you mean https://${text}?`
      : "";
    throw new TypeError(`"${redactUrl(text)}" is not a URL${guess}`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError(`"${redactUrl(text)}" is not an http or https URL`);
  }
  if (text.includes("#")) url.hash = "";
  return url;
}

/** The URL as it may be printed: without user name and password. */
export function redactUrl(url: URL | string): string {
  const text = typeof url === "string" ? url : url.href;
  if (!text.includes("@")) return text;
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1");
}
