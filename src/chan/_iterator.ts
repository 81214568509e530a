import type { Core } from "./_core.ts";
import { settledWith } from "./_turn.ts";
import { NextCall } from "./_waiter.ts";

/** The values of a channel until it is closed and drained. Leaving the loop closes nothing. */
export class ChanIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #core: Core<T>;
  /** The last `next` that had to wait. Those before it can only have settled earlier. */
  #lastWait: NextCall<T> | null = null;
  #returned = false;

  constructor(core: Core<T>) {
    this.#core = core;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const core = this.#core;
    if (this.#returned) return settledWith({ value: undefined, done: true });
    if (core.hasValue) return settledWith({ value: core.take(), done: false });
    if (core.closed) {
      return core.cause === undefined
        ? settledWith({ value: undefined, done: true })
        : Promise.reject(core.cause);
    }
    const wait = new NextCall<T>(this);
    core.receivers.push(wait);
    this.#lastWait = wait;
    return wait.promise;
  }

  /** Ends the iteration and every `next` that still waits, which then has taken no value. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#returned = true;
    if (this.#lastWait?.list) {
      const waits = [...this.#core.receivers].filter((waiter) => waiter instanceof NextCall);
      for (const wait of waits) if (wait.iterator === this) wait.stop();
    }
    return settledWith({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
