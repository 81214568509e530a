import { DownloadError } from "./errors.ts";

/** The header fields of an answer; `Headers` has them in the same form. */
export interface Fields {
  /** The value of a field, several of one name joined by `, `; `null` without one. */
  get(name: string): string | null;
  /** Whether there is a field of that name, in lower case. */
  has(name: string): boolean;
}

/** What stands before a body (RFC 9112 §2.1). */
export interface Head {
  /** Whether the server speaks HTTP/1.1, rather than 1.0. */
  readonly isCurrent: boolean;
  /** The status, from 100 to 999. */
  readonly status: number;
  /** The header fields. */
  readonly fields: Fields;
}

/** What a name consists of (RFC 9110 §5.6.2). */
const TOKEN = /[!#$%&'*+.^_`|~\dA-Za-z-]+/.source;

/** A status line, and lines with a name each. Line ends that end no line are nowhere allowed. */
const HEAD = new RegExp(
  String.raw`^HTTP/1\.([01]) ([1-9]\d\d)(?: [^\0\r\n]*)?\r?(?:\n${TOKEN}:[^\0\r\n]*\r?)*$`,
);

/** The old way to go on in the next line. */
const FOLD = /\r?\n[ \t]+/g;

/**
 * Reads the status line and the fields of an answer, without the empty line that ends them.
 *
 * @throws {DownloadError} `connect` if that is not HTTP.
 */
export function parseHead(text: string): Head {
  const match = HEAD.exec(text) ?? HEAD.exec(text.replace(FOLD, " "));
  if (!match) throw notHttp();
  const [head, version, status] = match;
  return { isCurrent: version === "1", status: Number(status), fields: new HeadFields(head) };
}

/** The fields of a head, each looked for when it is asked for: few of them ever are. */
class HeadFields implements Fields {
  readonly #text: string;
  readonly #lower: string;

  constructor(text: string) {
    this.#text = text;
    this.#lower = text.toLowerCase(); // as long as the text, since that is Latin-1
  }

  get(name: string): string | null {
    let at = this.#valueOf(name, 0);
    if (at < 0) return null;
    let value = this.#restOfLine(at);
    while ((at = this.#valueOf(name, at)) >= 0) value += `, ${this.#restOfLine(at)}`;
    return value;
  }

  has(name: string): boolean {
    return this.#valueOf(name, 0) >= 0;
  }

  /** Where the value of the next field of that name begins; -1 if there is none. */
  #valueOf(name: string, from: number): number {
    const lower = this.#lower;
    for (let at = lower.indexOf(name, from); at >= 0; at = lower.indexOf(name, at + 1)) {
      const end = at + name.length;
      if (lower.charCodeAt(at - 1) === LF && lower.charCodeAt(end) === COLON) return end + 1;
    }
    return -1;
  }

  /** What follows in a line. Only these are blanks: other bytes may be parts of letters in UTF-8. */
  #restOfLine(at: number): string {
    const text = this.#text;
    const lineEnd = text.indexOf("\n", at);
    let start = at;
    let end = lineEnd < 0 ? text.length : lineEnd;
    while (start < end && isBlank(text.charCodeAt(start))) start++;
    while (start < end && isBlank(text.charCodeAt(end - 1))) end--;
    return text.slice(start, end);
  }
}

const LF = 0x0a;
const COLON = 0x3a;

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}

const LENGTH = /^\d{1,15}$/;

/** The length that a field names; a repeated one must say the same each time. */
export function lengthOf(field: string | null): number | undefined {
  if (field === null) return undefined;
  if (LENGTH.test(field)) return Number(field);
  const values = new Set(field.split(",").map((value) => value.trim()));
  const [value = ""] = values;
  if (values.size === 1 && LENGTH.test(value)) return Number(value);
  const shown = field.length > 40 ? `${field.slice(0, 40)}…` : field;
  throw new DownloadError("connect", `the server says that the body is "${shown}" bytes long`, {
    retryable: true,
  });
}

/** The failure of a server that speaks another protocol, or none. */
export function notHttp(): DownloadError {
  return new DownloadError("connect", "the server does not answer in HTTP", {
    retryable: true,
    advice: "check the address",
  });
}

const NAME = new RegExp(`^${TOKEN}$`);

/** What may stand in a field of ours: no line ends, and nothing that has no byte of its own. */
const SENDABLE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Fields that say how the message itself is sent, which is not for others to say. */
const OWN_FIELDS = new Set(["connection", "content-length", "transfer-encoding", "upgrade", "te"]);

/**
 * The bytes of a GET with the given fields, whose names are in lower case.
 *
 * @throws {DownloadError} `protocol` if a field holds what can't be sent.
 */
export function encodeGet(url: URL, fields: readonly (readonly [string, string])[]): Uint8Array {
  let text = `GET ${url.pathname}${url.search} HTTP/1.1\r\n`;
  if (!has(fields, "host")) text += `host: ${url.host}\r\n`;
  for (const [name, value] of fields) {
    if (OWN_FIELDS.has(name)) continue;
    if (!NAME.test(name)) throw new DownloadError("protocol", `a header can't be named "${name}"`);
    if (!SENDABLE.test(value)) {
      throw new DownloadError("protocol", `the header ${name} holds characters that can't be sent`);
    }
    text += `${name}: ${value}\r\n`;
  }
  return encodeLatin1(`${text}\r\n`);
}

/** Whether one of `fields` has that name. */
export function has(fields: readonly (readonly [string, string])[], name: string): boolean {
  for (const field of fields) if (field[0] === name) return true;
  return false;
}

const encoder = new TextEncoder();

/** Each character as the byte of its number. */
function encodeLatin1(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  return bytes.length === text.length ? bytes : Uint8Array.from(text, (char) => char.charCodeAt(0));
}
