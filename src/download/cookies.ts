/** One cookie of a file. */
interface Cookie {
  readonly domain: string;
  readonly subdomains: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** Seconds since 1970; 0 is a cookie of the session. */
  readonly expires: number;
  readonly name: string;
  readonly value: string;
}

/**
 * Cookies from a file in Netscape's format, which browsers' extensions, curl and wget write: seven
 * fields a line with TABs between them. Each goes to the hosts and paths that it was set for, and
 * to no other (RFC 6265 §5.4).
 *
 * @example
 * ```ts
 * import { CookieFile } from "@dlm/dlm/download";
 * import { assertEquals } from "@std/assert";
 *
 * const cookies = new CookieFile(".example.com\tTRUE\t/\tFALSE\t0\tsession\tabc\n");
 * assertEquals(cookies.headerFor(new URL("http://www.example.com/x")), "session=abc");
 * assertEquals(cookies.headerFor(new URL("http://example.org/x")), undefined);
 * ```
 */
export class CookieFile {
  readonly #cookies: readonly Cookie[];

  /**
   * Takes the text of the file.
   *
   * @throws {TypeError} naming the first line that makes no sense.
   */
  constructor(text: string) {
    const lines = text.split(/\r?\n/).entries();
    this.#cookies = [...lines.flatMap(([index, line]) => parse(line, index + 1))];
  }

  /** The `Cookie` header for a request to `url`; `undefined` if none of the cookies is for it. */
  headerFor(url: URL): string | undefined {
    const now = Date.now() / 1000;
    const pairs = this.#cookies
      .filter((cookie) => matches(cookie, url) && (cookie.expires === 0 || cookie.expires > now))
      .map(({ name, value }) => `${name}=${value}`);
    return pairs.length === 0 ? undefined : pairs.join("; ");
  }
}

const HTTP_ONLY = "#HttpOnly_";

function parse(line: string, number: number): Cookie[] {
  const text = line.startsWith(HTTP_ONLY) ? line.slice(HTTP_ONLY.length) : line;
  if (text.trim() === "" || text.startsWith("#")) return [];
  const [domain = "", subdomains, path = "/", secure, expires, name = "", value = ""] = text.split(
    "\t",
  );
  if (domain === "" || name === "" || !/^\d+(\.\d+)?$/.test(expires ?? "")) {
    throw new TypeError(
      `line ${number} is not a cookie: it needs seven fields with TABs between them`,
    );
  }
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f;]/.test(name + value)) {
    throw new TypeError(`line ${number} holds a character that a cookie can't have`);
  }
  return [{
    domain: domain.replace(/^\./, "").toLowerCase(),
    subdomains: subdomains === "TRUE" || domain.startsWith("."),
    path,
    secure: secure === "TRUE",
    expires: Number(expires),
    name,
    value,
  }];
}

function matches({ domain, subdomains, path, secure }: Cookie, url: URL): boolean {
  if (secure && url.protocol !== "https:") return false;
  const host = url.hostname.toLowerCase();
  if (host !== domain && !(subdomains && host.endsWith(`.${domain}`))) return false;
  const { pathname } = url;
  return pathname === path ||
    (pathname.startsWith(path) && (path.endsWith("/") || pathname[path.length] === "/"));
}
