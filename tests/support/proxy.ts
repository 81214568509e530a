import { connect, createServer, type Server, type Socket } from "node:net";

/** What a proxy asks of its clients. */
export interface ProxyOptions {
  /** Only who knows this login gets through. */
  readonly login?: { readonly username: string; readonly password: string };
}

/**
 * A proxy on a free loopback port that speaks HTTP (absolute form and CONNECT) and SOCKS5. Every
 * name leads to this machine, so that a name that nobody else knows shows who resolved it.
 */
export class Proxy implements AsyncDisposable {
  /** What it was asked for: `GET http://host:port/path`, `CONNECT host:port`, `SOCKS5 host:port`. */
  readonly asked: string[] = [];
  readonly #login: string | undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor({ login }: ProxyOptions) {
    this.#login = login && `${login.username}:${login.password}`;
    this.#server = createServer((socket) => {
      this.#keep(socket);
      this.#serve(new ByteReader(socket)).catch(() => socket.destroy());
    });
  }

  /** A proxy that listens. */
  static async start(options: ProxyOptions = {}): Promise<Proxy> {
    const proxy = new Proxy(options);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** Its address, as a URL with this scheme and these credentials. */
  url(scheme: string, credentials = ""): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `${scheme}://${credentials === "" ? "" : `${credentials}@`}127.0.0.1:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {}); // whoever leaves early ends both sides
    socket.on("close", () => this.#sockets.delete(socket));
  }

  async #serve(client: ByteReader): Promise<void> {
    const [first] = await client.take(1);
    await (first === 5 ? this.#socks(client) : this.#http(client, String.fromCharCode(first!)));
  }

  /** One request for a connection, or one plain request. */
  async #http(client: ByteReader, first: string): Promise<void> {
    let head = first;
    while (!head.endsWith("\r\n\r\n")) head += String.fromCharCode(...await client.take(1));
    const [, method = "", target = "", rest = ""] = /^(\S+) (\S+)( [^]*)$/.exec(head) ?? [];
    this.asked.push(`${method} ${target}`);
    const [, known] = /^proxy-authorization: basic (\S+)/im.exec(head) ?? [];
    if (this.#login !== undefined && (known === undefined || atob(known) !== this.#login)) {
      const refusal = "HTTP/1.1 407 Who are you\r\nproxy-authenticate: Basic\r\n";
      client.socket.end(`${refusal}content-length: 0\r\n\r\n`);
      return;
    }
    if (method === "CONNECT") {
      const upstream = await this.#connect(Number(target.split(":").at(-1)));
      client.socket.write("HTTP/1.1 200 Connected\r\n\r\n");
      return client.joinTo(upstream);
    }
    const { port, pathname } = new URL(target);
    const upstream = await this.#connect(Number(port));
    upstream.write(`${method} ${pathname}${rest.replace(/^proxy-authorization:.*\r\n/im, "")}`);
    client.joinTo(upstream);
  }

  /** RFC 1928, and RFC 1929 for the login. */
  async #socks(client: ByteReader): Promise<void> {
    const [methods = 0] = await client.take(1);
    await client.take(methods);
    client.socket.write(Uint8Array.of(5, this.#login === undefined ? 0 : 2));
    if (this.#login !== undefined) {
      await client.take(1);
      const isRight = `${await client.text()}:${await client.text()}` === this.#login;
      client.socket.write(Uint8Array.of(1, isRight ? 0 : 1));
      if (!isRight) return void client.socket.end();
    }
    const [, , , kind] = await client.take(4);
    const host = kind === 3
      ? await client.text()
      : (await client.take(kind === 1 ? 4 : 16)).join(".");
    const [high = 0, low = 0] = await client.take(2);
    const port = high * 256 + low;
    this.asked.push(`SOCKS5 ${host}:${port}`);
    const upstream = await this.#connect(port);
    client.socket.write(Uint8Array.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0));
    client.joinTo(upstream);
  }

  async #connect(port: number): Promise<Socket> {
    const upstream = connect({ host: "127.0.0.1", port });
    this.#keep(upstream);
    await new Promise<void>((resolve, reject) => {
      upstream.once("connect", resolve);
      upstream.once("error", reject);
    });
    return upstream;
  }
}

/** Bytes of a connection in the amounts that a protocol has them. */
class ByteReader {
  readonly socket: Socket;
  #bytes: number[] = [];
  #wake: () => void = () => {};
  readonly #onData = (data: Uint8Array) => {
    this.#bytes.push(...data);
    this.#wake();
  };

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", this.#onData);
    socket.on("close", () => this.#wake());
  }

  async take(count: number): Promise<number[]> {
    while (this.#bytes.length < count) {
      if (this.socket.destroyed) throw new Error("the client has gone");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#bytes.splice(0, count);
  }

  /** Text behind a byte with its length, as SOCKS5 has it. */
  async text(): Promise<string> {
    const [length = 0] = await this.take(1);
    return new TextDecoder().decode(Uint8Array.from(await this.take(length)));
  }

  /** From here on everything goes to `other`, and what comes from there comes back. */
  joinTo(other: Socket): void {
    this.socket.off("data", this.#onData);
    if (this.#bytes.length > 0) other.write(Uint8Array.from(this.#bytes));
    this.socket.pipe(other);
    other.pipe(this.socket);
  }
}
