import { DownloadError } from "./errors.ts";
import { connectError } from "./_connect_error.ts";
import { retryAfterMs } from "./_retry_after.ts";

/** What every request carries. */
export interface TransportOptions {
  /** The `User-Agent` header. */
  readonly userAgent?: string | undefined;
  /** Waits before each request, redirects included, until it may be sent. */
  readonly pace?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Idle connections to keep for each host; as many as there are workers. Default: 32. */
  readonly idleConnections?: number | undefined;
}

/** One GET. */
export interface TransportRequest {
  /** Where to. Credentials in it become an `Authorization` header. */
  readonly url: URL;
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
  readonly #userAgent: string;
  readonly #pace: TransportOptions["pace"];

  /** Opens no connection yet. */
  constructor(options: TransportOptions = {}) {
    this.#client = Deno.createHttpClient({
      http2: false,
      poolMaxIdlePerHost: options.idleConnections ?? 32,
    });
    this.#userAgent = options.userAgent ?? "dlm";
    this.#pace = options.pace;
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
    let url = first;
    let visited: Set<string> | undefined;
    for (let redirects = 0;; redirects++) {
      const response = await this.#send(url, request, url.origin === first.origin);
      if (UNDERSTOOD.has(response.status)) return { response, url };
      if (response.status < 300 || response.status >= 400) throw await refused(response);

      discard(response);
      const next = redirectTarget(url, response);
      visited ??= new Set([first.href]);
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

  /** Headers of the user and credentials stay with the origin that they were meant for. */
  async #send(url: URL, request: TransportRequest, sameOrigin: boolean): Promise<Response> {
    const headers: [string, string][] = [
      ["accept-encoding", "identity"],
      ["user-agent", this.#userAgent],
    ];
    if (request.transferHeaders) headers.push(...copy(request.transferHeaders));
    if (sameOrigin) {
      if (request.headers) headers.push(...copy(request.headers));
      const { username, password } = request.url;
      if (username || password) headers.push(["authorization", basic(username, password)]);
    }
    await this.#pace?.(request.signal);
    try {
      return await fetch(withoutCredentials(url), {
        client: this.#client,
        headers,
        redirect: "manual",
        signal: request.signal,
      });
    } catch (error) {
      request.signal.throwIfAborted();
      throw connectError(error);
    }
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
  401: "put user and password into the URL",
  403: "the server does not let you have this file",
  404: "check the address",
  410: "the file is gone for good; remove it from the list",
  429: "use fewer workers or try again later",
};

function protocolError(message: string): DownloadError {
  return new DownloadError("protocol", message);
}

function withoutCredentials(url: URL): URL {
  if (!url.username && !url.password) return url;
  const plain = new URL(url);
  plain.username = plain.password = "";
  return plain;
}

function basic(username: string, password: string): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${new TextEncoder().encode(pair).toBase64()}`;
}

function* copy(
  headers: Iterable<readonly [string, string]>,
): Generator<[name: string, value: string]> {
  for (const [name, value] of headers) yield [name, value];
}
