/** A request as it came over the line. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  /** By lower-case name; of repeated ones the last. */
  readonly headers: ReadonlyMap<string, string>;
  /** How many requests for this path came before. */
  readonly earlier: number;
}

/** The connection that a request came on; what is written goes out as it is. */
export interface RawConnection {
  /** Sends text or bytes. */
  write(data: string | Uint8Array): Promise<void>;
  /** Ends the connection; what was written still arrives. */
  close(): void;
  /** Resolves when the client has gone or the server is stopped. */
  readonly gone: Promise<void>;
}

/** Answers one request; a connection that is not closed waits for the next one. */
export type RawHandler = (request: RawRequest, connection: RawConnection) => Promise<void> | void;

/**
 * A server that says exactly what it is told to say, right or wrong: for answers that no proper
 * server would give. It listens on a free loopback port and keeps what it was asked.
 */
export class RawServer implements AsyncDisposable {
  readonly requests: RawRequest[] = [];
  readonly #listener: Deno.TcpListener | Deno.TlsListener;
  readonly #scheme: string;
  readonly #connections = new Set<Deno.Conn>();
  readonly #handler: RawHandler;
  readonly #serving: Promise<void>;

  constructor(handler: RawHandler, hostname = "127.0.0.1", tls?: Deno.TlsCertifiedKeyPem) {
    this.#handler = handler;
    this.#scheme = tls ? "https" : "http";
    this.#listener = tls
      ? Deno.listenTls({ hostname, port: 0, ...tls })
      : Deno.listen({ hostname, port: 0 });
    this.#serving = this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  url(path: string): string {
    const { hostname, port } = this.#listener.addr;
    return `${this.#scheme}://${
      hostname.includes(":") ? `[${hostname}]` : hostname
    }:${port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) close(connection);
    await this.#serving;
  }

  async #accept(): Promise<void> {
    const open: Promise<void>[] = [];
    for await (const connection of this.#listener) {
      this.#connections.add(connection);
      open.push(this.#serve(connection));
    }
    await Promise.all(open);
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    const reader = new HeadReader(connection);
    try {
      for (let head = await reader.next(); head !== undefined; head = await reader.next()) {
        const request = parse(head, this.requests);
        this.requests.push(request);
        const { promise: gone, resolve } = Promise.withResolvers<void>();
        reader.onEnd = resolve;
        await this.#handler(request, {
          write: (data) => writeAll(connection, data),
          close: () => close(connection),
          gone,
        });
      }
    } catch {
      // The client went away while it was being answered, which is what many tests are about.
    } finally {
      close(connection);
      this.#connections.delete(connection);
    }
  }
}

/** Reads on while a request is answered, so that a client that leaves is noticed. */
class HeadReader {
  onEnd: () => void = () => {};
  readonly #connection: Deno.Conn;
  readonly #heads: string[] = [];
  #ended = false;
  #wake: () => void = () => {};

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
    this.#pump();
  }

  async next(): Promise<string | undefined> {
    while (this.#heads.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#heads.shift();
  }

  async #pump(): Promise<void> {
    const buffer = new Uint8Array(16 * 1024);
    let text = "";
    try {
      for (;;) {
        const size = await this.#connection.read(buffer);
        if (size === null) break;
        text += new TextDecoder("latin1").decode(buffer.subarray(0, size));
        for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
          this.#heads.push(text.slice(0, end));
          text = text.slice(end + 4);
        }
        this.#wake();
      }
    } catch {
      // Closed from either side.
    }
    this.#ended = true;
    this.onEnd();
    this.#wake();
  }
}

function parse(head: string, before: readonly RawRequest[]): RawRequest {
  const [line = "", ...fields] = head.split("\r\n");
  const [method = "", path = ""] = line.split(" ");
  const headers = new Map(fields.map((field) => {
    const at = field.indexOf(":");
    return [field.slice(0, at).toLowerCase(), field.slice(at + 1).trim()];
  }));
  return { method, path, headers, earlier: before.filter((other) => other.path === path).length };
}

async function writeAll(connection: Deno.Conn, data: string | Uint8Array): Promise<void> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  for (let written = 0; written < bytes.length;) {
    written += await connection.write(bytes.subarray(written));
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}

/** A whole answer with a body and its length. */
export function answer(
  body: string | Uint8Array,
  options: { status?: string; headers?: Record<string, string> } = {},
): Uint8Array {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const headers = { "content-length": `${bytes.length}`, ...options.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = new TextEncoder().encode(`HTTP/1.1 ${options.status ?? "200 OK"}\r\n${lines}\r\n`);
  const whole = new Uint8Array(head.length + bytes.length);
  whole.set(head);
  whole.set(bytes, head.length);
  return whole;
}
