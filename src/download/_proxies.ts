/** Reads a variable of the environment. */
export type Env = (name: string) => string | undefined;

/**
 * Which proxy leads to which URL: the one that was given, or what the environment says, by the names
 * that curl and others go by: `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, each also in
 * capitals.
 */
export class Proxies {
  readonly #given: URL | undefined;
  readonly #env: Env;

  /** `given` counts for every URL. */
  constructor(given: URL | undefined, env: Env) {
    this.#given = given;
    this.#env = env;
  }

  /** The proxy for `url`; `undefined` if it is asked directly. */
  of(url: URL): URL | undefined {
    if (this.#given) return this.#given;
    const scheme = url.protocol.slice(0, -1);
    const named = this.#variable(`${scheme}_proxy`) ?? this.#variable("all_proxy");
    if (named === undefined || this.#isExempt(url)) return undefined;
    return URL.parse(named.includes("://") ? named : `http://${named}`) ?? undefined;
  }

  #isExempt(url: URL): boolean {
    const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
    return (this.#variable("no_proxy") ?? "").split(",").some((entry) => {
      const name = entry.trim().toLowerCase().replace(/^\*?\./, "");
      return name === "*" || (name !== "" && (host === name || host.endsWith(`.${name}`)));
    });
  }

  #variable(name: string): string | undefined {
    return this.#env(name) || this.#env(name.toUpperCase()) || undefined;
  }
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
