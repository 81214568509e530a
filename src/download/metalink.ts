import { readXml, XmlError, type XmlEvent } from "./_xml.ts";
import { algorithmOf, type Checksum, checksumOf, strongest } from "./checksum.ts";
import { safePath } from "./naming.ts";
import { type DownloadRequest, parseUrl } from "./request.ts";
import { type ByteChunks, ListError } from "./url_list.ts";

/** A document larger than this is refused: the whole of it is in memory while it is read. */
const MAX_BYTES = 16 * 1024 * 1024;

/** What tells Metalink 4 from its predecessor and from everything else (RFC 5854 §2). */
const NAMESPACE = "urn:ietf:params:xml:ns:metalink";

/** The namespace of Metalink 3, which says the same things in another way. */
const OLD_NAMESPACE = "http://www.metalinker.org/";

/** The priority of a URL that has none: the last (RFC 5854 §4.2.16.1). */
const LAST_PRIORITY = 999_999;

/**
 * Reads a Metalink 4 document (RFC 5854): files, each with its name, its URLs and its hashes.
 *
 * - the URLs of a file are mirrors, those with the lowest `priority` first; only http and https
 *   are used
 * - of several hashes the strongest that is known is what the file must have
 * - a `size` is what the file must have as well
 * - everything else (pieces, torrents, descriptions, other namespaces) is passed over
 *
 * What can't be used comes as a {@linkcode ListError} in its place; what is no Metalink 4 document
 * in UTF-8, not well-formed, has a document type, or is larger than 16 MiB ends with one.
 *
 * ```ts
 * import { readMetalink } from "@dlm/dlm/download";
 * import { assertEquals } from "@std/assert";
 *
 * const metalink = `<metalink xmlns="urn:ietf:params:xml:ns:metalink">
 *   <file name="a.zip">
 *     <url priority="2">https://b.example/a.zip</url>
 *     <url priority="1">https://a.example/a.zip</url>
 *   </file>
 * </metalink>`;
 * const [file] = await Array.fromAsync(readMetalink(new Blob([metalink]).stream()));
 * if (!file || file instanceof Error) throw file;
 * assertEquals(file.name, "a.zip");
 * assertEquals(file.urls.map((url) => url.host), ["a.example", "b.example"]);
 * ```
 */
export async function* readMetalink(
  source: ByteChunks,
): AsyncGenerator<DownloadRequest | ListError, void> {
  const text = await readText(source);
  if (text instanceof ListError) {
    yield text;
    return;
  }
  try {
    yield* files(readXml(text));
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    yield new ListError(error.line, `the Metalink file is no good: ${error.message}`);
  }
}

/** The whole document, if it isn't too large. */
async function readText(source: ByteChunks): Promise<string | ListError> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const parts: string[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) {
      return new ListError(1, `a Metalink file must be no larger than ${MAX_BYTES} bytes`);
    }
    const part = decode(decoder, chunk);
    if (part === undefined) return notUtf8();
    parts.push(part);
  }
  const last = decode(decoder);
  return last === undefined ? notUtf8() : parts.join("") + last;
}

function notUtf8(): ListError {
  return new ListError(1, "a Metalink file must be in UTF-8");
}

/** The text of the next piece, or of what is left; `undefined` if it isn't UTF-8. */
function decode(decoder: TextDecoder, chunk?: Uint8Array<ArrayBuffer>): string | undefined {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    return undefined;
  }
}

type OpenEvent = Extract<XmlEvent, { type: "open" }>;

/** The names of the elements that matter, at the depth where they do. */
const FIELDS = new Set(["url", "hash", "size"]);

