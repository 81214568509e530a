import { createServer, type Server, type Socket } from "node:net";
import { BodyWriter, send } from "./body_writer.ts";

/** One state of the file. */
export interface FileState {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

/** A request, and where it stands among the others. */
export interface FileRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
  /** Counts all requests, from 1. */
  readonly number: number;
  /** How many requests for this path came before. */
  readonly earlier: number;
  /** How many are being answered, this one included. */
  readonly active: number;
}

/**
 * How one answer differs from a right one. Counts are bytes of the body, from where it begins.
 *
 * What happens `after` so many bytes is said by `then`: the connection is closed, reset or left
 * silent, or something is done and the answer goes on when it is.
 */
export interface Fault {
  /** Another file than the server's, for this answer only. */
  readonly state?: FileState;
  /** An error status with an empty body. */
  readonly status?: number;
  /** Headers to add or replace; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** The whole file, whatever was asked for. */
  readonly ignoreRange?: boolean;
  /** The part, whatever the condition. */
  readonly ignoreIfRange?: boolean;
  /** Another part than was asked for: so many bytes later. */
  readonly shift?: number;
  /** A part no longer than this, as a server may send. */
  readonly atMost?: number;
  /** So many bytes more than the part has, in chunked coding. */
  readonly overflow?: number;
  /** Chunked coding in place of a length. */
  readonly chunked?: boolean;
  readonly after?: number;
  readonly then?: "close" | "reset" | "stall" | (() => unknown);
  readonly bytesPerSecond?: number;
}

/** How a {@linkcode FileServer} answers. */
export interface FileServerOptions extends FileState {
  /** What is wrong with the answer to a request. */
  readonly script?: (request: FileRequest) => Fault | undefined;
  /** Bytes per second and connection. */
  readonly bytesPerSecond?: number;
}

/**
 * A server of one file under every path, on a free loopback port. It knows ranges, `If-Range` and
 * HEAD as RFC 9110 has them, and breaks any of its rules when a script says so.
 */
export class FileServer implements AsyncDisposable {
  /** What it serves; may be changed at any time, and answers under way keep their state. */
  state: FileState;
  /** Every request, in order. */
  readonly requests: FileRequest[] = [];
  /** The body bytes that have been handed to the network. */
  served = 0;
  /** The most answers that were under way at one time. */
  mostActive = 0;
  script: (request: FileRequest) => Fault | undefined;
  readonly #bytesPerSecond: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #answers = new Set<Promise<void>>();
  readonly #ended = Promise.withResolvers<void>();
  #port = 0;
  #active = 0;

