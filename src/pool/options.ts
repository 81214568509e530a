import type { Clock } from "../clock/mod.ts";

/**
 * A number of workers that follows the work.
 *
 * Whoever is idle leaves in the order of their idleness, and a job goes to the one that was busy
 * last, so light work keeps few workers.
 *
 * @example
 * ```ts
 * import { WorkerPool } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const pool = new WorkerPool((n: number) => n, { workers: { min: 1, max: 8, growAt: 10 } });
 * for (let n = 0; n < 11; n++) pool.trySubmit(n);
 * assertEquals(pool.stats.workers, 2);
 * await pool.shutdown();
 * ```
 */
export interface WorkerRange {
  /** The workers that always stay. 0 is allowed. */
  readonly min: number;
  /** The most workers there may be. */
  readonly max: number;
  /** Another worker comes when so many jobs wait, or when the queue is full; default 1. */
  readonly growAt?: number | undefined;
  /** A worker above `min` leaves after so many milliseconds without a job; default 10,000. */
  readonly idleMs?: number | undefined;
}

/**
 * How a {@linkcode WorkerPool} is made.
 *
 * @example
 * ```ts
 * import { type PoolOptions, WorkerPool } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const options: PoolOptions<string> = {
 *   name: "links",
 *   workers: 8,
 *   queue: 1_000,
 *   results: "completed",
 *   jobTimeoutMs: 30_000,
 * };
 * const pool = new WorkerPool((link: string) => new URL(link).host, options);
 * await pool.submit("https://example.com/a");
 * await pool.shutdown();
 * assertEquals((await Array.fromAsync(pool.results)).map(({ ok }) => ok), [true]);
 * ```
 */
export interface PoolOptions<Job> {
  /**
   * How many jobs may be in flight: a fixed number, or a range to scale between; default 5.
   *
   * For work that waits (network, disk), the number that the other side bears; for work that
   * computes, more than one gains nothing, since JavaScript runs on one thread.
   */
  readonly workers?: number | WorkerRange | undefined;
  /**
   * How many jobs may wait; default 100. When that many do, `submit` waits for room. 0 means that
   * a job is taken only by a worker that is idle, `Infinity` that it is always taken.
   */
  readonly queue?: number | undefined;
  /**
   * What becomes of the results of jobs that were submitted or pulled:
   * - `"none"` (default): values are thrown away; the first error is thrown by `shutdown`;
   * - `"completed"`: they go to `results` as the jobs complete;
   * - `"ordered"`: they go to `results` in the order in which the jobs started, which without
   *   priorities is the order in which they were submitted.
   *
   * Whoever asks for results must read them: when `resultsBuffer` of them wait to be read, workers
   * wait too, and in the end so does `submit`. What `run` returns never goes to `results`.
   */
  readonly results?: "none" | "completed" | "ordered" | undefined;
  /** How many results may wait to be read before workers wait too; default as `queue`. */
  readonly resultsBuffer?: number | undefined;
  /**
   * What a job that fails does to the others: `"collect"` (default) lets them go on; `"first"`
   * cancels the pool with the error, which `shutdown` then throws.
   */
  readonly onError?: "collect" | "first" | undefined;
  /**
   * Takes the job with the highest priority first, and first come first served among equals.
   * `true` reads it from `submit`'s options, a function finds it from the job.
   */
  readonly priority?: boolean | ((job: Job) => number) | undefined;
  /** With `priority`: the milliseconds of waiting that count as much as one step of priority. */
  readonly agingMs?: number | undefined;
  /**
   * How long a job may take from its start, in milliseconds. Then its signal aborts with a
   * `TimeoutError` and it has failed, but its worker stays with it until the work returns, since
   * otherwise more would run at once than the pool allows.
   */
  readonly jobTimeoutMs?: number | undefined;
  /** Cancels the pool when it aborts, as `cancel(signal.reason)` does. */
  readonly signal?: AbortSignal | undefined;
  /** What messages call the pool. */
  readonly name?: string | undefined;
  /** What times are measured by; the system clock when nothing is said. */
  readonly clock?: Clock | undefined;
}

/**
 * How a shutdown treats the jobs that wait.
 *
 * @example Ending with the jobs in flight
 * ```ts
 * import { WorkerPool } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const pool = new WorkerPool((n: number) => Promise.resolve(n), { workers: 1 });
 * await pool.pull([1, 2, 3]);
 * const report = await pool.shutdownWithTimeout(1_000, { queued: "drop" });
 * assertEquals(report.completed + report.dropped.length, 3);
 * ```
 */
export interface ShutdownOptions {
  /** `"drain"` (default) does the queued jobs too, `"drop"` only those in flight. */
  readonly queued?: "drain" | "drop" | undefined;
}
