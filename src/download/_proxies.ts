import { NoProxy } from "./_no_proxy.ts";

/** Reads a variable of the environment. */
export type Env = (name: string) => string | undefined;

/**
 * Which proxy leads to which URL: the one that was given, or what the environment says, by the names
 * that curl and others go by: `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, each also in
 * capitals.
 */
export class Proxies {
  readonly #given: URL | undefined;
  readonly #http: URL | undefined;
  readonly #https: URL | undefined;
  readonly #direct: NoProxy;

  /** `given` counts for every URL. The environment is read once. */
  constructor(given: URL | undefined, env: Env) {
    const variable = (name: string) => env(name) || env(name.toUpperCase());
    const proxy = (scheme: string) =>
      parseProxy(variable(`${scheme}_proxy`) || variable("all_proxy"));
    this.#given = given;
    this.#http = proxy("http");
    this.#https = proxy("https");
    this.#direct = new NoProxy(variable("no_proxy") ?? "");
  }

  /** The proxy for `url`; `undefined` if it is asked directly. */
  of(url: URL): URL | undefined {
    if (this.#given) return this.#given;
    const named = url.protocol === "https:" ? this.#https : this.#http;
    return named && !this.#direct.has(url) ? named : undefined;
  }
}

function parseProxy(text: string | undefined): URL | undefined {
  if (!text) return undefined;
  return URL.parse(text.includes("://") ? text : `http://${text}`) ?? undefined;
}

/**
 * The environment, as far as it may be read. Without the permission nobody is asked for it, and the
 * result is `undefined`.
 */
export function readableEnv(): Env | undefined {
  const names = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];
  const isReadable = [...names, ...names.map((name) => name.toUpperCase())].every((variable) =>
    Deno.permissions.querySync({ name: "env", variable }).state === "granted"
  );
  return isReadable ? (name) => Deno.env.get(name) : undefined;
}