  private constructor({ script, bytesPerSecond, ...state }: FileServerOptions) {
    this.state = state;
    this.script = script ?? (() => undefined);
    this.#bytesPerSecond = bytesPerSecond ?? Infinity;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** A server that listens. */
  static async start(options: FileServerOptions): Promise<FileServer> {
    const server = new FileServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    const address = server.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    server.#port = address.port;
    return server;
  }

  url(path = "/file.bin"): string {
    return `http://127.0.0.1:${this.#port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    this.#ended.resolve();
    await Promise.all([closed, ...this.#answers]);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    const gone = Promise.withResolvers<void>();
    socket.on("error", () => {}); // a client that leaves in the middle is what tests are about
    socket.on("close", () => {
      this.#sockets.delete(socket);
      gone.resolve();
    });
    const ended = Promise.race([gone.promise, this.#ended.promise]);
    let text = "";
    let answering = Promise.resolve();
    socket.on("data", (data: Uint8Array) => {
      text += new TextDecoder("latin1").decode(data);
      for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        const answer = answering.then(() => this.#serve(head, socket, ended));
        answering = answer;
        this.#answers.add(answer);
        answer.finally(() => this.#answers.delete(answer));
      }
    });
  }

  async #serve(head: string, socket: Socket, ended: Promise<void>): Promise<void> {
    this.mostActive = Math.max(this.mostActive, ++this.#active);
    const request = parse(head, this.requests, this.#active);
    this.requests.push(request);
    try {
      await this.#answer(request, this.script(request) ?? {}, socket, ended);
    } finally {
      this.#active--;
    }
  }

  async #answer(
    request: FileRequest,
    fault: Fault,
    socket: Socket,
    ended: Promise<void>,
  ): Promise<void> {
    const { state = this.state } = fault;
    const { status, headers, start, end } = fault.status === undefined
      ? plan(request, state, fault)
      : { status: fault.status, headers: { "content-length": "0" }, start: 0, end: 0 };
    const lines = Object.entries({ ...headers, ...fault.headers })
      .flatMap(([name, value]) => value === undefined ? [] : [`${name}: ${value}\r\n`]);
    const line = `HTTP/1.1 ${status} ${status < 300 ? "OK" : "Not"}\r\n`;
    await send(socket, new TextEncoder().encode(`${line}${lines.join("")}\r\n`));
    if (request.method === "HEAD") return;
    const body = new BodyWriter(socket, "transfer-encoding" in headers, (bytes) => {
      this.served += bytes;
    });
    const rate = Math.min(this.#bytesPerSecond, fault.bytesPerSecond ?? Infinity);
    const limit = start + (fault.after ?? Infinity);
    await body.write(state.bytes.subarray(start, Math.min(limit, end)), rate);
    if (limit <= end) {
      const { then = "close" } = fault;
      if (then === "reset") return void socket.resetAndDestroy();
      if (then === "close") return socket.destroySoon();
      await (then === "stall" ? ended : Promise.race([then(), ended]));
      await body.write(state.bytes.subarray(limit, end), rate);
    }
    if (fault.overflow && status === 206) await body.write(new Uint8Array(fault.overflow), rate);
    await body.end();
  }
}

/** What a right answer would be, and where the faults of its headers come in. */
function plan(
  { headers }: FileRequest,
  { bytes, etag, lastModified }: FileState,
  fault: Fault,
): { status: number; headers: Record<string, string>; start: number; end: number } {
  const length = bytes.length;
  const fields: Record<string, string> = { "accept-ranges": "bytes" };
  if (etag !== undefined) fields.etag = etag;
  if (lastModified !== undefined) fields["last-modified"] = lastModified;
  const condition = headers.get("if-range");
  const holds = condition === undefined || fault.ignoreIfRange ||
    (condition === etag && !etag.startsWith("W/")) || condition === lastModified;
  const range = fault.ignoreRange || !holds ? undefined : rangeOf(headers.get("range"), length);
  if (range && range.start >= length) {
    fields["content-range"] = `bytes */${length}`;
    fields["content-length"] = "0";
    return { status: 416, headers: fields, start: 0, end: 0 };
  }
  const start = (range?.start ?? 0) + (range ? fault.shift ?? 0 : 0);
  const end = Math.min(range?.end ?? length, start + (range ? fault.atMost ?? Infinity : Infinity));
  if (range) fields["content-range"] = `bytes ${start}-${end - 1}/${length}`;
  if (fault.chunked || fault.overflow) fields["transfer-encoding"] = "chunked";
  else fields["content-length"] = `${end - start}`;
  return { status: range ? 206 : 200, headers: fields, start, end };
}

/** `bytes=a-b`, `bytes=a-` and `bytes=-n`; anything else is no range. */
function rangeOf(
  header: string | undefined,
  length: number,
): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") return { start: Math.max(0, length - Number(last)), end: length };
  return { start: Number(first), end: last === "" ? length : Math.min(length, Number(last) + 1) };
}

function parse(head: string, before: readonly FileRequest[], active: number): FileRequest {
  const [line = "", ...fields] = head.split("\r\n");
  const [method = "", path = ""] = line.split(" ");
  const headers = new Map(fields.map((field) => {
    const at = field.indexOf(":");
    return [field.slice(0, at).toLowerCase(), field.slice(at + 1).trim()];
  }));
  const earlier = before.filter((other) => other.path === path).length;
  return { method, path, headers, number: before.length + 1, earlier, active };
}

/** Bytes that differ from each other everywhere, and from those of every other seed. */
export function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let index = 0; index < words.length; index++) {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}
