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

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/;

/** What a name consists of (RFC 9110 §5.6.2). */
const NAME = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;

/** Line ends that end no line, and what no line may hold. */
const STRAY = /\0|\r(?!\n|$)/;

/** The old way to go on in the next line. */
const FOLD = /\r?\n[ \t]+/g;

/**
 * Reads the status line and the fields of an answer, without the empty line that ends them.
 *
 * @throws {DownloadError} `connect` if that is not HTTP.
 */
export function parseHead(text: string): Head {
  if (STRAY.test(text)) throw notHttp();
  const lines = text.replace(FOLD, " ").split("\n");
  const match = STATUS_LINE.exec(withoutReturn(lines[0]!));
  if (!match) throw notHttp();
  const fields = new Map<string, string>();
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index]!;
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    if (!NAME.test(name)) throw notHttp();
    const key = name.toLowerCase();
    const value = withoutBlanks(line, colon + 1);
    const before = fields.get(key);
    fields.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return {
    isCurrent: match[1] === "1",
    status: Number(match[2]),
    fields: { get: (name) => fields.get(name) ?? null, has: (name) => fields.has(name) },
  };
}

/** What follows in a line. Only these are blanks: other bytes may be parts of letters in UTF-8. */
function withoutBlanks(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (start < end && isBlank(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** The failure of a server that speaks another protocol, or none. */
export function notHttp(): DownloadError {
  return new DownloadError("connect", "the server does not answer in HTTP", {
    retryable: true,
    advice: "check the address",
  });
}

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
  if (!fields.some(([name]) => name === "host")) text += `host: ${url.host}\r\n`;
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

/** Each character as the byte of its number. */
function encodeLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
