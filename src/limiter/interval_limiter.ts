import { type Clock, systemClock } from "../clock/mod.ts";
import { checkEvents, checkPositive } from "./_checks.ts";
import { roundedDelay, ROUNDING_MS } from "./_rounding.ts";
import { WaitQueue } from "./_wait_queue.ts";
import type { Limiter, LimiterWaitOptions } from "./limiter.ts";

/** Options of {@linkcode IntervalLimiter}. */
export interface IntervalLimiterOptions {
  /** The milliseconds between two ticks. */
  intervalMs: number;
  /** Where time comes from. Default: the system's clock. */
  clock?: Clock | undefined;
}

/**
 * One event per tick, as with Go's `time.Ticker`: ticks come `intervalMs` apart, the first of them
 * one interval after the start.
 *
 * Ticks stand on a grid, so they don't drift. One that nobody takes is kept until the next; those
 * before are lost. It sets a timer only while somebody waits, so it needn't be stopped.
 *
 * @example Polling ten times per second
 * ```ts
 * import { IntervalLimiter, ManualClock } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new ManualClock();
 * const ticks = new IntervalLimiter({ intervalMs: 100, clock });
 * const polls: number[] = [];
 * const polling = (async () => {
 *   while (polls.length < 3) {
 *     await ticks.wait();
 *     polls.push(clock.now());
 *   }
 * })();
 *
 * await clock.advance(1_000);
 * await polling;
 * assertEquals(polls, [100, 200, 300]);
 * ```
 */
export class IntervalLimiter implements Limiter {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #start: number;
  readonly #queue: WaitQueue;
  /** The number of the last tick that was taken or lost. */
  #spent = 0;

  /**
   * Starts ticking.
   *
   * @throws {RangeError} if `intervalMs` is not a finite positive number.
   */
  constructor({ intervalMs, clock = systemClock }: IntervalLimiterOptions) {
    checkPositive("make an IntervalLimiter", "intervalMs", intervalMs);
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#start = clock.now();
    this.#queue = new WaitQueue(clock, {
      delayMs: (n) => this.#delayMs(n),
      take: (n) => this.#spent += n,
    });
  }

  /** The milliseconds between two ticks. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /**
   * Takes the last tick and returns true if nobody took it yet. Only one tick is ever kept, so more
   * than one are never there at once.
   *
   * @throws {RangeError} if `n` is not a non-negative integer.
   */
  allow(n = 1): boolean {
    checkEvents("allow", n);
    if (!this.#queue.empty) return false;
    this.#loseOldTicks();
    if (this.#delayMs(n) > 0) return false;
    this.#spent += n;
    return true;
  }

  /**
   * Resolves at the `n`-th tick that nobody else takes.
   *
   * @throws {RangeError} if `n` is not a non-negative integer.
   * @throws the signal's reason when it aborts first; its ticks go to those behind.
   */
  wait(n = 1, { signal }: LimiterWaitOptions = {}): Promise<void> {
    try {
      checkEvents("wait", n);
      signal?.throwIfAborted();
      return this.allow(n) ? Promise.resolve() : this.#queue.wait(n, { signal });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Nobody waits, so all ticks but the last went by unused. */
  #loseOldTicks(): void {
    const elapsed = this.#clock.now() - this.#start + ROUNDING_MS;
    this.#spent = Math.max(this.#spent, Math.floor(elapsed / this.#intervalMs) - 1);
  }

  #delayMs(n: number): number {
    const at = this.#start + (this.#spent + n) * this.#intervalMs;
    return roundedDelay(at - this.#clock.now());
  }
}
