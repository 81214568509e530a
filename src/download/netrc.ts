/** A name and a password. */
export interface Login {
  /** The user's name. */
  readonly username: string;
  /** The password. */
  readonly password: string;
}

/**
 * Reads a `.netrc` file, as ftp(1) and curl know it: `machine HOST login NAME password WORD`, and
 * `default` for every other host. Macros are passed over.
 *
 * @example
 * ```ts
 * import { Netrc } from "@dlm/dlm/download";
 * import { assertEquals } from "@std/assert";
 *
 * const netrc = new Netrc("machine example.com login me password secret\n");
 * assertEquals(netrc.find("example.com"), { username: "me", password: "secret" });
 * assertEquals(netrc.find("other.example"), undefined);
 * ```
 */
export class Netrc {
  readonly #machines = new Map<string, Login>();
  #fallback: Login | undefined;

  /** Takes the text of the file. */
  constructor(text: string) {
    const words = tokens(text);
    const next = () => words.next().value ?? "";
    let entry = { ...EMPTY };
    for (let word = words.next(); !word.done; word = words.next()) {
      if (word.value === "machine") {
        entry = { ...EMPTY };
        const host = next();
        // As in ftp(1), the first entry that fits is the one that counts.
        if (!this.#fallback && !this.#machines.has(host)) this.#machines.set(host, entry);
      } else if (word.value === "default") {
        entry = { ...EMPTY };
        this.#fallback ??= entry;
      } else if (word.value === "login") {
        entry.username = next();
      } else if (word.value === "password") {
        entry.password = next();
      } else if (word.value === "account") {
        next();
      }
    }
  }

  /** What the file says for `host`. */
  find(host: string): Login | undefined {
    return this.#machines.get(host) ?? this.#fallback;
  }
}

const EMPTY: Login = { username: "", password: "" };

/** Words between white space, or in double quotes; `macdef` runs to the next blank line. */
function* tokens(text: string): Generator<string, undefined> {
  const plain = text.replace(/(^|\s)macdef\s[\s\S]*?(\n\s*\n|$)/g, "\n").replace(/^\s*#.*$/gm, "");
  for (const [, quoted, word] of plain.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)) {
    yield word ?? quoted!.replace(/\\(.)/g, "$1");
  }
  return undefined;
}
