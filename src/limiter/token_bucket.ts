import { type Clock, systemClock } from "../clock/mod.ts";
import { checkEvents, checkInteger, checkRate, outOfRange } from "./_checks.ts";
import { Promises } from "./_promises.ts";
import { Refill } from "./_refill.ts";
import { type Place, WaitQueue } from "./_wait_queue.ts";
import { LimitExceededError } from "./limit_exceeded_error.ts";
import type { Limiter, LimiterWaitOptions } from "./limiter.ts";
import type { Reservation } from "./reservation.ts";

/** Options of {@linkcode TokenBucket}. */
export interface TokenBucketOptions {
  /** Tokens that come in per second; 0 is none, `Infinity` lifts the limit. */
  limit: number;
  /** The most tokens that the bucket holds, and that one call can take. Default 1. */
  burst?: number | undefined;
  /** Where time comes from. Default: the system's clock. */
  clock?: Clock | undefined;
}

/** Options of {@linkcode TokenBucket.wait}. */
export interface TokenBucketWaitOptions extends LimiterWaitOptions {
  /** The longest wait, in milliseconds from now. Default: no limit. */
  maxWaitMs?: number | undefined;
}

/**
 * A bucket of `burst` tokens, full at first, that refills with `limit` tokens per second.
 *
 * An event takes a token. So in any stretch of `t` seconds at most `burst + limit * t` events
 * happen, and someone who always waits gets `limit` of them per second in the long run. When a
 * timer fires late, which is the system's doing, what came in meanwhile may go on top of the burst,
 * up to 250 ms worth: that keeps the average exact.
 *
 * The model and the vocabulary are those of Go's `golang.org/x/time/rate`:
 *
 * - {@linkcode TokenBucket.allow}, when there is no token, returns false. It suits events that may
 *   be dropped.
 * - {@linkcode TokenBucket.reserve} returns a promise for a later moment. It suits callers who
 *   schedule their own work.
 * - {@linkcode TokenBucket.wait} waits. It suits most callers.
 *
 * Each takes `n` tokens, 1 by default. Claims are served in the order in which they were made: a
 * small one doesn't overtake a large one.
 *
 * Three things differ from Go. A new limit re-times those who already wait. A wait that is
 * cancelled leaves the bucket as if it had never been asked for, and so those behind it move
 * ahead. And at limit 0 `reserve` isn't `ok`, where Go takes the tokens for a moment that never
 * comes.
 *
 * @example A client that sends at most ten requests per second, five of them at once
 * ```ts
 * import { ManualClock, TokenBucket } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new ManualClock();
 * const bucket = new TokenBucket({ limit: 10, burst: 5, clock });
 * let sent = 0;
 * const client = (async () => {
 *   for (; sent < 100; sent++) await bucket.wait();
 * })();
 *
 * await clock.advance(1_000);
 * assertEquals(sent, 5 + 10);
 * await clock.advance(60_000);
 * await client;
 * ```
 */
export class TokenBucket implements Limiter {
  readonly #clock: Clock;
  readonly #refill: Refill;
  readonly #queue: WaitQueue;
  #limit: number;
  readonly #promises = new Promises();
  /** Counts the times the limit became infinite, which forgives all debts. */
  #amnesties = 0;