function* files(events: Iterable<XmlEvent>): Generator<DownloadRequest | ListError, void> {
  let depth = 0;
  let count = 0;
  let file: FileElement | undefined;
  let field: { readonly element: OpenEvent; text: string } | undefined;
  for (const event of events) {
    if (event.type === "open") {
      depth++;
      const isOurs = event.namespace === NAMESPACE;
      if (depth === 1) checkRoot(event);
      else if (depth === 2 && isOurs && event.name === "file") file = new FileElement(event);
      else if (depth === 3 && isOurs && file && FIELDS.has(event.name)) {
        field = { element: event, text: "" };
      }
    } else if (event.type === "text") {
      if (field && depth === 3) field.text += event.text;
    } else {
      if (depth === 3 && field) {
        file?.add(field.element, field.text.trim());
        field = undefined;
      } else if (depth === 2 && file) {
        count++;
        yield file.finish();
        file = undefined;
      }
      depth--;
    }
  }
  if (count === 0) yield new ListError(1, "the Metalink file names no file");
}

function checkRoot({ name, namespace, line }: OpenEvent): void {
  if (name === "metalink" && namespace === NAMESPACE) return;
  const isOld = namespace === OLD_NAMESPACE;
  throw new XmlError(
    line,
    isOld
      ? "that is Metalink 3; ask for Metalink 4 (.meta4)"
      : `its root must be <metalink xmlns="${NAMESPACE}">, got <${name}>`,
  );
}

/** One `<file>` and what stands in it. */
class FileElement {
  readonly #line: number;
  readonly #label: string;
  readonly #mirrors: { readonly url: URL; readonly priority: number }[] = [];
  readonly #checksums: Checksum[] = [];
  #size: number | undefined;
  #name: string | undefined;
  #error: ListError | undefined;

  constructor({ attributes, line }: OpenEvent) {
    const name = attributes.get("name");
    this.#line = line;
    this.#label = name === undefined ? "<file>" : `<file name="${name.slice(0, 100)}">`;
    this.#attempt(line, () => {
      if (name === undefined) throw new TypeError("it has no name");
      this.#name = safePath(name);
    });
  }

  add(element: OpenEvent, text: string): void {
    this.#attempt(element.line, () => {
      if (element.name === "url") this.#addUrl(element, text);
      else if (element.name === "size") this.#setSize(text);
      else this.#addHash(element, text);
    });
  }

  finish(): DownloadRequest | ListError {
    const byPriority = this.#mirrors.sort((one, other) => one.priority - other.priority);
    const [first, ...others] = byPriority.map(({ url }) => url);
    if (this.#error) return this.#error;
    if (!first) {
      return new ListError(this.#line, `${this.#label}: it has no http or https URL`);
    }
    const checksum = strongest(this.#checksums);
    return {
      urls: [first, ...others],
      name: this.#name,
      ...(checksum ? { checksum } : {}),
      ...(this.#size === undefined ? {} : { size: this.#size }),
      line: this.#line,
    };
  }

  #addUrl({ attributes }: OpenEvent, text: string): void {
    const scheme = URL.parse(text)?.protocol ?? "http:";
    if (scheme !== "http:" && scheme !== "https:") return;
    const priority = attributes.get("priority") ?? `${LAST_PRIORITY}`;
    if (!/^\d{1,6}$/.test(priority) || Number(priority) === 0) {
      throw new TypeError(
        `the priority of <url> must be from 1 to ${LAST_PRIORITY}, got "${priority.slice(0, 40)}"`,
      );
    }
    this.#mirrors.push({ url: parseUrl(text), priority: Number(priority) });
  }

  #setSize(text: string): void {
    const size = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(size)) {
      throw new TypeError(`<size> must be a number of bytes, got "${text.slice(0, 40)}"`);
    }
    if (this.#size !== undefined && this.#size !== size) {
      throw new TypeError(`it has two sizes, ${this.#size} and ${size}`);
    }
    this.#size = size;
  }

  #addHash({ attributes }: OpenEvent, text: string): void {
    const algorithm = algorithmOf(attributes.get("type") ?? "");
    if (algorithm) this.#checksums.push(checksumOf(algorithm, text));
  }

  /** The first error stands for the whole file: without its hash it is not what was asked. */
  #attempt(line: number, parse: () => void): void {
    try {
      parse();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#error ??= new ListError(line, `${this.#label}: ${message}`);
    }
  }
}
