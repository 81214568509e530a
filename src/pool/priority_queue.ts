import { type Clock, systemClock } from "../clock/mod.ts";

/** How a {@linkcode PriorityQueue} treats those who wait long. */
export interface PriorityQueueOptions {
  /**
   * The milliseconds of waiting that count as much as one step of priority, so that a stream of
   * urgent values can't starve the others. Without it waiting counts for nothing.
   */
  readonly agingMs?: number | undefined;
  /** What the waiting is measured by; the system clock when nothing is said. */
  readonly clock?: Clock | undefined;
}

interface Entry<T> {
  readonly value: T;
  readonly rank: number;
  readonly order: number;
}

/**
 * A queue whose highest priority leaves first, and first in first out among equals.
 *
 * It is a binary heap: `push` and `pop` take time in the logarithm of the size. Aging costs
 * nothing: every value gains at the same speed, so the order of two values never changes while
 * they wait, and `priority - arrival / agingMs` ranks them once and for all, as the urgency numbers
 * of J. R. Jackson do ("Some problems in queueing with dynamic priorities", 1960).
 *
 * @example
 * ```ts
 * import { PriorityQueue } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new PriorityQueue<string>();
 * queue.push("tidy up");
 * queue.push("put out the fire", 10);
 * queue.push("call the owner", 10);
 * assertEquals([...queue.drain()], ["put out the fire", "call the owner", "tidy up"]);
 * assertEquals(queue.size, 0);
 * ```
 */
export class PriorityQueue<T> {
  readonly #heap: Entry<T>[] = [];
  readonly #agingMs: number;
  readonly #clock: Clock;
  #pushed = 0;

  /**
   * Makes an empty queue.
   *
   * @throws {RangeError} if `agingMs` is not more than 0.
   */
  constructor({ agingMs = Infinity, clock = systemClock }: PriorityQueueOptions = {}) {
    if (!(agingMs > 0)) {
      throw new RangeError(
        `Cannot make a PriorityQueue: agingMs must be more than 0, got ${agingMs}`,
      );
    }
    this.#agingMs = agingMs;
    this.#clock = clock;
  }

  /** The values that wait. */
  get size(): number {
    return this.#heap.length;
  }

  /**
   * Adds a value; the higher its `priority` the sooner it leaves.
   *
   * @throws {RangeError} if `priority` is not a number.
   */
  push(value: T, priority = 0): void {
    if (Number.isNaN(priority)) {
      throw new RangeError(`Cannot push: priority must be a number, got ${priority}`);
    }
    const age = this.#agingMs === Infinity ? 0 : this.#clock.now() / this.#agingMs;
    this.#rise({ value, rank: priority - age, order: this.#pushed++ });
  }

  /** Takes the value that is due next, or returns undefined when there is none. */
  pop(): T | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first?.value;
  }

  /** The value that `pop` would take, without taking it. */
  peek(): T | undefined {
    return this.#heap[0]?.value;
  }

  /** Takes the values one by one, in the order in which they are due, until none is left. */
  *drain(): Generator<T, void, undefined> {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      this.pop();
      yield first.value;
    }
  }

  #rise(entry: Entry<T>): void {
    let hole = this.#heap.length;
    while (hole > 0) {
      const above = (hole - 1) >> 1;
      if (!leaves(entry, this.#heap[above]!)) break;
      this.#heap[hole] = this.#heap[above]!;
      hole = above;
    }
    this.#heap[hole] = entry;
  }

  /** Puts `entry` in the place of the root, which has left. */
  #sink(entry: Entry<T>): void {
    const size = this.#heap.length;
    let hole = 0;
    for (;;) {
      let below = 2 * hole + 1;
      if (below >= size) break;
      if (below + 1 < size && leaves(this.#heap[below + 1]!, this.#heap[below]!)) below++;
      if (!leaves(this.#heap[below]!, entry)) break;
      this.#heap[hole] = this.#heap[below]!;
      hole = below;
    }
    this.#heap[hole] = entry;
  }
}

/** Whether `a` leaves before `b`. */
function leaves<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.rank > b.rank || (a.rank === b.rank && a.order < b.order);
}
