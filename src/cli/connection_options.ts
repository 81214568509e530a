import {
  checkClientCert,
  type ClientCert,
  type ConnectionOptions,
  CookieFile,
  type Login,
  Netrc,
} from "../download/mod.ts";
import { UsageError } from "./errors.ts";

/** The options about servers and who asks them, as they are typed. */
export interface RawConnectionOptions {
  userAgent?: string | undefined;
  user?: string | undefined;
  netrc?: boolean | undefined;
  cookies?: string | undefined;
  proxy?: string | undefined;
  cacert?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  insecure?: boolean | undefined;
}

/**
 * Checks the options and reads the files that they name.
 *
 * @throws {UsageError} naming the flag, what it got and what it takes.
 */
export function readConnectionOptions(
  raw: RawConnectionOptions,
  env: (name: string) => string | undefined,
): ConnectionOptions {
  if (raw.insecure && raw.cert !== undefined) {
    throw new UsageError("--insecure and --cert don't go together: trust the server with --cacert");
  }
  if ((raw.cert === undefined) !== (raw.key === undefined)) {
    throw new UsageError("--cert and --key go together: the certificate and its private key");
  }
  return {
    userAgent: raw.userAgent,
    login: raw.user === undefined ? undefined : login(raw.user),
    netrc: raw.netrc ? new Netrc(readText("--netrc", netrcPath(env))) : undefined,
    cookies: raw.cookies === undefined ? undefined : cookies(raw.cookies),
    proxy: raw.proxy === undefined ? undefined : proxy(raw.proxy),
    caCerts: raw.cacert === undefined ? undefined : [pem("--cacert", raw.cacert)],
    clientCert: raw.cert === undefined || raw.key === undefined
      ? undefined
      : clientCert(raw.cert, raw.key),
    insecure: raw.insecure,
  };
}

/**
 * The text of a file that a flag names.
 *
 * @throws {UsageError} saying why it can't be read.
 */
export function readText(flag: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new UsageError(`${flag} ${path}: ${whyUnreadable(error)}`);
  }
}

/** Why a file could not be opened, for a person. */
export function whyUnreadable(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "there is no permission to read it";
  if (error instanceof Deno.errors.IsADirectory) return "that is a folder";
  const text = error instanceof Error ? error.message : String(error);
  return /Is a directory/.test(text) ? "that is a folder" : text;
}

function login(text: string): Login {
  const at = text.indexOf(":");
  if (at > 0) return { username: text.slice(0, at), password: text.slice(at + 1) };
  throw new UsageError("--user must be NAME:PASSWORD"); // what it got may be the password
}

function netrcPath(env: (name: string) => string | undefined): string {
  const named = env("NETRC");
  if (named) return named;
  const home = env("HOME") || env("USERPROFILE");
  if (!home) throw new UsageError("--netrc: there is no home folder to look in");
  return `${home}/.netrc`;
}

function cookies(path: string): CookieFile {
  try {
    return new CookieFile(readText("--cookies", path));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`--cookies ${path}: ${error.message}`);
  }
}

const PROXY_SCHEMES = ["http:", "https:", "socks5:", "socks5h:"];

function proxy(text: string): URL {
  const url = URL.parse(text);
  if (url && PROXY_SCHEMES.includes(url.protocol) && url.hostname !== "") return url;
  throw new UsageError("--proxy must be a URL that starts with http://, https:// or socks5://");
}

function pem(flag: string, path: string): string {
  const text = readText(flag, path);
  if (text.includes("-----BEGIN ")) return text;
  throw new UsageError(`${flag} ${path}: that is no PEM file (nothing in it says BEGIN)`);
}

function clientCert(certPath: string, keyPath: string): ClientCert {
  return { cert: pem("--cert", certPath), key: pem("--key", keyPath) };
}

/**
 * Resolves if the certificate and the key that the options name can be used.
 *
 * @throws {UsageError} saying what is wrong with them.
 */
export async function checkConnectionOptions(
  { cert, key }: RawConnectionOptions,
  { clientCert }: ConnectionOptions,
): Promise<void> {
  if (!clientCert) return;
  try {
    await checkClientCert(clientCert);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`--cert ${cert} --key ${key}: ${error.message}`);
  }
}
