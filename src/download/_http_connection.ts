import { turn } from "../clock/mod.ts";
import { connectError } from "./_connect_error.ts";
import { type Head, notHttp, parseHead } from "./_http_head.ts";

/** What a connection runs over: TCP, TLS, or a tunnel through a proxy. */
export interface Wire {
  /** Reads some bytes; `null` at the end. Ends with an error when it is closed meanwhile. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends it, both ways. */
  close(): void;
}

/** A connection begins with a buffer of this size; most answers to small requests fit in. */
const LEAST_BUFFER = 64 * 1024;

/** All informational answers and the head after them, together. */
const MAX_HEAD = 256 * 1024;

/** A line of chunked coding, with its extensions. */
const MAX_LINE = 8 * 1024;

const LF = 0x0a;
const CR = 0x0d;

/**
 * One connection to a server: requests out, heads and bytes in, one answer after the other.
 *
 * What is read is handed out where it lies, without a copy. A second buffer takes turns with the
 * first, so that a piece may still be written to a file while the next one is read. Buffers grow
 * while reads fill them.
 *
 * Whatever goes wrong on the wire is a {@linkcode DownloadError}, `connect`.
 */
export class HttpConnection {
  readonly #wire: Wire;
  readonly #mostBuffer: number;
  #buffer = new Uint8Array(LEAST_BUFFER);
  #spare: Uint8Array<ArrayBuffer> | undefined;
  /** The buffer that the last piece lies in. */
  #held: Uint8Array | undefined;
  #start = 0;
  #end = 0;
  #closed = false;
  /** The bytes of the head that is being read. */
  #headBytes = 0;
  /** How large the next buffer is to be. */
  #size = LEAST_BUFFER;
  /** The read that began while nothing was asked. */
  #early: Promise<boolean> | undefined;
  #isResting = false;
  #isDisturbed = false;

  /** Over `wire`, with buffers of up to `mostBuffer` bytes. */
  constructor(wire: Wire, mostBuffer: number) {
    this.#wire = wire;
    this.#mostBuffer = mostBuffer;
  }

  /** Whether it has been closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** How many bytes lie here unread. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /** Whether bytes of an answer have come since the last request was sent. */
  get isAnswered(): boolean {
    return this.#headBytes + this.buffered > 0;
  }

