import { connectError, RESERVED_PORT } from "./_connect_error.ts";
import { Connections } from "./_connections.ts";
import { basic, loginOf, withoutLogin } from "./_credentials.ts";
import { addressOf, dial, isAddress } from "./_dial.ts";
import { fetched } from "./_fetch_body.ts";
import { has } from "./_http_head.ts";
import type { HttpResponse } from "./_http_response.ts";
import { Proxies, readableEnv } from "./_proxies.ts";
import { retryAfterMs } from "./_retry_after.ts";
import { statusName } from "./_status.ts";
import { PROXY_LOGIN_ADVICE } from "./_tunnel.ts";
import type { ClientCert } from "./client_cert.ts";
import type { CookieFile } from "./cookies.ts";
import { DownloadError } from "./errors.ts";
import type { Login, Netrc } from "./netrc.ts";

/** How servers are reached, and what they are told about who asks. */
export interface ConnectionOptions {
  /** The `User-Agent` header. Default: `dlm`. */
  readonly userAgent?: string | undefined;
  /** Sent to the origins of the URLs that were asked for, and to no other that they redirect to. */
  readonly login?: Login | undefined;
  /** Logins by host, for origins that nothing else is known for. */
  readonly netrc?: Netrc | undefined;
  /** Cookies, each for its own hosts. */
  readonly cookies?: CookieFile | undefined;
  /**
   * A proxy for every URL: `http://`, `https://` or `socks5://`, with its login if it needs one. An
   * `https://` proxy with a login is not used for https servers, since each would get to see it.
   * Default: what `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` in the environment say.
   */
  readonly proxy?: URL | undefined;
  /** Certificates of authorities to trust besides the usual ones, in PEM format. */
  readonly caCerts?: readonly string[] | undefined;
  /** The certificate and the key that prove who we are, in PEM format. */
  readonly clientCert?: ClientCert | undefined;
  /** Trusts whoever answers, whatever its certificate says. Default: false. */
  readonly insecure?: boolean | undefined;
}

/** How requests are made. */
export interface TransportOptions extends ConnectionOptions {
  /** What waits before each request, redirects included, if anything does at the moment. */
  readonly pace?: ((signal: AbortSignal) => Promise<void> | undefined) | undefined;
  /** How many requests may be under way at the same time. Default: 32. */
  readonly concurrency?: number | undefined;
}

/** One GET. */
export interface TransportRequest {
  /** Where to. Credentials in it become an `Authorization` header. */
  readonly url: URL;
  /** Where an earlier request for the same URL was led to; asked in its place. */
  readonly ledTo?: URL | undefined;
  /** The user's headers; a redirect to another origin doesn't get them. */
  readonly headers?: Iterable<readonly [name: string, value: string]> | undefined;
  /** Headers of the transfer itself (ranges, validators); they follow every redirect. */
  readonly transferHeaders?: Iterable<readonly [name: string, value: string]> | undefined;
  /** Ends the request and its body. */
  readonly signal: AbortSignal;
}

/** An answer with status 200, 206, 304 or 416, after all redirects. */
export interface TransportResponse {
  /** The answer; its body has not been read. */
  readonly response: HttpResponse;
  /** Where it came from in the end. */
  readonly url: URL;
}

/** As curl and fetch have it. */
const MAX_REDIRECTS = 20;

/** A request that is led elsewhere needs two connections, which the next one needs as well. */
const KEPT_AT_LEAST = 16;

/** Statuses that carry no body for us but are no errors either. */
const UNDERSTOOD = new Set([200, 203, 204, 206, 304, 416]);

/** Statuses after which the same request may succeed later (RFC 9110 and common practice). */
const TRANSIENT = new Set([408, 421, 425, 429, 500, 502, 503, 504]);

/**
 * HTTP/1.1 as downloads need it: connections that are kept and used again, bodies as they were sent
 * (no content coding is asked for), and redirects followed by hand, since automatic ones would carry
 * the user's headers to whoever the server names.
 *
 * Servers are asked over connections of its own. What these don't know is left to `fetch`: proxies
 * other than tunnels, client certificates, and hosts of which an older runtime tries one address
 * only.
 *
 * Connections are closed by disposing it.
 */
export class Transport implements Disposable {
  readonly #options: TransportOptions;
  readonly #connections: Connections;
  /** `undefined` where the environment can't be read: `fetch` knows it nevertheless. */
  readonly #proxies: Proxies | undefined;
  /** Clients of `fetch`, by the proxy that they use. */
  readonly #clients = new Map<string, Deno.HttpClient>();

