import { DownloadError } from "./errors.ts";
import { connectError } from "./_connect_error.ts";
import { retryAfterMs } from "./_retry_after.ts";
import type { ClientCert } from "./client_cert.ts";
import type { CookieFile } from "./cookies.ts";
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
   * A proxy: `http://`, `https://` or `socks5://`, with credentials if it needs them. An http(s)
   * proxy with credentials is not used for https, since each server would get to see them.
   */
  readonly proxy?: URL | undefined;
  /** Certificates of authorities to trust besides the usual ones, in PEM format. */
  readonly caCerts?: readonly string[] | undefined;
  /** The certificate and the key that prove who we are, in PEM format. */
  readonly clientCert?: ClientCert | undefined;
}

/** How requests are made. */
export interface TransportOptions extends ConnectionOptions {
  /** Waits before each request, redirects included, until it may be sent. */
  readonly pace?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Idle connections to keep for each host; as many as there are workers. Default: 32. */
  readonly idleConnections?: number | undefined;
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
  readonly response: Response;
  /** Where it came from in the end. */
  readonly url: URL;
}

/** As curl and fetch have it. */
const MAX_REDIRECTS = 20;

/** Statuses that carry no body for us but are no errors either. */
const UNDERSTOOD = new Set([200, 203, 204, 206, 304, 416]);

/** Statuses after which the same request may succeed later (RFC 9110 and common practice). */
const TRANSIENT = new Set([408, 421, 425, 429, 500, 502, 503, 504]);

/**
 * HTTP as downloads need it, over `fetch`: HTTP/1.1 connections that are kept and reused, bodies as
 * they were sent (no content coding is asked for), and redirects followed by hand, since automatic
 * ones would carry the user's headers to whoever the server names.
 *
 * Connections are closed by disposing it.
 */
export class Transport implements Disposable {
  readonly #client: Deno.HttpClient;
  readonly #options: TransportOptions;

  /** Opens no connection yet. */
  constructor(options: TransportOptions = {}) {
    const { proxy, caCerts, clientCert } = options;
    this.#client = Deno.createHttpClient({
      http2: false,
      poolMaxIdlePerHost: options.idleConnections ?? 32,
      ...(proxy ? { proxy: proxyOf(proxy) } : {}),
      ...(caCerts ? { caCerts: [...caCerts] } : {}),
      ...clientCert,
    });
    this.#options = options;
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
      const response = await this.#send(url, request, url.origin === first.origin);
      if (UNDERSTOOD.has(response.status)) return { response, url };
      if (response.status < 300 || response.status >= 400) throw await refused(response);

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
    this.#client.close();
  }

  async #send(url: URL, request: TransportRequest, sameOrigin: boolean): Promise<Response> {
    if (url.protocol === "https:" && showsLogin(this.#options.proxy)) throw proxyLoginShown();
    await this.#options.pace?.(request.signal);
    try {
      return await fetch(withoutCredentials(url), {
        client: this.#client,
        headers: this.#headersFor(url, request, sameOrigin),
        redirect: "manual",
        signal: request.signal,
      });
    } catch (error) {
      request.signal.throwIfAborted();
      throw connectError(error);
    }
  }

  /** The user's headers and credentials stay with the origin that they were meant for. */
  #headersFor(url: URL, request: TransportRequest, sameOrigin: boolean): [string, string][] {
    const { userAgent = "dlm", cookies } = this.#options;
    const headers: [string, string][] = [];
    const add = (name: string, value: string | undefined) => {
      if (value === undefined || headers.some(([known]) => known === name)) return;
      headers.push([name, value]);
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
    if (sameOrigin && (first.username || first.password)) {
      return basic(decodeURIComponent(first.username), decodeURIComponent(first.password));
    }
    const known = (sameOrigin ? login : undefined) ?? netrc?.find(url.hostname);
    return known && basic(known.username, known.password);
  }
}

/** Gives up a body that nobody wants. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => {}); // the connection may be gone already
}

function redirectTarget(from: URL, response: Response): URL {
  const location = response.headers.get("location");
  if (location === null) {
    throw protocolError(`the server answered ${response.status} without saying where to go`);
  }
  const next = URL.parse(location, from);
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

function refused(response: Response): DownloadError {
  discard(response);
  const { status, statusText } = response;
  return new DownloadError("http", `the server answered ${status} ${statusText}`.trimEnd(), {
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
  407: "give the proxy's login as in --proxy http://NAME:PASSWORD@HOST",
  410: "the file is gone for good; remove it from the list",
  429: "use fewer workers or try again later",
};

function protocolError(message: string): DownloadError {
  return new DownloadError("protocol", message);
}

/**
 * Whether the runtime would send the proxy's login on to servers: inside the tunnel that an HTTP
 * proxy makes for https, each request carries it as well.
 */
function showsLogin(proxy: URL | undefined): boolean {
  return proxy !== undefined && /^https?:$/.test(proxy.protocol) &&
    (proxy.username !== "" || proxy.password !== "");
}

function proxyLoginShown(): DownloadError {
  return new DownloadError("connect", "an https server would be shown the login of the proxy", {
    advice: "use a socks5:// proxy, or one that needs no login",
  });
}

function withoutCredentials(url: URL): URL {
  if (!url.username && !url.password) return url;
  const plain = new URL(url);
  plain.username = plain.password = "";
  return plain;
}

function basic(username: string, password: string): string {
  return `Basic ${new TextEncoder().encode(`${username}:${password}`).toBase64()}`;
}

function proxyOf(url: URL): Deno.Proxy {
  const { username, password } = url;
  const plain = withoutCredentials(url).href;
  if (!username && !password) return { url: plain };
  const basicAuth = {
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
  return { url: plain, basicAuth };
}
