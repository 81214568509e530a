import { type Clock, systemClock } from "../clock/mod.ts";
import type { TimeOptions } from "./after.ts";
import { Chan } from "./chan.ts";
import type { ReceiveChan } from "./directions.ts";

/**
 * A channel of moments, and how to end it. Made by {@linkcode tick}.
 *
 * @example A loop that ends when the ticker is stopped
 * ```ts
 * import { tick, type Ticker } from "@dlm/dlm";
 *
 * const ticker: Ticker = tick(5);
 * let left = 3;
 * for await (const _now of ticker) if (--left === 0) ticker.stop();
 * ```
 */
export interface Ticker extends ReceiveChan<number>, Disposable {
  /** Stops the ticks and closes the channel. Stopping twice does nothing. */
  stop(): void;
}

/**
 * A channel that gets the clock's reading every `ms` milliseconds, as Go's `time.NewTicker`.
 *
 * It holds one tick: those that come while the receiver is busy are dropped, and the ones after
 * still come at multiples of `ms` from the start, without drift. Until it is stopped its timer
 * keeps the program running.
 *
 * @throws {RangeError} unless `ms` is positive and finite.
 *
 * @example Three ticks
 * ```ts
 * import { tick } from "@dlm/dlm";
 *
 * using ticker = tick(5);
 * let count = 0;
 * for await (const _now of ticker) if (++count === 3) break;
 * ```
 */
export function tick(ms: number, options?: TimeOptions): Ticker {
  if (!(ms > 0 && ms < Infinity)) {
    throw new RangeError(`Cannot tick: ms must be positive and finite, got ${ms}`);
  }
  return new TickerChan(ms, options?.clock ?? systemClock);
}

class TickerChan extends Chan<number> implements Ticker {
  readonly #ms: number;
  readonly #clock: Clock;
  #due: number;
  #cancel: () => void;

  constructor(ms: number, clock: Clock) {
    super(1, { overflow: "dropNewest" });
    this.#ms = ms;
    this.#clock = clock;
    this.#due = clock.now() + ms;
    this.#cancel = clock.schedule(ms, () => this.#fire());
  }

  stop(): void {
    this[Symbol.dispose]();
  }

  override close(cause?: unknown): void {
    this.#cancel();
    super.close(cause);
  }

  #fire(): void {
    const now = this.#clock.now();
    this.trySend(now);
    // A timer may fire a little early, and late by many periods if the program was held up.
    do this.#due += this.#ms; while (this.#due <= now);
    this.#cancel = this.#clock.schedule(this.#due - now, () => this.#fire());
  }
}
