import { type Clock, systemClock } from "../clock/mod.ts";
import { AbortGroups } from "./_abort_groups.ts";
import { Account, type Take } from "./_bandwidth_account.ts";
import { throttle } from "./_throttle.ts";
import type { BandwidthShare } from "./bandwidth_share.ts";
import { checkPositive, checkRate, outOfRange } from "./_checks.ts";
import { FairQueue } from "./_fair_queue.ts";
import { NOT_DUE, Refill } from "./_refill.ts";
import { ROUNDING_MS } from "./_rounding.ts";
import type { LimiterWaitOptions } from "./limiter.ts";

/** Options of {@linkcode BandwidthLimiter}. */
export interface BandwidthLimiterOptions {
  /** Bytes per second for all users together; 0 is paused, `Infinity` lifts the limit. */
  bytesPerSecond: number;
  /** Where time comes from. Default: the system's clock. */
  clock?: Clock | undefined;
}

/** Options of {@linkcode BandwidthLimiter.join}. */
export interface BandwidthShareOptions {
  /** How much this user gets in proportion to the others. Default 1. */
  weight?: number | undefined;
}

/**
 * How much may be saved up, as a time at the full rate.
 *
 * It is also how long a user who pauses keeps its part before the others get it. That bridges the
 * moment between two takes: without it, a user of small chunks, who must come back more often than
 * timers fire, would lose its part to those of large ones.
 */
const BRIDGE_MS = 50;

/**
 * A limit on bytes per second that any number of streams share fairly.
 *
 * Each user calls {@linkcode BandwidthLimiter.join} and then takes bytes from its share before it
 * moves them. Bandwidth is divided by weight among those who want it, and what one doesn't use the
 * others get: generalised processor sharing (Parekh and Gallager, 1993). How large the chunks are
 * that a user takes makes no difference, and a take costs no more than the logarithm of the number
 * of users.
 *
 * - At most `bytesPerSecond * t` bytes pass in the first `t` seconds: it starts with nothing saved.
 *   Later on, 100 ms worth may be saved up.
 * - When timers are late, what was due is made up for, up to 250 ms worth, so the average is exact.
 * - At `Infinity` a take costs a function call. At 0 everyone waits until {@linkcode setRate}.
 *
 * @example Two streams of different weight
 * ```ts
 * import { BandwidthLimiter, ManualClock } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new ManualClock();
 * const bandwidth = new BandwidthLimiter({ bytesPerSecond: 3_000, clock });
 * using video = bandwidth.join({ weight: 2 });
 * using backup = bandwidth.join();
 *
 * let backedUp = false;
 * const played = video.take(20_000);
 * backup.take(15_000).then(() => backedUp = true);
 *
 * await clock.advance(10_000);
 * await played;
 * assertEquals(backedUp, false);
 * await clock.advance(5_000 / 3);
 * assertEquals(backedUp, true);
 * ```
 */
export class BandwidthLimiter {
  readonly #clock: Clock;
  /** What nobody was paid yet. */
  readonly #pool: Refill;
  readonly #groups: AbortGroups<Take>;
  /** Those who want bytes, or did so a moment ago. */
  readonly #queue = new FairQueue();
  #bytesPerSecond: number;
  #dueAt = NOT_DUE;
  #stopTimer: (() => void) | undefined;

