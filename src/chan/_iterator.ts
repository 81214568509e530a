import type { Core } from "./_core.ts";
import { fulfilled } from "./_turn.ts";
import { type Answer, ReceiveCall } from "./_waiter.ts";

/** The values of a channel until it is closed and drained. Leaving the loop closes nothing. */
export class ChanIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #core: Core<T>;
  /** One of its own, so that this iterator's waits can be told from the others'. */
  readonly #answer: Answer<T, IteratorResult<T, undefined>> = new IteratorAnswer<T>();
  /** The last `next` that had to wait. Those before it can only have settled earlier. */
  #lastWait: ReceiveCall<T, IteratorResult<T, undefined>> | null = null;
  #returned = false;

  constructor(core: Core<T>) {
    this.#core = core;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const core = this.#core;
    if (this.#returned) return fulfilled(this.#answer.end());
    if (core.hasValue) return fulfilled(this.#answer.value(core.take()));
    if (core.closed) {
      return core.cause === undefined ? fulfilled(this.#answer.end()) : Promise.reject(core.cause);
    }
    const wait = new ReceiveCall(this.#answer, undefined);
    core.receivers.push(wait);
    this.#lastWait = wait;
    return wait.promise;
  }

  /** Ends the iteration and every `next` that still waits, which then has taken no value. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#returned = true;
    if (this.#lastWait?.list) {
      for (const waiter of [...this.#core.receivers]) {
        if (waiter instanceof ReceiveCall && waiter.answer === this.#answer) waiter.stop();
      }
    }
    return fulfilled(this.#answer.end());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

class IteratorAnswer<T> implements Answer<T, IteratorResult<T, undefined>> {
  readonly place = "loop";

  value(value: T): IteratorResult<T, undefined> {
    return { value, done: false };
  }

  end(): IteratorResult<T, undefined> {
    return { value: undefined, done: true };
  }
}
