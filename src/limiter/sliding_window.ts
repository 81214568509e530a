import { type Clock, systemClock } from "../clock/mod.ts";
import { checkEvents, checkInteger, checkPositive, outOfRange } from "./_checks.ts";
import { roundedDelay } from "./_rounding.ts";
import { WaitQueue } from "./_wait_queue.ts";
import type { Limiter, LimiterWaitOptions } from "./limiter.ts";

/** Options of {@linkcode SlidingWindow}. */
export interface SlidingWindowOptions {
  /** The most events in any window. */
  limit: number;
  /** The length of the window, in milliseconds. */
  windowMs: number;
  /** Where time comes from. Default: the system's clock. */
  clock?: Clock | undefined;
}

/**
 * At most `limit` events in any stretch of `windowMs` milliseconds, wherever it starts.
 *
 * It is the exact form, a log: it keeps the time of the last `limit` events in a ring, 8 bytes
 * each, and never more. Asking costs O(1), taking `n` events O(n). Services that count calls per
 * minute enforce just this, so whoever stays within it is never refused there.
 *
 * The limit is a strict one: when a timer is late, what was due meanwhile is not made up for. A
 * {@linkcode TokenBucket} holds an average more closely.
 *
 * @example An API that takes 3 calls per second
 * ```ts
 * import { ManualClock, SlidingWindow } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new ManualClock();
 * const api = new SlidingWindow({ limit: 3, windowMs: 1_000, clock });
 * assertEquals([1, 2, 3, 4].map(() => api.allow()), [true, true, true, false]);
 *
 * const called = api.wait();
 * await clock.advance(1_000);
 * await called;
 * ```
 */
export class SlidingWindow implements Limiter {
  readonly #clock: Clock;
  readonly #windowMs: number;
  readonly #queue: WaitQueue;
  /** The times of the last events, in a ring; the oldest is at `#oldest`. */
  readonly #log: Float64Array;
  #oldest = 0;

  /**
   * Makes a window that has seen no event.
   *
   * @throws {RangeError} if `limit` is not a positive integer, or `windowMs` not a finite positive
   * number.
   */
  constructor({ limit, windowMs, clock = systemClock }: SlidingWindowOptions) {
    checkInteger("make a SlidingWindow", "limit", limit, 1);
    checkPositive("make a SlidingWindow", "windowMs", windowMs);
    this.#clock = clock;
    this.#windowMs = windowMs;
    this.#log = new Float64Array(limit).fill(-Infinity);
    this.#queue = new WaitQueue(clock, {
      delayMs: (n) => this.#delayMs(n),
      take: (n) => this.#take(n),
    });
  }

  /** The most events in any window. */
  get limit(): number {
    return this.#log.length;
  }

  /** The length of the window, in milliseconds. */
  get windowMs(): number {
    return this.#windowMs;
  }

  /**
   * Takes `n` events and returns true if the window has room for them now and nobody waits.
   *
   * @throws {RangeError} if `n` is not a non-negative integer.
   */
  allow(n = 1): boolean {
    checkEvents("allow", n);
    if (!this.#queue.empty || n > this.limit || this.#delayMs(n) > 0) return false;
    this.#take(n);
    return true;
  }

  /**
   * Resolves when the window has room for `n` events, having taken them.
   *
   * @throws {RangeError} if `n` is not a non-negative integer, or exceeds the limit.
   * @throws the signal's reason when it aborts first; nothing has been taken.
   */
  wait(n = 1, { signal }: LimiterWaitOptions = {}): Promise<void> {
    try {
      checkEvents("wait", n);
      if (n > this.limit) throw outOfRange("wait", "n", `at most the limit of ${this.limit}`, n);
      signal?.throwIfAborted();
      return this.allow(n) ? Promise.resolve() : this.#queue.wait(n, { signal });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** When the n-th oldest of the events in the log leaves the window. */
  #delayMs(n: number): number {
    if (n === 0) return 0;
    const blocking = this.#log[(this.#oldest + n - 1) % this.limit]!;
    const age = this.#clock.now() - blocking;
    return roundedDelay(this.#windowMs - age);
  }

  #take(n: number): void {
    const now = this.#clock.now();
    for (let i = 0; i < n; i++) {
      this.#log[this.#oldest] = now;
      this.#oldest = (this.#oldest + 1) % this.limit;
    }
  }
}
