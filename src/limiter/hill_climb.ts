import { checkInteger, outOfRange } from "./_checks.ts";

/** Options of {@linkcode HillClimb}. */
export interface HillClimbOptions {
  /** The number never goes below this. Default 1. */
  min?: number | undefined;
  /** The number never goes above this. */
  max: number;
  /** The number at the start. Default: `min`. */
  initial?: number | undefined;
}

/** A worker is worth having if it adds this part of what the others do on average. */
const WORTH = 0.5;

/** For how many measurements it stays where it is before it tries again. */
const REST = 5;

/**
 * Finds how many workers give the most throughput, by trying.
 *
 * Tell it what throughput the current number gave; it answers with the number to try next. It
 * doubles the number as long as that pays, then tries smaller and smaller steps. At the top it
 * rests, and now and then tries one more or one fewer, so that it follows when conditions change. A
 * change pays if each worker that it adds does at least half of what the others do on average:
 * where the line is full, more of them only get in each other's way.
 *
 * The idea is that of .NET's thread pool (Hellerstein, Morrison and Eilebrecht, "Optimizing
 * Concurrency Levels in the .NET ThreadPool", 2008). Where latency says more than throughput, as
 * with small requests to a service, use {@linkcode AdaptiveLimit}.
 *
 * @example The number of downloads at once, on a line that eight of them fill
 * ```ts
 * import { HillClimb } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const workers = new HillClimb({ max: 64 });
 * const measure = (count: number) => Math.min(count, 8) * 1_000_000;
 *
 * const tried: number[] = [];
 * for (let second = 0; second < 8; second++) {
 *   tried.push(workers.current);
 *   workers.observe(measure(workers.current));
 * }
 * assertEquals(tried, [1, 2, 4, 8, 16, 12, 10, 9]);
 * assertEquals(workers.current, 8);
 * ```
 */
export class HillClimb {
  /** The number never goes below this. */
  readonly min: number;
  /** The number never goes above this. */
  readonly max: number;
  /** The best number so far, and the throughput it gave; unknown until it was measured. */
  #best: number;
  #bestThroughput: number | undefined;
  #current: number;
  #step: number;
  #doubling = true;
  #rest = 0;
  /** Which way the next try after a rest goes. */
  #direction: 1 | -1 = -1;

  /**
   * Starts a climb.
   *
   * @throws {RangeError} unless they are integers with `1 <= min <= initial <= max`.
   */
  constructor({ min = 1, max, initial = min }: HillClimbOptions) {
    checkInteger("make a HillClimb", "min", min, 1);
    checkInteger("make a HillClimb", "max", max, min);
    checkInteger("make a HillClimb", "initial", initial, min);
    if (initial > max) throw outOfRange("make a HillClimb", "initial", "at most max", initial);
    this.min = min;
    this.max = max;
    this.#best = this.#current = this.#step = initial;
  }

  /** The number to use now. */
  get current(): number {
    return this.#current;
  }

  /**
   * Reports the throughput, in any unit, that the current number gave since the last call, and
   * returns the number to use from now on. Call it at even intervals in which several jobs end; not
   * while there is too little work for all workers.
   *
   * @throws {RangeError} if `throughput` is negative or not finite.
   */
  observe(throughput: number): number {
    if (!(throughput >= 0 && throughput < Infinity)) {
      throw outOfRange("observe", "throughput", "a finite number of 0 or more", throughput);
    }
    if (this.#bestThroughput === undefined) this.#bestThroughput = throughput;
    else if (this.#current === this.#best) this.#bestThroughput = throughput;
    else this.#judge(throughput, this.#bestThroughput);
    this.#next();
    return this.#current;
  }

  /** Reports that the other side had too much: halves the number, and rests. Returns the number. */
  onFailure(): number {
    this.#best = this.#current = Math.max(this.min, Math.floor(this.#current / 2));
    this.#bestThroughput = undefined;
    this.#settle();
    return this.#current;
  }

  #judge(throughput: number, bestThroughput: number): void {
    const change = (this.#current - this.#best) / this.#best;
    if (throughput > bestThroughput * (1 + WORTH * change)) {
      this.#best = this.#current;
      this.#bestThroughput = throughput;
      if (this.#doubling) this.#step = this.#best;
      return;
    }
    this.#doubling = false;
    this.#step = Math.trunc(this.#step / 2);
  }

  #next(): void {
    this.#current = this.#best;
    if (this.#rest > 0) {
      if (--this.#rest > 0) return;
      this.#step = this.#direction;
      this.#direction = this.#direction === 1 ? -1 : 1;
    }
    this.#current = Math.min(this.max, Math.max(this.min, this.#best + this.#step));
    if (this.#current === this.#best) this.#settle();
  }

  #settle(): void {
    this.#doubling = false;
    this.#step = 0;
    this.#rest = REST;
  }
}
