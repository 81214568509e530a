import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { addressOf, ALPN, closing } from "./_dial.ts";
import type { Wire } from "./_http_connection.ts";
import { openTunnel } from "./_tunnel.ts";

/**
 * Opens a TLS connection to whoever answers at the server of `url`: neither the name nor the
 * authority of its certificate is checked. Only Node's interface of the runtime offers that.
 *
 * @throws {DownloadError} if the proxy refuses.
 * @throws the error of the socket if there is no connection.
 * @throws the signal's reason when it aborts.
 */
export async function dialInsecurely(
  url: URL,
  signal: AbortSignal,
  proxy: URL | undefined,
): Promise<Wire> {
  const { hostname: host, port } = addressOf(proxy ?? url);
  const tcp = connectTcp({ host, port });
  await closing(closerOf(tcp), signal, () => ready(tcp, "connect"));
  if (proxy) {
    await closing(closerOf(tcp), signal, () => openTunnel(new SocketWire(tcp), url, proxy));
  }
  const { hostname } = addressOf(url);
  const tls = connectTls({
    socket: tcp,
    ...(/^[\d.]+$|:/.test(hostname) ? {} : { servername: hostname }),
    rejectUnauthorized: false,
    ALPNProtocols: [...ALPN],
  });
  await closing(closerOf(tls), signal, () => ready(tls, "secureConnect"));
  return new SocketWire(tls);
}

function closerOf(socket: Socket): Pick<Wire, "close"> {
  return { close: () => socket.destroy() };
}

function ready(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once(event, resolve);
  socket.once("error", reject);
  socket.once("close", () => reject(new Error("connection closed")));
  return promise;
}

/** A socket of Node's, one read at a time. */
class SocketWire implements Wire {
  readonly #socket: Socket;
  #failure: Error | undefined;
  #ended = false;
  #wake = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("readable", () => this.#wake());
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
    socket.on("error", (error) => {
      this.#failure = error;
      this.#wake();
    });
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
    this.#socket.destroy();
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }
}
