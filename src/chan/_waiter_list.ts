/** The links that a member of a {@linkcode WaiterList} carries. */
export interface Linked<W extends Linked<W>> {
  previous: W | null;
  next: W | null;
  /** The list it stands in, or null. */
  list: WaiterList<W> | null;
}

/**
 * A first-in, first-out queue of those who wait. The links are in the members themselves, so one
 * that gives up leaves from wherever it stands in constant time, and joining allocates nothing.
 */
export class WaiterList<W extends Linked<W>> {
  /** Who has waited longest. */
  head: W | null = null;
  #tail: W | null = null;

  push(waiter: W): void {
    waiter.list = this;
    waiter.previous = this.#tail;
    if (this.#tail === null) this.head = waiter;
    else this.#tail.next = waiter;
    this.#tail = waiter;
  }

  shift(): W | null {
    const first = this.head;
    if (first !== null) this.remove(first);
    return first;
  }

  /** Takes out a member. */
  remove(waiter: W): void {
    const { previous, next } = waiter;
    if (previous === null) this.head = next;
    else previous.next = next;
    if (next === null) this.#tail = previous;
    else next.previous = previous;
    waiter.previous = null;
    waiter.next = null;
    waiter.list = null;
  }

  *[Symbol.iterator](): Generator<W> {
    for (let waiter = this.head; waiter !== null; waiter = waiter.next) yield waiter;
  }
}