  /** Opens no connection yet. */
  constructor(options: TransportOptions = {}) {
    const { proxy, caCerts, insecure } = options;
    const env = readableEnv();
    this.#options = options;
    this.#proxies = proxy || env ? new Proxies(proxy, env ?? (() => undefined)) : undefined;
    this.#connections = new Connections({
      dial: (url, signal) =>
        dial(url, signal, { proxy: this.#proxies?.of(url), caCerts, insecure }),
      most: this.#concurrency,
      kept: Math.max(KEPT_AT_LEAST, 2 * this.#concurrency),
    });
  }

  /**
   * Sends one GET and resolves when the headers of the final answer are there.
   *
   * @throws {DownloadError} `connect`, `http` or `protocol`.
   * @throws the signal's reason when it aborts.
   */
  async get(request: TransportRequest): Promise<TransportResponse> {
    const { signal } = request;
    const first = request.url;
    let url = request.ledTo ?? first;
    let visited: Set<string> | undefined;
    for (let redirects = 0;; redirects++) {
      const sameOrigin = url === first || url.origin === first.origin;
      const response = await this.#send(url, request, sameOrigin);
      if (UNDERSTOOD.has(response.status)) return { response, url };
      if (response.status < 300 || response.status >= 400) throw refused(response);

      discard(response);
      const next = redirectTarget(url, response);
      visited ??= new Set([url.href]);
      if (visited.has(next.href)) throw protocolError("the server redirects in a loop");
      visited.add(next.href);
      if (redirects >= MAX_REDIRECTS) {
        throw protocolError(`more than ${MAX_REDIRECTS} redirects`);
      }
      signal.throwIfAborted();
      url = next;
    }
  }

  /** Closes the connections. */
  [Symbol.dispose](): void {
    this.#connections[Symbol.dispose]();
    for (const client of this.#clients.values()) client.close();
  }

  async #send(url: URL, request: TransportRequest, sameOrigin: boolean): Promise<HttpResponse> {
    const { signal } = request;
    const pause = this.#options.pace?.(signal);
    if (pause) await pause;
    const fields = this.#headersFor(url, request, sameOrigin);
    const proxy = this.#proxies?.of(url);
    if (!this.#isOurs(url, proxy)) return await this.#fetch(url, fields, proxy, signal);
    try {
      return await this.#connections.get(url, fields, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (
        proxy || this.#trustsAll(url) || !isUnreachable(error) || isAddress(addressOf(url).hostname)
      ) throw error;
      return await this.#fetch(url, fields, undefined, signal).catch((second) => {
        throw isReservedPort(second) ? error : second;
      });
    }
  }

  /** Whether nothing is asked of the server's certificate, which `fetch` has no way to do. */
  #trustsAll({ protocol }: URL): boolean {
    return this.#options.insecure === true && protocol === "https:";
  }

  /** Whether a server can be asked over a connection of ours. */
  #isOurs(url: URL, proxy: URL | undefined): boolean {
    if (!this.#proxies || this.#options.clientCert) return false;
    return !proxy || (proxy.protocol === "http:" && url.protocol === "https:");
  }

  async #fetch(
    url: URL,
    headers: [string, string][],
    proxy: URL | undefined,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    if (this.#trustsAll(url)) throw cannotTrustAll();
    if (proxy && url.protocol === "https:" && showsLogin(proxy)) throw proxyLoginShown();
    try {
      const response = await fetch(withoutLogin(url), {
        client: this.#clientFor(proxy),
        headers,
        redirect: "manual",
        signal,
      });
      return fetched(response);
    } catch (error) {
      signal.throwIfAborted();
      throw connectError(error);
    }
  }

  #clientFor(proxy: URL | undefined): Deno.HttpClient {
    const known = this.#clients.get(proxy?.href ?? "");
    if (known) return known;
    const { caCerts, clientCert } = this.#options;
    const client = Deno.createHttpClient({
      http2: false,
      poolMaxIdlePerHost: this.#concurrency,
      ...(proxy ? { proxy: proxyOf(proxy) } : {}),
      ...(caCerts ? { caCerts: [...caCerts] } : {}),
      ...clientCert,
    });
    this.#clients.set(proxy?.href ?? "", client);
    return client;
  }

  get #concurrency(): number {
    return this.#options.concurrency ?? 32;
  }

  /** The user's headers and credentials stay with the origin that they were meant for. */
  #headersFor(url: URL, request: TransportRequest, sameOrigin: boolean): [string, string][] {
    const { userAgent = "dlm", cookies } = this.#options;
    const headers: [string, string][] = [];
    const add = (name: string, value: string | undefined) => {
      if (value !== undefined && !has(headers, name)) headers.push([name, value]);
    };
    for (const [name, value] of request.transferHeaders ?? []) headers.push([name, value]);
    if (sameOrigin) {
      for (const [name, value] of request.headers ?? []) headers.push([name.toLowerCase(), value]);
    }
    add("accept-encoding", "identity"); // the bytes as they are
    add("user-agent", userAgent);
    add("authorization", this.#authorization(url, request, sameOrigin));
    add("cookie", cookies?.headerFor(url));
    return headers;
  }

  #authorization(
    url: URL,
    { url: first }: TransportRequest,
    sameOrigin: boolean,
  ): string | undefined {
    const { login, netrc } = this.#options;
    const known = (sameOrigin ? loginOf(first) ?? login : undefined) ?? netrc?.find(url.hostname);
    return known && basic(known);
  }
}

