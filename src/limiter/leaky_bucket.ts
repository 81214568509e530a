import { type Clock, systemClock } from "../clock/mod.ts";
import { checkEvents, checkInteger, checkRate } from "./_checks.ts";
import { Refill } from "./_refill.ts";
import { WaitQueue } from "./_wait_queue.ts";
import { LimitExceededError } from "./limit_exceeded_error.ts";
import type { Limiter, LimiterWaitOptions } from "./limiter.ts";

/** Options of {@linkcode LeakyBucket}. */
export interface LeakyBucketOptions {
  /** Events that leave per second; 0 is none, `Infinity` lifts the limit. */
  limit: number;
  /** How many events may wait in the bucket. Default: any number. */
  capacity?: number | undefined;
  /** Where time comes from. Default: the system's clock. */
  clock?: Clock | undefined;
}

/**
 * The leaky bucket as a queue: events leave one at a time, `1 / limit` seconds apart, and at most
 * `capacity` of them wait. What pours in faster spills over.
 *
 * Unlike a {@linkcode TokenBucket} it saves nothing up: after a pause, too, events leave evenly. A
 * claim of `n` leaves as one when its turn comes, and the next one `n` intervals later.
 *
 * The model is that of Turner, "New directions in communications" (1986), and of nginx's
 * `limit_req`. When a timer is late, the departures after it keep to the original times.
 *
 * @example An even flow, and a spill
 * ```ts
 * import { LeakyBucket, LimitExceededError, ManualClock } from "@dlm/dlm";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const clock = new ManualClock();
 * const bucket = new LeakyBucket({ limit: 10, capacity: 2, clock });
 * const left: number[] = [];
 * const pour = () => bucket.wait().then(() => left.push(clock.now()));
 *
 * const poured = [pour(), pour(), pour()];
 * const spilled = await assertRejects(() => pour(), LimitExceededError);
 * assertEquals(spilled.retryAfterMs, 100);
 * await clock.advance(1_000);
 * await Promise.all(poured);
 * assertEquals(left, [0, 100, 200]);
 * ```
 */
export class LeakyBucket implements Limiter {
  readonly #refill: Refill;
  readonly #queue: WaitQueue;
  readonly #capacity: number;
  #limit: number;

  /**
   * Makes an empty bucket, from which the first event leaves at once.
   *
   * @throws {RangeError} if `limit` is negative or NaN, or `capacity` neither a non-negative integer
   * nor `Infinity`.
   */
  constructor({ limit, capacity = Infinity, clock = systemClock }: LeakyBucketOptions) {
    checkRate("make a LeakyBucket", "limit", limit);
    if (capacity !== Infinity) checkInteger("make a LeakyBucket", "capacity", capacity, 0);
    this.#limit = limit;
    this.#capacity = capacity;
    // One token opens the outlet. A claim of n takes n, and so closes it for n intervals.
    this.#refill = new Refill(clock, limit, 1, 1);
    this.#queue = new WaitQueue(clock, {
      delayMs: () => this.#delayMs(),
      take: (n) => this.#refill.tokens -= n,
    });
  }

  /** Events that leave per second. */
  get limit(): number {
    return this.#limit;
  }

  /** How many events may wait. */
  get capacity(): number {
    return this.#capacity;
  }

  /** How many events wait. */
  get level(): number {
    return this.#queue.total;
  }

  /**
   * Lets `n` events leave and returns true if that is possible now.
   *
   * @throws {RangeError} if `n` is not a non-negative integer.
   */
  allow(n = 1): boolean {
    checkEvents("allow", n);
    if (!this.#queue.empty || this.#delayMs() > 0) return false;
    this.#refill.tokens -= n;
    return true;
  }

  /**
   * Resolves when the turn of these `n` events comes.
   *
   * @throws {RangeError} if `n` is not a non-negative integer.
   * @throws {LimitExceededError} if they would have to wait and don't fit into the bucket.
   * @throws the signal's reason when it aborts first; those behind move up.
   */
  wait(n = 1, { signal }: LimiterWaitOptions = {}): Promise<void> {
    try {
      checkEvents("wait", n);
      signal?.throwIfAborted();
      if (this.allow(n)) return Promise.resolve();
      if (this.level + n > this.#capacity) throw this.#spill(n);
      return this.#queue.wait(n, { signal });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Changes the limit from now on and re-times those who wait.
   *
   * @throws {RangeError} if `limit` is negative or NaN.
   */
  setLimit(limit: number): void {
    checkRate("set the limit", "limit", limit);
    this.#refill.advance(this.#queue.dueAt);
    this.#limit = limit;
    this.#refill.setRate(limit);
    this.#queue.retime();
  }

  #delayMs(): number {
    this.#refill.advance(this.#queue.dueAt);
    return this.#refill.delayUntil(1);
  }

  #spill(n: number): LimitExceededError {
    const message =
      `Cannot wait: the bucket holds ${this.level} of ${this.#capacity} events, got ${n} more`;
    // So many must leave first. What never fits in can still go when the bucket is empty.
    const leaving = Math.min(this.level + n - this.#capacity, this.level + 1);
    return new LimitExceededError(message, this.#refill.delayUntil(leaving));
  }
}
