/** A moment that somebody was promised. */
export interface Promised {
  readonly at: number;
  /** Counts up in the order in which promises were made. */
  readonly order: number;
}

/** The promises that are still to come. */
export class Promises {
  #all: Promised[] = [];
  #made = 0;
  #cleanUpAt = 16;

  add(at: number, now: number): Promised {
    const promised = { at, order: this.#made++ };
    // The past is dropped now and then, so that this costs O(1) on average.
    if (this.#all.length >= this.#cleanUpAt) {
      this.#all = this.#all.filter((each) => each.at >= now);
      this.#cleanUpAt = Math.max(16, this.#all.length * 2);
    }
    this.#all.push(promised);
    return promised;
  }

  remove(promised: Promised): void {
    const index = this.#all.indexOf(promised);
    if (index >= 0) this.#all.splice(index, 1);
  }

  /** The latest moment among the promises that were made after this one; `-Infinity` if none. */
  latestSince({ order }: Promised): number {
    let latest = -Infinity;
    for (const each of this.#all) {
      if (each.order > order && each.at > latest) latest = each.at;
    }
    return latest;
  }
}
