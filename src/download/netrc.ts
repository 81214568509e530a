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
    for (let word = words.next(); !word.done; word = words.next()) {
      if (word.value === "machine") this.#machines.set(words.next().value ?? "", { ...EMPTY });
      else if (word.value === "default") this.#fallback = { ...EMPTY };
      else if (word.value === "login") this.#amend({ username: words.next().value ?? "" });
      else if (word.value === "password") this.#amend({ password: words.next().value ?? "" });
      else if (word.value === "account") words.next();
    }
  }

  /** What the file says for `host`. */
  find(host: string): Login | undefined {
    return this.#machines.get(host) ?? this.#fallback;
  }

  /** Adds to the entry that was begun last. */
  #amend(part: Partial<Login>): void {
    if (this.#fallback) {
      this.#fallback = { ...this.#fallback, ...part };
      return;
    }
    const last = [...this.#machines.keys()].at(-1);
    if (last !== undefined) this.#machines.set(last, { ...this.#machines.get(last)!, ...part });
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
