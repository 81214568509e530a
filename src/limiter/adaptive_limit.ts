import { outOfRange } from "./_checks.ts";

/** Options of {@linkcode AdaptiveLimit}. */
export interface AdaptiveLimitOptions {
  /** The limit never goes below this. Default 1. */
  min?: number | undefined;
  /** The limit never goes above this. */
  max: number;
  /** The limit at the start. Default: `min`. */
  initial?: number | undefined;
  /** What a round of successes adds to the limit. Default 1. */
  increase?: number | undefined;
  /** What a sign of congestion multiplies the limit by, between 0 and 1. Default 0.5. */
  decrease?: number | undefined;
  /**
   * How many times the usual latency is a sign of congestion; `Infinity` heeds failures only.
   * Default 2.
   */
  latencyTolerance?: number | undefined;
}

/** Over how many results the latest latency is averaged, and the usual one. */
const RECENT_RESULTS = 10;
const USUAL_RESULTS = 600;

/**
 * A limit that finds itself: it grows while all goes well and shrinks when the other side shows
 * that it has enough.
 *
 * Additive increase, multiplicative decrease, as TCP's congestion control has it (RFC 5681):
 *
 * - It starts slowly: each success adds 1, which doubles the limit every round, until the first
 *   congestion. From then on a whole round of successes adds `increase`.
 * - Congestion multiplies it by `decrease`, once a round: the failures that follow were under way
 *   already.
 * - Congestion is a failure, or a latency that is `latencyTolerance` times the usual one. As in
 *   Netflix's `concurrency-limits` (Gradient2Limit), "usual" is a long moving average rather than
 *   the minimum, which one lucky answer would set too low.
 *
 * A round is as many results as the limit says: a round trip if it is a number of calls at once, a
 * second if it is a rate per second. The limit has fractions; round it down for a number of calls.
 *
 * @example A request rate that a server's answers steer
 * ```ts
 * import { AdaptiveLimit, ManualClock, TokenBucket } from "@dlm/dlm";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const rate = new AdaptiveLimit({ min: 1, max: 100, initial: 10 });
 * const bucket = new TokenBucket({ limit: rate.current, clock: new ManualClock() });
 *
 * for (let i = 0; i < 10; i++) bucket.setLimit(rate.onSuccess(20));
 * assertEquals(bucket.limit, 20);
 * bucket.setLimit(rate.onFailure()); // 429 Too Many Requests
 * assertEquals(bucket.limit, 10);
 * for (let i = 0; i < 100; i++) bucket.setLimit(rate.onSuccess(20));
 * assert(bucket.limit < 20);
 * ```
 */
export class AdaptiveLimit {
  /** The limit never goes below this. */
  readonly min: number;
  /** The limit never goes above this. */
  readonly max: number;
  readonly #increase: number;
  readonly #decrease: number;
  readonly #latencyTolerance: number;
  readonly #recent = new MovingAverage(RECENT_RESULTS);
  readonly #usual = new MovingAverage(USUAL_RESULTS);
  #current: number;
  #slowStart = true;
  /** How many results to come were under way when the limit last shrank. */
  #underWay = 0;

  /**
   * Makes a limit.
   *
   * @throws {RangeError} unless `0 < min <= initial <= max < Infinity`, `increase > 0`,
   * `0 < decrease < 1` and `latencyTolerance > 1`.
   */
  constructor(options: AdaptiveLimitOptions) {
    const { min = 1, max, increase = 1, decrease = 0.5, latencyTolerance = 2 } = options;
    const { initial = min } = options;
    checkBounds("make an AdaptiveLimit", min, initial, max);
    check(increase > 0 && increase < Infinity, "increase", "a finite positive number", increase);
    check(decrease > 0 && decrease < 1, "decrease", "between 0 and 1", decrease);
    check(latencyTolerance > 1, "latencyTolerance", "more than 1", latencyTolerance);
    this.min = min;
    this.max = max;
    this.#current = initial;
    this.#increase = increase;
    this.#decrease = decrease;
    this.#latencyTolerance = latencyTolerance;
  }

  /** The limit now. */
  get current(): number {
    return this.#current;
  }

  /**
   * Reports a success that took `latencyMs`, and returns the new limit.
   *
   * Say how many calls were `inFlight` if it can be fewer than the limit: one that isn't at least
   * half used proves nothing, and so doesn't grow.
   *
   * @throws {RangeError} if `latencyMs` is negative or not finite.
   */
  onSuccess(latencyMs: number, inFlight: number = this.#current): number {
    if (!(latencyMs >= 0 && latencyMs < Infinity)) {
      throw outOfRange("report a success", "latencyMs", "a finite number of 0 or more", latencyMs);
    }
    const recent = this.#recent.add(latencyMs);
    const usual = this.#usual.add(latencyMs);
    // After a long overload the usual latency is far too high. Don't wait for the average.
    if (usual > 2 * recent) this.#usual.scale(0.95);
    if (recent > usual * this.#latencyTolerance) return this.#shrink();
    if (this.#underWay > 0) this.#underWay--;
    else if (inFlight * 2 >= this.#current) this.#grow();
    return this.#current;
  }

  /** Reports a failure that means "too much", and returns the new limit. */
  onFailure(): number {
    return this.#shrink();
  }

  #grow(): void {
    const step = this.#slowStart ? 1 : this.#increase / this.#current;
    this.#current = Math.min(this.max, this.#current + step);
  }

  #shrink(): number {
    this.#slowStart = false;
    if (this.#underWay > 0) this.#underWay--;
    else {
      this.#underWay = Math.ceil(this.#current) - 1;
      this.#current = Math.max(this.min, this.#current * this.#decrease);
    }
    return this.#current;
  }
}

/** The plain average at first, an exponentially weighted one once it has seen `size` values. */
class MovingAverage {
  readonly #size: number;
  #count = 0;
  #value = 0;

  constructor(size: number) {
    this.#size = size;
  }

  add(value: number): number {
    this.#count = Math.min(this.#count + 1, this.#size);
    this.#value += (value - this.#value) / this.#count;
    return this.#value;
  }

  scale(factor: number): void {
    this.#value *= factor;
  }
}

function check(holds: boolean, what: string, rule: string, got: number): void {
  if (!holds) throw outOfRange("make an AdaptiveLimit", what, rule, got);
}

function checkBounds(action: string, min: number, initial: number, max: number): void {
  if (!(min > 0)) throw outOfRange(action, "min", "more than 0", min);
  if (!(max >= min && max < Infinity)) throw outOfRange(action, "max", "finite, at least min", max);
  if (!(initial >= min && initial <= max)) {
    throw outOfRange(action, "initial", "between min and max", initial);
  }
}
