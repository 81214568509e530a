import { connectError } from "./_connect_error.ts";
import type { Wire } from "./_http_connection.ts";
import { openTunnel } from "./_tunnel.ts";
import { DownloadError } from "./errors.ts";

/** How servers are reached. */
export interface DialOptions {
  /** An `http://` proxy that makes a tunnel to https servers, with its login if it needs one. */
  readonly proxy?: URL | undefined;
  /** Certificates of authorities to trust besides the usual ones, in PEM format. */
  readonly caCerts?: readonly string[] | undefined;
  /** Trusts whoever answers. */
  readonly insecure?: boolean | undefined;
}

/** The protocol to agree upon in TLS; over HTTP/2 all segments would share one connection. */
export const ALPN: readonly string[] = ["http/1.1"];

/**
 * Opens a connection to the server of `url`, through TLS if it is https.
 *
 * @throws {DownloadError} `connect`, or `http` if the proxy refuses.
 * @throws the signal's reason when it aborts.
 */
export async function dial(url: URL, signal: AbortSignal, options: DialOptions): Promise<Wire> {
  const { proxy, insecure } = options;
  try {
    const insecurely = insecure && url.protocol === "https:"
      ? await import("./_insecure_wire.ts")
      : undefined;
    if (insecurely?.PREFERS_SOCKETS && !proxy) return await insecurely.dialInsecurely(url, signal);
    const tcp = await Deno.connect({ ...addressOf(proxy ?? url), signal });
    if (proxy) await closing(tcp, signal, () => openTunnel(tcp, url, proxy));
    if (insecurely) return await insecurely.secureInsecurely(tcp, url, signal);
    if (url.protocol !== "https:") return tcp;
    const { hostname } = addressOf(url);
    const tls = await startTls(tcp, hostname, options);
    await closing(tls, signal, () => tls.handshake());
    return tls;
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof DownloadError ? error : connectError(error);
  }
}

/** Where a server listens. */
export function addressOf(url: URL): { hostname: string; port: number } {
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return { hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"), port };
}

/** Whether a host is an address rather than a name. */
export function isAddress(hostname: string): boolean {
  return /^[\d.]+$|:/.test(hostname);
}

/**
 * Runs `work` on a wire that is closed when the work fails, or ended when the signal aborts.
 *
 * @throws the signal's reason when it aborts.
 */
export async function closing(
  wire: Pick<Wire, "close">,
  signal: AbortSignal,
  work: () => Promise<unknown>,
): Promise<void> {
  let close = () => {
    close = () => {};
    wire.close();
  };
  const onAbort = () => close();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    await work();
    signal.throwIfAborted();
  } catch (error) {
    close();
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function startTls(
  tcp: Deno.TcpConn,
  hostname: string,
  { caCerts }: DialOptions,
): Promise<Deno.TlsConn> {
  try {
    return await Deno.startTls(tcp, {
      hostname,
      alpnProtocols: [...ALPN],
      ...(caCerts ? { caCerts: [...caCerts] } : {}),
    });
  } catch (error) {
    tcp.close();
    throw error;
  }
}