  /**
   * Makes a limiter without users.
   *
   * @throws {RangeError} if `bytesPerSecond` is negative or NaN.
   */
  constructor({ bytesPerSecond, clock = systemClock }: BandwidthLimiterOptions) {
    checkRate("make a BandwidthLimiter", "bytesPerSecond", bytesPerSecond);
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#pool = new Refill(clock, bytesPerSecond, savings(bytesPerSecond), 0);
    this.#groups = new AbortGroups((takes, reason) => {
      for (const take of takes) {
        this.#queue.remove(take);
        if (!take.account.hungry) this.#retire(take.account);
        take.reject(reason);
      }
      this.#divide();
    });
  }

  /** Bytes per second for all users together. */
  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  /**
   * Adds a user. Give each stream its own share: takes on the same one are served one after the
   * other.
   *
   * @throws {RangeError} if `weight` is not a finite positive number.
   */
  join({ weight = 1 }: BandwidthShareOptions = {}): BandwidthShare {
    checkPositive("join", "weight", weight);
    const account = new Account(weight);
    let left = false;
    const share: BandwidthShare = {
      weight,
      take: (bytes, options) => left ? Promise.reject(gone()) : this.#take(account, bytes, options),
      throttle: (options) => throttle(share, () => this.#pieceBytes(account), options?.signal),
      [Symbol.dispose]: () => {
        left = true;
        this.#leave(account);
      },
    };
    return share;
  }

  /**
   * Changes the rate, in bytes per second, from now on. Those who wait are re-timed: 0 pauses them,
   * `Infinity` lets them all go.
   *
   * @throws {RangeError} if `bytesPerSecond` is negative or NaN.
   */
  setRate(bytesPerSecond: number): void {
    checkRate("set the rate", "bytesPerSecond", bytesPerSecond);
    this.#divide();
    this.#bytesPerSecond = bytesPerSecond;
    this.#pool.cap = savings(bytesPerSecond);
    this.#pool.setRate(bytesPerSecond);
    this.#pool.tokens = Math.min(this.#pool.tokens, this.#pool.cap);
    // Savings are counted in time. What a fast limit saved in a moment would feed a slow one long.
    this.#queue.trim(savings(bytesPerSecond));
    this.#divide();
    // A take that was cancelled during a pause may have left more than the others needed.
    if (this.#pool.infinite) this.#queue.trim(0);
  }

  #take(account: Account, bytes: number, { signal }: LimiterWaitOptions = {}): Promise<void> {
    if (!(bytes >= 0 && bytes < Infinity)) {
      return Promise.reject(outOfRange("take", "bytes", "a finite number of 0 or more", bytes));
    }
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#pool.infinite) return Promise.resolve();
    this.#queue.enter(account, this.#clock.now());
    if (this.#queue.spend(account, bytes, this.#rounding)) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const take: Take = { account, bytes, signal, resolve, reject };
    this.#queue.add(take);
    if (signal !== undefined) this.#groups.join(signal, take);
    this.#divide();
    return promise;
  }

  #leave(account: Account): void {
    for (const take of account.takes) {
      this.#queue.remove(take);
      if (take.signal !== undefined) this.#groups.leave(take.signal, take);
      take.reject(gone());
    }
    this.#retire(account);
    this.#divide();
  }

  /** What it had saved goes to the others. */
  #retire(account: Account): void {
    this.#pool.tokens += this.#queue.leave(account);
  }

  /** Pays out what came in, finishes the takes that are paid for, and sets the timer anew. */
  #divide(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    const now = this.#pool.advance(this.#dueAt);
    this.#retireIdle(now);
    if (this.#bytesPerSecond > 0) {
      this.#pay();
      this.#finish(now);
    }
    this.#setTimer(now);
  }

  #retireIdle(now: number): void {
    const earliest = now - BRIDGE_MS - ROUNDING_MS;
    for (let next = this.#queue.idle; next !== undefined; next = this.#queue.idle) {
      if (next.lastActive >= earliest) return;
      this.#retire(next);
    }
  }

  /** Fills the accounts evenly by weight. What doesn't fit into one is divided among the rest. */
  #pay(): void {
    const most = savings(this.#bytesPerSecond);
    this.#pool.tokens = this.#queue.pay(this.#pool.tokens, most, this.#rounding);
  }

  #finish(now: number): void {
    for (const take of this.#queue.finish(this.#rounding, now)) {
      if (take.signal !== undefined) this.#groups.leave(take.signal, take);
      take.resolve();
    }
  }

  /** Bytes not worth waiting for. At an infinite rate these are all, and so everyone may go. */
  get #rounding(): number {
    return this.#pool.perMs * ROUNDING_MS;
  }

  #setTimer(now: number): void {
    const delay = this.#delayMs();
    this.#dueAt = delay === Infinity ? NOT_DUE : now + delay;
    if (delay < Infinity) {
      this.#stopTimer = this.#clock.schedule(delay, () => this.#divide());
    }
  }

  /** When the first take falls due, or earlier if others get more from then on. */
  #delayMs(): number {
    const missing = this.#queue.missing;
    if (this.#bytesPerSecond === 0 || missing === Infinity) return Infinity;
    const delay = missing / this.#pool.perMs;
    return this.#queue.idle === undefined ? delay : Math.min(delay, BRIDGE_MS);
  }

  #pieceBytes(account: Account): number {
    if (this.#pool.infinite) return Infinity;
    const { weight } = account;
    const weights = this.#queue.weight + (this.#queue.has(account) ? 0 : weight);
    return Math.max(1, Math.floor(savings(this.#bytesPerSecond) * weight / weights));
  }
}

/** Bytes that may be saved up in all. */
function savings(bytesPerSecond: number): number {
  return bytesPerSecond === Infinity ? 0 : bytesPerSecond * BRIDGE_MS / 1_000;
}

function gone(): TypeError {
  return new TypeError("Cannot take: the share was disposed of");
}
