import { HashSet } from "./_hash_set.ts";
import { nameKey, numberedName } from "./naming.ts";

/**
 * The names that a run has given out, so that no two of its files share one.
 *
 * Names are claimed in the order of the list before any transfer begins; the same list gives the
 * same names on every run. Paths that differ only in case count as one, as they are one on the
 * default file systems of macOS and Windows.
 */
export class Names {
  readonly #taken = new HashSet();
  readonly #next = new Map<string, number>();

  /**
   * `name` in `folder`, or the first of its numbered forms that no file of this run has and that
   * `accept` agrees to.
   */
  claim(folder: string, name: string, accept: (name: string) => boolean = () => true): string {
    if (this.#take(folder, name) && accept(name)) return name;
    const key = nameKey(`${folder}/${name}`);
    for (let number = this.#next.get(key) ?? 1;; number++) {
      const candidate = numberedName(name, number);
      if (!this.#take(folder, candidate) || !accept(candidate)) continue;
      this.#next.set(key, number + 1);
      return candidate;
    }
  }

  #take(folder: string, name: string): boolean {
    return this.#taken.add(nameKey(folder), nameKey(name));
  }
}
