import { Duplex } from "node:stream";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { addressOf, ALPN, closing, isAddress } from "./_dial.ts";
import type { Wire } from "./_http_connection.ts";

const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);

/**
 * Whether a socket of Node's is to be preferred where there is a choice. Older runtimes lose what
 * comes last through a stream; newer ones may miss that a socket has come to its end.
 */
export const PREFERS_SOCKETS = major === 2 && minor < 9;

/**
 * Opens a TLS connection to whoever answers at the server of `url`: neither the name nor the
 * authority of its certificate is checked. Only Node's interface of the runtime offers that.
 *
 * @throws the error of the socket if there is no connection.
 * @throws the signal's reason when it aborts.
 */
export function dialInsecurely(url: URL, signal: AbortSignal): Promise<Wire> {
  const { hostname: host, port } = addressOf(url);
  return secure(url, signal, { host, port }, () => {});
}

/**
 * The same through a tunnel that leads to the server. The runtime's interface has no way to take
 * over one of its own connections, nor, in older versions, a socket of Node's that has been read.
 *
 * @throws as {@linkcode dialInsecurely}; then the tunnel is closed.
 */
export function secureInsecurely(tunnel: Wire, url: URL, signal: AbortSignal): Promise<Wire> {
  if (PREFERS_SOCKETS) return secureRelayed(tunnel, url, signal);
  const stream = new WireStream(tunnel);
  return secure(url, signal, { socket: stream }, () => void stream.destroy());
}

/** Through a socket whose other end, on this machine, passes everything on to the tunnel and back. */
async function secureRelayed(tunnel: Wire, url: URL, signal: AbortSignal): Promise<Wire> {
  let other: Deno.TcpConn | undefined;
  let isClosed = false;
  const close = () => {
    if (isClosed) return;
    isClosed = true;
    tunnel.close();
    other?.close();
  };
  try {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { hostname: host, port } = listener.addr;
    const accepted = listener.accept().then((connection) => {
      if (isClosed) return connection.close();
      other = connection;
      pass(tunnel, other).then(() => connection.closeWrite()).catch(() => {});
      pass(other, tunnel).catch(() => {});
    });
    const [wire] = await Promise.all([secure(url, signal, { host, port }, close), accepted]);
    return wire;
  } catch (error) {
    close();
    throw error;
  }
}

async function pass(from: Wire, to: Wire): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
    await send(to, buffer.subarray(0, size));
  }
}

async function send(to: Wire, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await to.write(bytes.subarray(sent));
}

async function secure(
  url: URL,
  signal: AbortSignal,
  options: ConnectionOptions,
  beforeEnd: () => void,
): Promise<Wire> {
  const { hostname } = addressOf(url);
  const socket = connect({
    ...options,
    ...(isAddress(hostname) ? {} : { servername: hostname }),
    rejectUnauthorized: false,
    ALPNProtocols: [...ALPN],
  });
  const wire = new SocketWire(socket, beforeEnd);
  await closing(wire, signal, () => wire.ready);
  return wire;
}

/** A wire as a stream of Node's. */
class WireStream extends Duplex {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    super();
    this.#wire = wire;
  }

  override _read(size: number): void {
    const buffer = new Uint8Array(size);
    this.#wire.read(buffer).then(
      (count) => this.destroyed || this.push(count === null ? null : buffer.subarray(0, count)),
      (error) => this.destroy(error),
    );
  }

  override _write(bytes: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    send(this.#wire, bytes).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wire.close();
    done(error);
  }
}

/** A socket of Node's, one read at a time. */
class SocketWire implements Wire {
  readonly #socket: TLSSocket;
  readonly #beforeEnd: () => void;
  readonly #ready = Promise.withResolvers<void>();
  #failure: Error | undefined;
  #ended = false;
  #wake = () => {};

  constructor(socket: TLSSocket, beforeEnd: () => void) {
    this.#socket = socket;
    this.#beforeEnd = beforeEnd;
    this.#ready.promise.catch(() => {}); // nobody waits for it if there is no time left
    socket.on("secureConnect", this.#ready.resolve);
    socket.on("readable", () => this.#wake());
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
    socket.on("error", (error) => {
      this.#failure = error;
      this.#end();
    });
  }

  /** Resolves when the two ends have agreed. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      const size = Math.min(buffer.length, this.#socket.readableLength);
      const bytes: Uint8Array | null = size > 0 ? this.#socket.read(size) : null;
      if (bytes) {
        buffer.set(bytes);
        return bytes.length;
      }
      if (this.#ended) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#socket.read(0);
      });
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve());
    });
    return bytes.length;
  }

  close(): void {
    this.#beforeEnd();
    this.#socket.destroy();
    this.#end(); // a socket that has lost its stream may never say so
  }

  #end(): void {
    this.#ended = true;
    this.#ready.reject(this.#failure ?? new Error("connection closed"));
    this.#wake();
  }
}
