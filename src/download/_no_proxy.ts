import { addressOf } from "./_dial.ts";

/** Hosts of one name, or addresses that begin alike. */
interface Entry {
  /** A name, which stands for those below it as well, or an address. */
  readonly host: string;
  /** The only port that it is about; all if there is none. */
  readonly port: number | undefined;
  /** How many bits of an address must be the same. */
  readonly bits: number | undefined;
}

/**
 * The servers that no proxy is asked for, as the variable `no_proxy` lists them: names, which stand
 * for what is below them as well, addresses, networks as in `10.0.0.0/8`, and `*` for all. A name or
 * an address may have a port.
 */
export class NoProxy {
  readonly #isAll: boolean;
  readonly #entries: readonly Entry[];

  /** What isn't understood exempts nothing. */
  constructor(list: string) {
    const texts = list.toLowerCase().split(/[\s,]+/).filter((text) => text !== "");
    this.#isAll = texts.includes("*");
    this.#entries = texts.map(parse).filter((entry) => entry.host !== "");
  }

  /** Whether it lists the server of `url`. */
  has(url: URL): boolean {
    if (this.#isAll) return true;
    if (this.#entries.length === 0) return false;
    const { hostname, port } = addressOf(url);
    const host = hostname.replace(/\.$/, "");
    const address = bitsOf(host);
    return this.#entries.some((entry) => {
      if (entry.port !== undefined && entry.port !== port) return false;
      if (address === undefined) return host === entry.host || host.endsWith(`.${entry.host}`);
      const other = bitsOf(entry.host);
      return other?.length === address.length &&
        address.startsWith(other.slice(0, entry.bits ?? other.length));
    });
  }
}

function parse(text: string): Entry {
  const [, network = "", bits] = /^(.*?)(?:\/(\d{1,3}))?$/.exec(text)!;
  const [, bracketed, plain = "", port] =
    /^(?:\[(.*)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(network) ?? [];
  return {
    host: (bracketed ?? plain).replace(/^\*?\.|\.$/g, ""),
    port: port === undefined ? undefined : Number(port),
    bits: bits === undefined ? undefined : Number(bits),
  };
}

/** The bits of an address, each a character; `undefined` if it is none. */
function bitsOf(host: string): string | undefined {
  const isSix = host.includes(":");
  if (!isSix && !/^[\d.]+$/.test(host)) return undefined;
  const hostname = URL.parse(isSix ? `http://[${host}]` : `http://${host}`)?.hostname;
  if (hostname === undefined) return undefined;
  if (!isSix) return join(hostname.split("."), 10, 8);
  const [head = "", tail] = hostname.slice(1, -1).split("::");
  const groups = (text: string) => text === "" ? [] : text.split(":");
  const [before, after] = [groups(head), groups(tail ?? "")];
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return join([...before, ...Array(zeros).fill("0"), ...after], 16, 16);
}

function join(parts: readonly string[], radix: number, bits: number): string {
  return parts.map((part) => parseInt(part, radix).toString(2).padStart(bits, "0")).join("");
}
