/** Quantiles are right to within this part of their value. */
const RELATIVE_ERROR = 0.01;
const LOG_GAMMA = Math.log((1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR));

/** One microsecond; what is shorter counts as 0. */
const SHORTEST_MS = 1e-3;
/** About eleven days; what is longer counts as this. */
const LONGEST_MS = 1e9;

/** The first bucket is for 0, so the powers of gamma start in the second. */
const OFFSET = 1 - Math.ceil(Math.log(SHORTEST_MS) / LOG_GAMMA);
const BUCKETS = OFFSET + Math.ceil(Math.log(LONGEST_MS) / LOG_GAMMA) + 1;

/**
 * Durations in bounded memory: their number, their mean, and any quantile to within 1% of its
 * value, however many there are.
 *
 * It is DDSketch (Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile sketch with
 * relative-error guarantees", VLDB 2019): counts in buckets whose bounds grow by the same factor,
 * so that every value in a bucket is near the bucket's own. It takes about 11 KB.
 *
 * @example
 * ```ts
 * import { DurationSketch } from "@dlm/dlm";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const sketch = new DurationSketch();
 * for (let ms = 1; ms <= 1_000; ms++) sketch.record(ms);
 * assertEquals(sketch.count, 1_000);
 * assertEquals(sketch.mean, 500.5);
 * assertAlmostEquals(sketch.quantile(0.5)!, 500, 5);
 * assertAlmostEquals(sketch.quantile(0.99)!, 990, 10);
 * ```
 */
export class DurationSketch {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;

  /** The durations recorded. */
  get count(): number {
    return this.#count;
  }

  /** Their mean in milliseconds; undefined when there is none. */
  get mean(): number | undefined {
    return this.#count === 0 ? undefined : this.#sum / this.#count;
  }

  /** Records a duration in milliseconds. */
  record(ms: number): void {
    this.#counts[bucketOf(ms)]!++;
    this.#count++;
    this.#sum += ms;
  }

  /**
   * The duration in milliseconds that the share `q` of all durations does not exceed; undefined
   * when there is none.
   *
   * @throws {RangeError} unless `q` is between 0 and 1.
   */
  quantile(q: number): number | undefined {
    if (!(q >= 0 && q <= 1)) {
      throw new RangeError(`Cannot find a quantile: q must be between 0 and 1, got ${q}`);
    }
    if (this.#count === 0) return undefined;
    const rank = q * (this.#count - 1);
    let bucket = 0;
    for (let below = this.#counts[0]!; below <= rank; below += this.#counts[bucket]!) bucket++;
    return bucket === 0 ? 0 : Math.exp((bucket - OFFSET) * LOG_GAMMA) * (1 - RELATIVE_ERROR);
  }
}

function bucketOf(ms: number): number {
  if (ms < SHORTEST_MS) return 0;
  return Math.ceil(Math.log(Math.min(ms, LONGEST_MS)) / LOG_GAMMA) + OFFSET;
}
