/** Something that can stand in a {@linkcode Line}, in one at a time. */
export interface InLine<T> {
  before: T | undefined;
  behind: T | undefined;
  inLine: boolean;
}

/**
 * A first-in, first-out line whose links are in those who stand in it, so that anybody can leave
 * from anywhere in constant time.
 */
export class Line<T extends InLine<T>> {
  #first: T | undefined;
  #last: T | undefined;

  join(one: T): void {
    one.inLine = true;
    one.before = this.#last;
    if (this.#last === undefined) this.#first = one;
    else this.#last.behind = one;
    this.#last = one;
  }

  /** Takes the first out. */
  shift(): T | undefined {
    const first = this.#first;
    if (first !== undefined) this.leave(first);
    return first;
  }

  /** Takes one out, and says whether it was in. */
  leave(one: T): boolean {
    if (!one.inLine) return false;
    if (one.before === undefined) this.#first = one.behind;
    else one.before.behind = one.behind;
    if (one.behind === undefined) this.#last = one.before;
    else one.behind.before = one.before;
    one.before = one.behind = undefined;
    one.inLine = false;
    return true;
  }
}