  /**
   * Nothing is asked for the time being. It is read all the same: what comes now is no answer to
   * the next request, and tells that there should be none. It rests with one buffer.
   */
  rest(): void {
    this.#held = undefined;
    this.#isResting = true;
    const early = this.#early = this.#read();
    this.#spare = undefined; // even if it is the one before, which has become too small
    const onRead = (isMore: boolean) => {
      this.#isDisturbed ||= this.#isResting;
      // An answer that comes before anyone waits for it lies in the buffer.
      if (isMore && this.#early === early) this.#early = undefined;
    };
    early.then(onRead, () => onRead(false));
  }

  /** Whether something has come while nothing was asked, if only the end. */
  get isDisturbed(): boolean {
    return this.#isDisturbed;
  }

  /**
   * Sends a request; false if it doesn't, since something has come before. All requests of one turn
   * of the event loop leave together, since a server that one of them has woken is awake for the
   * others: waking it costs more than sending.
   */
  async send(bytes: Uint8Array): Promise<boolean> {
    this.#headBytes = 0;
    await turn();
    this.#isResting = false;
    if (this.#isDisturbed) return false;
    try {
      for (let sent = 0; sent < bytes.length;) {
        sent += await this.#wire.write(sent === 0 ? bytes : bytes.subarray(sent));
      }
      return true;
    } catch (error) {
      throw connectError(error);
    }
  }

  /**
   * The head of the next answer, informational ones passed over; `undefined` if the connection ends
   * before its first byte.
   *
   * @throws {DownloadError} `connect` if that is not HTTP.
   */
  async head(): Promise<Head | undefined> {
    this.#headBytes = 0;
    this.#held = undefined;
    for (let scanned = 0;;) {
      const end = this.#emptyLine(scanned);
      if (end) {
        this.#headBytes += end.next;
        const head = parseHead(this.#takeText(end.at, end.next));
        if (head.status === 101) throw notHttp();
        if (head.status >= 200) return head;
        scanned = 0;
        continue;
      }
      scanned = Math.max(0, this.buffered - 3);
      if (this.#headBytes + this.buffered > MAX_HEAD) throw notHttp();
      if (await this.#read()) continue;
      if (this.buffered > 0 || this.#headBytes > 0) throw notHttp();
      return undefined;
    }
  }

  /** What lies here, at most `most` bytes of it, as {@linkcode some} hands it out. */
  ready(most: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#start < this.#end ? this.#handOut(most) : undefined;
  }

  /**
   * The next bytes, at most `most`; `undefined` at the end. They stay as they are until the second
   * call after this one, or until they are released.
   */
  some(most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#start < this.#end) return Promise.resolve(this.#handOut(most));
    return this.#read().then((isMore) => isMore ? this.#handOut(most) : undefined);
  }

  /** The next line, without its end; `undefined` if there is none, or only a part. */
  async line(): Promise<string | undefined> {
    for (let scanned = 0;;) {
      const at = this.#buffer.subarray(this.#start, this.#end).indexOf(LF, scanned);
      if (at >= 0) return this.#takeText(at, at + 1);
      scanned = this.buffered;
      if (scanned > MAX_LINE || !await this.#read()) return undefined;
    }
  }

  /** The last piece is needed no longer. */
  release(): void {
    this.#held = undefined;
  }

  /** Passes over so many bytes of what lies here. */
  skip(count: number): void {
    this.#start += count;
  }

  /** Ends it; a read under way ends with an error. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wire.close();
  }

  /** Where the first empty line is, and what follows it, from the first unread byte on. */
  #emptyLine(from: number): { at: number; next: number } | undefined {
    const bytes = this.#buffer.subarray(this.#start, this.#end);
    for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) {
      if (bytes[at + 1] === LF) return { at, next: at + 2 };
      if (bytes[at + 1] === CR && bytes[at + 2] === LF) return { at, next: at + 3 };
    }
    return undefined;
  }

  /** The first `length` bytes as text, each a character; the first `next` are passed over. */
  #takeText(length: number, next: number): string {
    const bytes = this.#buffer.subarray(this.#start, this.#start + length);
    this.#start += next;
    const text = latin1(bytes);
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  }

  /** A piece of what lies here. */
  #handOut(most: number): Uint8Array<ArrayBuffer> {
    const start = this.#start;
    this.#start = Math.min(this.#end, start + most);
    this.#held = this.#buffer;
    return this.#buffer.subarray(start, this.#start);
  }

  /** Reads some bytes behind those that lie here; false at the end. */
  #read(): Promise<boolean> {
    const early = this.#early;
    this.#early = undefined;
    if (early) return early;
    this.#makeRoom();
    const room = this.#end === 0 ? this.#buffer : this.#buffer.subarray(this.#end);
    return this.#wire.read(room).then((size) => {
      if (size === null) return false;
      this.#end += size;
      if (size === room.length) this.#size = Math.min(2 * this.#size, this.#mostBuffer);
      return true;
    }, fail);
  }

  /** Makes room behind what lies here, without touching the last piece. */
  #makeRoom(): void {
    const rest = this.buffered;
    const isHeld = this.#buffer === this.#held;
    if (rest === 0 && !isHeld && this.#buffer.length >= this.#size) {
      this.#start = this.#end = 0;
    } else if (rest > 0 && !isHeld && this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#start = 0;
      this.#end = rest;
    } else if (rest === 0 || this.#end === this.#buffer.length) {
      this.#turn(rest);
    }
  }

  /** Goes on in the other buffer, or in a new one, with the rest of this one. */
  #turn(rest: number): void {
    const size = Math.max(this.#size, 2 * rest);
    const spare = this.#spare;
    const next = spare && spare !== this.#held && spare.length >= size
      ? spare
      : new Uint8Array(size);
    if (rest > 0) next.set(this.#buffer.subarray(this.#start, this.#end));
    this.#spare = this.#buffer;
    this.#buffer = next;
    this.#start = 0;
    this.#end = rest;
  }
}

function fail(error: unknown): never {
  throw connectError(error);
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Each byte as the character of its number; those beyond ASCII are rare. */
function latin1(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  if (text.length === bytes.length && !text.includes("\ufffd")) return text;
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
