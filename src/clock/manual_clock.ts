import { type Clock, sleepOn } from "./clock.ts";
import { turn } from "./turn.ts";

interface Timer {
  readonly due: number;
  readonly fire: () => void;
}

/**
 * A clock that moves only when it is told to.
 *
 * Timers fire in order of their due time, and first set first fired among equals. Between two
 * timers `advance` lets every promise settle, so what a timer wakes can set further timers within
 * the same advance.
 */
export class ManualClock implements Clock {
  #now: number;
  #timers: Timer[] = [];

  /** Starts at `now` milliseconds. */
  constructor(now = 0) {
    this.#now = now;
  }

  /** The current reading. */
  now(): number {
    return this.#now;
  }

  /** The timers that wait; a test that ends should find 0. */
  get pending(): number {
    return this.#timers.length;
  }

  /** As {@linkcode Clock.sleep}, in manual time. */
  sleep(ms: number, options?: { signal?: AbortSignal | undefined }): Promise<void> {
    return sleepOn(this, ms, options?.signal);
  }

  /** As {@linkcode Clock.schedule}, in manual time. */
  schedule(ms: number, fire: () => void): () => void {
    const timer: Timer = { due: this.#now + Math.max(0, ms), fire };
    this.#timers.splice(this.#firstDueAfter(timer.due), 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  /**
   * Moves time on by `ms` milliseconds, firing each timer at its own moment.
   *
   * @throws {RangeError} if `ms` is negative or not a number.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`Cannot advance: ms must be 0 or more, got ${ms}`);
    const end = this.#now + ms;
    await turn();
    for (let next = this.#timers[0]; next && next.due <= end; next = this.#timers[0]) {
      this.#timers.shift();
      this.#now = Math.max(this.#now, next.due);
      next.fire();
      await turn();
    }
    this.#now = end;
  }

  #firstDueAfter(due: number): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#timers[middle]!.due <= due) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