  /**
   * Makes a full bucket.
   *
   * @throws {RangeError} if `limit` is negative or NaN, or `burst` is not a non-negative integer.
   */
  constructor({ limit, burst = 1, clock = systemClock }: TokenBucketOptions) {
    checkRate("make a TokenBucket", "limit", limit);
    checkInteger("make a TokenBucket", "burst", burst, 0);
    this.#clock = clock;
    this.#limit = limit;
    this.#refill = new Refill(clock, limit, burst, burst);
    this.#queue = new WaitQueue(clock, {
      delayMs: (n) => {
        this.#advance();
        return this.#refill.delayUntil(n);
      },
      take: (n) => this.#refill.tokens -= n,
      keepBack: (n, upTo, promisedAt) => {
        const turn = this.#advance() + this.#refill.delayUntil(upTo);
        return usedBetween(turn, promisedAt, n, this.#refill.perMs);
      },
    });
  }

  /** Tokens per second. */
  get limit(): number {
    return this.#limit;
  }

  /** The most tokens that the bucket holds, and that one call can take. */
  get burst(): number {
    return this.#refill.cap;
  }

  /**
   * The tokens that are free now, with fractions; negative when some that are still to come were
   * already promised.
   */
  tokens(): number {
    this.#advance();
    return this.#refill.tokens - this.#queue.total;
  }

  /**
   * Takes `n` tokens and returns true if they are there now; takes nothing and returns false if
   * not, if somebody waits, or if `n` exceeds the burst.
   *
   * @throws {RangeError} if `n` is not a non-negative integer.
   */
  allow(n = 1): boolean {
    checkEvents("allow", n);
    this.#advance();
    if (this.#delayFor(n) > 0) return false;
    this.#refill.tokens -= n;
    return true;
  }

  /**
   * Takes `n` tokens that are there now or will be later, and says when the holder may act. Later
   * calls count on that: cancel what you won't use. It is not `ok`, and nothing is taken, if `n`
   * exceeds the burst or the limit is 0.
   *
   * @throws {RangeError} if `n` is not a non-negative integer.
   *
   * @example A scheduler that requeues a job rather than wait
   * ```ts
   * import { ManualClock, TokenBucket } from "@dlm/dlm";
   * import { assertEquals } from "@std/assert";
   *
   * const clock = new ManualClock();
   * const bucket = new TokenBucket({ limit: 10, clock });
   * const delays = [1, 2, 3].map(() => bucket.reserve().delayMs);
   * assertEquals(delays, [0, 100, 200]);
   * ```
   */
  reserve(n = 1): Reservation {
    checkEvents("reserve", n);
    const now = this.#advance();
    const delay = this.#delayFor(n);
    return delay === Infinity ? NEVER : this.#promise(n, now + delay, now);
  }

  /**
   * Resolves once `n` tokens are there, and has taken them then. Waiters are served first come,
   * first served. The burst counts when the call is made: who already waits is served even if
   * {@linkcode setBurst} makes it too small.
   *
   * @throws {RangeError} if `n` is not a non-negative integer, or exceeds the burst while the limit
   * is not infinite.
   * @throws {LimitExceededError} if the wait would last longer than `maxWaitMs`: at once if that is
   * clear from the start, at that moment if a new limit made it so. Nothing has been taken.
   * @throws the signal's reason when it aborts first. Nothing has been taken.
   */
  wait(n = 1, { signal, maxWaitMs = Infinity }: TokenBucketWaitOptions = {}): Promise<void> {
    try {
      checkEvents("wait", n);
      if (!(maxWaitMs >= 0)) throw outOfRange("wait", "maxWaitMs", "0 or more", maxWaitMs);
      if (n > this.burst && !this.#refill.infinite) {
        throw outOfRange("wait", "n", `at most the burst of ${this.burst}`, n);
      }
      signal?.throwIfAborted();
      this.#advance();
      const delay = this.#delayFor(n);
      if (delay > maxWaitMs) {
        const message = `Cannot wait: ${n} would take ${delay} ms, more than ${maxWaitMs} ms`;
        throw new LimitExceededError(message, delay - maxWaitMs);
      }
      if (delay > 0) return this.#queue.wait(n, { signal, maxWaitMs });
      this.#refill.tokens -= n;
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Changes the limit, in tokens per second, from now on. Tokens that came in are kept, and those
   * who wait are re-timed: a higher limit wakes them sooner, 0 stops them until the next change,
   * `Infinity` lets them all go. Reservations keep their moment.
   *
   * @throws {RangeError} if `limit` is negative or NaN.
   */
  setLimit(limit: number): void {
    checkRate("set the limit", "limit", limit);
    this.#advance();
    this.#limit = limit;
    this.#refill.setRate(limit);
    if (limit === Infinity) this.#amnesties++;
    this.#queue.retime();
  }

  /**
   * Changes the burst from now on. Tokens beyond the new one are lost.
   *
   * @throws {RangeError} if `burst` is not a non-negative integer.
   */
  setBurst(burst: number): void {
    checkInteger("set the burst", "burst", burst, 0);
    this.#advance();
    this.#refill.cap = burst;
    this.#advance();
    this.#queue.retime();
  }

  #advance(): number {
    return this.#refill.advance(this.#queue.dueAt);
  }

  /** The delay of a claim that is made now, behind all others; `Infinity` if it can't be met. */
  #delayFor(n: number): number {
    if (this.#refill.infinite) return 0;
    if (n > this.burst) return Infinity;
    return this.#refill.delayUntil(n + this.#queue.total);
  }

  #promise(n: number, at: number, now: number): Reservation {
    const clock = this.#clock;
    const { perMs, infinite } = this.#refill;
    const amnesties = this.#amnesties;
    const promised = this.#promises.add(at, now);
    const debt = infinite ? undefined : this.#charge(n, at);
    let cancelled = false;
    const cancel = () => {
      if (cancelled || at < clock.now()) return;
      cancelled = true;
      this.#promises.remove(promised);
      // An infinite limit, then or now, took nothing or has forgiven it.
      if (infinite || this.#refill.infinite || this.#amnesties !== amnesties) return;
      this.#refund(n, usedBetween(at, this.#promises.latestSince(promised), n, perMs), debt);
    };
    return {
      ok: true,
      get delayMs(): number {
        return Math.max(0, at - clock.now());
      },
      cancel,
    };
  }

  /** Takes tokens in advance, behind those who wait. */
  #charge(n: number, at: number): Place | undefined {
    if (!this.#queue.empty) return this.#queue.owe(n, at);
    this.#refill.tokens -= n;
    return undefined;
  }

  #refund(n: number, kept: number, debt: Place | undefined): void {
    this.#advance();
    if (debt?.queued) this.#queue.reduce(debt, kept);
    else this.#refill.tokens += n - kept;
    this.#queue.retime();
  }
}

/**
 * How many of the `n` tokens for the moment `at` can't be given back when their holder cancels,
 * since somebody was promised a later moment: those that come in between the two. With them the
 * bucket would overflow by the time the promise is kept. It is the rule of `x/time/rate`.
 */
function usedBetween(at: number, promisedAt: number, n: number, perMs: number): number {
  return Math.min(n, Math.max(0, promisedAt - at) * perMs);
}

const NEVER: Reservation = { ok: false, delayMs: Infinity, cancel: () => {} };
