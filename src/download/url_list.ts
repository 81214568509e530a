import { parseChecksum } from "./checksum.ts";
import { safePath } from "./naming.ts";
import { type DownloadRequest, parseUrl } from "./request.ts";

/** The bytes of a file, piece by piece; a `ReadableStream` of them, for example. */
export type ByteChunks = AsyncIterable<Uint8Array<ArrayBuffer>>;

/** A line that can't be used. The message says why; the other lines are not affected. */
export class ListError extends Error {
  /** The class's own name. */
  override readonly name = "ListError";
  /** The number of the line, from 1. */
  readonly line: number;

  /** Describes what is wrong with `line`. */
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** A line longer than this is no URL; it is refused instead of held in memory. */
const MAX_LINE_LENGTH = 64 * 1024;

/**
 * Reads a list of URLs: one file a line, in the format of aria2's input files.
 *
 * - blank lines and lines that start with `#` mean nothing
 * - further URLs on a line, each after a TAB, are mirrors of the first
 * - indented lines below a URL are its options: `out=NAME`, `dir=DIR`, `checksum=sha-256=HEX`,
 *   `header=Name: value` (repeatable), `priority=N`
 *
 * The list is read as a stream, in memory for one entry, and no faster than it is consumed. An
 * entry is complete when the next one begins, so options may follow at any time. What can't be
 * used comes as a {@linkcode ListError} in its place.
 *
 * ```ts
 * import { readUrlList } from "@dlm/dlm/download";
 * import { assertEquals } from "@std/assert";
 *
 * const list = "# two files\nhttp://a.example/1.zip\n  out=one.zip\nhttp://a.example/2.zip\n";
 * const names: (string | undefined)[] = [];
 * for await (const entry of readUrlList(new Blob([list]).stream())) {
 *   if (!(entry instanceof Error)) names.push(entry.name);
 * }
 * assertEquals(names, ["one.zip", undefined]);
 * ```
 */
export async function* readUrlList(
  source: ByteChunks,
): AsyncGenerator<DownloadRequest | ListError, void> {
  let open: Entry | undefined;
  let number = 0;
  for await (const batch of lines(source)) {
    for (const line of batch) {
      number++;
      const text = line.trim();
      if (text === "" || text.startsWith("#")) continue;
      if (/^[ \t]/.test(line)) {
        if (open) open.addOption(text, number);
        else yield new ListError(number, `"${text}" is an option, but no URL stands above it`);
        continue;
      }
      if (open) yield open.finish();
      open = new Entry(text, number);
    }
  }
  if (open) yield open.finish();
}

/** One URL line and the options below it. */
class Entry {
  readonly #request: { -readonly [K in keyof DownloadRequest]?: DownloadRequest[K] };
  #error: ListError | undefined;

  constructor(text: string, line: number) {
    this.#request = { line };
    this.#attempt(line, () => {
      checkLength(text);
      this.#request.urls = text.includes("\t") ? parseUrls(text) : [parseUrl(text)];
    });
  }

  addOption(text: string, line: number): void {
    this.#attempt(line, () => {
      checkLength(text);
      const at = text.indexOf("=");
      const [key, value] = at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1).trim()];
      const request = this.#request;
      switch (key.trim()) {
        case "out":
          request.name = safePath(value);
          break;
        case "dir":
          if (value === "") throw new TypeError("dir= needs a folder");
          request.dir = value;
          break;
        case "checksum":
          request.checksum = parseChecksum(value);
          break;
        case "header":
          request.headers = [...request.headers ?? [], parseHeader(value)];
          break;
        case "priority":
          if (!/^[+-]?\d{1,9}$/.test(value)) {
            throw new TypeError(`priority= needs a whole number, got "${value}"`);
          }
          request.priority = Number(value);
          break;
        default:
          throw new TypeError(
            `"${key.trim()}" is not an option; known are out, dir, checksum, header, priority`,
          );
      }
    });
  }

  finish(): DownloadRequest | ListError {
    const { urls, ...rest } = this.#request;
    return this.#error ?? { urls: urls!, ...rest };
  }

  /** The first error stands for the whole entry: a file without its checksum is not what was asked. */
  #attempt(line: number, parse: () => void): void {
    try {
      parse();
    } catch (error) {
      this.#error ??= new ListError(line, error instanceof Error ? error.message : String(error));
    }
  }
}

/** A URL and its mirrors. */
function parseUrls(text: string): [URL, ...URL[]] {
  const [first, ...mirrors] = text.split("\t").map((url) => url.trim()).filter(Boolean);
  return [parseUrl(first!), ...mirrors.map(parseUrl)];
}

function checkLength(text: string): void {
  if (text.length > MAX_LINE_LENGTH) {
    throw new TypeError(`longer than ${MAX_LINE_LENGTH} characters`);
  }
}

/**
 * `text` as a header line, `Name: value`.
 *
 * @throws {TypeError} if the name is no token or the value holds a line break.
 */
export function parseHeader(text: string): readonly [name: string, value: string] {
  const at = text.indexOf(":");
  const name = text.slice(0, Math.max(at, 0)).trim();
  const value = text.slice(at + 1).trim();
  try {
    new Headers([[name, value]]);
  } catch {
    throw new TypeError(`"${name || text}" is not a header; write it as Name: value`);
  }
  return [name, value];
}

/**
 * The lines of `source`, as many at once as come. CR LF and a byte order mark are fine. Of a line
 * that is too long, only so much is kept that this shows.
 */
async function* lines(source: ByteChunks): AsyncGenerator<string[], void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of source) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop()!.slice(0, MAX_LINE_LENGTH + 1);
    yield parts;
  }
  rest += decoder.decode();
  if (rest !== "") yield [rest];
}
