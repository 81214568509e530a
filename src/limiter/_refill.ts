import type { Clock } from "../clock/mod.ts";
import { roundedDelay } from "./_rounding.ts";

/**
 * How much of its own timer's lateness a limiter makes up for.
 *
 * Timers fire a millisecond or two late, more when the process is busy. What was due meanwhile is
 * paid back, so that the average is exact. A longer stall is lost: paying it back would flood.
 */
export const LONGEST_CATCH_UP_MS = 250;

/** When nobody waits, no timer is due. */
export const NOT_DUE = Infinity;

/**
 * Tokens that grow with time up to a cap: the arithmetic that the rate limiters share.
 *
 * Elapsed times are differences of clock readings, which add up exactly, so nothing drifts.
 */
export class Refill {
  /** The tokens there are; negative when some were promised ahead. Right after `advance` only. */
  tokens: number;
  /** Unused tokens above this are lost. */
  cap: number;
  readonly #clock: Clock;
  #perMs: number;
  #last: number;
  #uncappedUntil = -Infinity;

  constructor(clock: Clock, perSecond: number, cap: number, tokens: number) {
    this.#clock = clock;
    this.#perMs = perSecond / 1_000;
    this.#last = clock.now();
    this.cap = cap;
    this.tokens = tokens;
  }

  get perMs(): number {
    return this.#perMs;
  }

  get infinite(): boolean {
    return this.#perMs === Infinity;
  }

  /**
   * Credits what came in since the last call, and returns the time.
   *
   * `dueAt` is the moment for which the limiter's timer is set, or {@linkcode NOT_DUE}. While
   * somebody waits the cap doesn't hold, since nothing is left unused. When the timer was late it
   * doesn't hold for as long again, so that a caller who takes one token after the other gets
   * those that came due while it could not ask.
   */
  advance(dueAt: number): number {
    const now = this.#clock.now();
    if (this.infinite) this.tokens = this.cap;
    else {
      const creditedUntil = Math.min(now, dueAt + LONGEST_CATCH_UP_MS);
      this.tokens += Math.max(0, creditedUntil - this.#last) * this.#perMs;
      if (dueAt < now) this.#uncappedUntil = now + Math.min(now - dueAt, LONGEST_CATCH_UP_MS);
      if (dueAt === NOT_DUE && now > this.#uncappedUntil) {
        this.tokens = Math.min(this.tokens, this.cap);
      }
    }
    this.#last = now;
    return now;
  }

  /** The milliseconds until there are `n` tokens; `Infinity` if the rate is 0. */
  delayUntil(n: number): number {
    const missing = n - this.tokens;
    if (missing <= 0 || this.infinite) return 0;
    return roundedDelay(missing / this.#perMs);
  }

  /** Changes the rate from the last `advance` on. */
  setRate(perSecond: number): void {
    this.#perMs = perSecond / 1_000;
    if (this.infinite) this.tokens = this.cap;
  }
}
