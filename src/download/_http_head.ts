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

/** A name (RFC 9110 §5.1) right before a colon, and a value without the blanks around it. */
const FIELD = /^([!#$%&'*+.^_`|~\dA-Za-z-]+):[ \t]*(.*?)[ \t]*$/;

/**
 * Reads the status line and the fields of an answer, without the empty line that ends them.
 *
 * @throws {DownloadError} `connect` if that is not HTTP.
 */
export function parseHead(text: string): Head {
  const [line = "", ...lines] = text.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  const match = STATUS_LINE.exec(line);
  if (!match) throw notHttp();
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined || /[\0\r]/.test(value)) throw notHttp();
    const key = name.toLowerCase();
    const before = fields.get(key);
    fields.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return {
    isCurrent: match[1] === "1",
    status: Number(match[2]),
    fields: { get: (name) => fields.get(name) ?? null, has: (name) => fields.has(name) },
  };
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
    if (!SENDABLE.test(value)) {
      throw new DownloadError("protocol", `the header ${name} holds characters that can't be sent`);
    }
    text += `${name}: ${value}\r\n`;
  }
  return encodeLatin1(`${text}\r\n`);
}

const encoder = new TextEncoder();

/** Each character as the byte of its number. */
function encodeLatin1(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  return bytes.length === text.length
    ? bytes
    : Uint8Array.from(text, (character) => character.charCodeAt(0));
}
