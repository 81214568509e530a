import { type Clock, systemClock } from "../clock/mod.ts";
import { AbortGroups } from "./_abort_groups.ts";
import { Account, type Take } from "./_bandwidth_account.ts";
import { throttle } from "./_throttle.ts";
import type { BandwidthShare } from "./bandwidth_share.ts";
import { checkPositive, checkRate, outOfRange } from "./_checks.ts";
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
 * others get: generalised processor sharing (Parekh and Gallager, 1993), worked out each time a
 * take falls due. How large the chunks are that a user takes makes no difference.
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
  readonly #active = new Set<Account>();
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
        take.account.remove(take);
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
    const weights = this.#weights();
    for (const account of this.#active) {
      const most = this.#allowance(account, weights);
      if (!account.hungry) account.credit = Math.min(account.credit, most);
    }
    this.#divide();
  }

  #take(account: Account, bytes: number, { signal }: LimiterWaitOptions = {}): Promise<void> {
    if (!(bytes >= 0 && bytes < Infinity)) {
      return Promise.reject(outOfRange("take", "bytes", "a finite number of 0 or more", bytes));
    }
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#pool.infinite) return Promise.resolve();
    account.lastActive = this.#clock.now();
    this.#active.add(account);
    if (account.credit >= bytes && !account.hungry) {
      account.credit -= bytes;
      return Promise.resolve();
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const take: Take = { account, bytes, signal, resolve, reject };
    account.add(take);
    if (signal !== undefined) this.#groups.join(signal, take);
    this.#divide();
    return promise;
  }

  #leave(account: Account): void {
    for (const take of account.takes) {
      account.remove(take);
      if (take.signal !== undefined) this.#groups.leave(take.signal, take);
      take.reject(gone());
    }
    this.#retire(account);
    this.#divide();
  }

  #retire(account: Account): void {
    if (!this.#active.delete(account)) return;
    this.#pool.tokens += account.credit;
    account.credit = 0;
  }

  /** Pays out what came in, finishes the takes that are paid for, and sets the timer anew. */
  #divide(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    const now = this.#pool.advance(this.#dueAt);
    for (const account of this.#active) {
      if (!account.hungry && now - account.lastActive > BRIDGE_MS) this.#retire(account);
    }
    if (this.#bytesPerSecond > 0) {
      this.#pay();
      this.#finish(now);
    }
    this.#setTimer(now);
  }

  #finish(now: number): void {
    // At an infinite rate this rounds everything off, and so lets everyone go.
    const rounding = this.#pool.perMs * ROUNDING_MS;
    for (const account of this.#active) {
      for (const take of account.finish(rounding)) {
        account.lastActive = now;
        if (take.signal !== undefined) this.#groups.leave(take.signal, take);
        take.resolve();
      }
      if (this.#pool.infinite) account.credit = 0;
    }
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
    if (this.#bytesPerSecond === 0) return Infinity;
    const weights = this.#weights();
    let filling = 0;
    for (const account of this.#active) {
      if (account.room(this.#allowance(account, weights)) > 0) filling += account.weight;
    }
    let delay = Infinity;
    let bridging = false;
    for (const account of this.#active) {
      if (!account.hungry) bridging = true;
      else delay = Math.min(delay, account.missing / this.#pool.perMs * filling / account.weight);
    }
    return bridging && delay < Infinity ? Math.min(delay, BRIDGE_MS) : delay;
  }

  /** Fills the accounts evenly by weight. What doesn't fit into one is divided among the rest. */
  #pay(): void {
    const pool = this.#pool;
    const weights = this.#weights();
    let open = [...this.#active].map((account) => ({
      account,
      room: account.room(this.#allowance(account, weights)),
    }));
    while (pool.tokens > 0 && open.length > 0) {
      const perWeight = pool.tokens / open.reduce((sum, { account }) => sum + account.weight, 0);
      const roomy: typeof open = [];
      for (const entry of open) {
        if (entry.room > perWeight * entry.account.weight) roomy.push(entry);
        else {
          entry.account.credit += entry.room;
          pool.tokens -= entry.room;
        }
      }
      if (roomy.length === open.length) {
        for (const { account } of open) account.credit += perWeight * account.weight;
        pool.tokens = 0;
      }
      open = roomy;
    }
  }

  #weights(): number {
    let sum = 0;
    for (const { weight } of this.#active) sum += weight;
    return sum;
  }

  /** What one user may save up. */
  #allowance({ weight }: Account, weights: number): number {
    return savings(this.#bytesPerSecond) * weight / weights;
  }

  #pieceBytes(account: Account): number {
    if (this.#pool.infinite) return Infinity;
    this.#active.add(account);
    return Math.max(1, Math.floor(this.#allowance(account, this.#weights())));
  }
}

/** Bytes that may be saved up in all. */
function savings(bytesPerSecond: number): number {
  return bytesPerSecond === Infinity ? 0 : bytesPerSecond * BRIDGE_MS / 1_000;
}

function gone(): TypeError {
  return new TypeError("Cannot take: the share was disposed of");
}