/** Gives up a body that nobody wants. */
export function discard({ body }: HttpResponse): void {
  body.cancel();
}

function redirectTarget(from: URL, response: HttpResponse): URL {
  const location = response.headers.get("location");
  if (location === null) {
    throw protocolError(`the server answered ${response.status} without saying where to go`);
  }
  // Bytes beyond ASCII are meant as they are, not as the letters that Latin-1 has for them.
  const escaped = location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
  const next = URL.parse(escaped, from);
  if (!next) throw protocolError(`the server redirects to "${location}", which is not a URL`);
  if (next.protocol !== "http:" && next.protocol !== "https:") {
    throw protocolError(`the server redirects to ${next.protocol}, which is not http or https`);
  }
  // What was asked for over TLS must not arrive over a line that anyone can change.
  if (from.protocol === "https:" && next.protocol === "http:") {
    throw protocolError("the server redirects from https to http");
  }
  next.hash = "";
  return next;
}

function refused(response: HttpResponse): DownloadError {
  discard(response);
  const { status } = response;
  return new DownloadError("http", `the server answered ${statusName(status)}`, {
    status,
    retryable: TRANSIENT.has(status),
    retryAfterMs: retryAfterMs(response.headers.get("retry-after"), Date.now()),
    advice: ADVICE[status],
  });
}

const ADVICE: Record<number, string> = {
  401: "give a login with --user or --netrc",
  403: "the server does not let you have this file",
  404: "check the address",
  407: PROXY_LOGIN_ADVICE,
  410: "the file is gone for good; remove it from the list",
  429: "use fewer workers or try again later",
};

function protocolError(message: string): DownloadError {
  return new DownloadError("protocol", message);
}

/** The server could not be reached at all, so that another address of it may do better. */
function isUnreachable(error: unknown): boolean {
  if (!(error instanceof DownloadError) || error.kind !== "connect") return false;
  return /refused|unreachable|timeout/.test(error.message);
}

/** Whether `fetch`, unlike us, doesn't ask at such a port at all. */
function isReservedPort(error: unknown): boolean {
  return error instanceof DownloadError && error.message === RESERVED_PORT;
}

/**
 * Whether the runtime would send the proxy's login on to servers: inside the tunnel that `fetch`
 * makes through an HTTP proxy for https, each request carries it as well.
 */
function showsLogin(proxy: URL): boolean {
  return /^https?:$/.test(proxy.protocol) && loginOf(proxy) !== undefined;
}

function proxyLoginShown(): DownloadError {
  return new DownloadError("connect", "an https server would be shown the login of the proxy", {
    advice: "use an http:// or socks5:// proxy, or one that needs no login",
  });
}

function cannotTrustAll(): DownloadError {
  return new DownloadError("connect", "--insecure doesn't go with this proxy or a certificate", {
    advice: "use an http:// proxy and no --cert, or trust the server with --cacert",
  });
}

function proxyOf(url: URL): Deno.Proxy {
  const login = loginOf(url);
  const plain = withoutLogin(url).href;
  return login ? { url: plain, basicAuth: login } : { url: plain };
}
