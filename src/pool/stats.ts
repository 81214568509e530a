/**
 * What a worker is doing.
 *
 * @example
 * ```ts
 * import { WorkerPool } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const pool = new WorkerPool((_: string) => {}, { workers: 2 });
 * pool.trySubmit("a.zip");
 * assertEquals(
 *   pool.workers.map(({ id, state, job }) => `Worker ${id}: ${job ?? state}`),
 *   ["Worker 1: a.zip", "Worker 2: idle"],
 * );
 * await pool.shutdown();
 * ```
 */
export interface WorkerStatus<Job> {
  /** The worker's number, from 1; the number of one that left is given to the next that comes. */
  readonly id: number;
  /** Whether it has a job. A worker whose result waits to be read is still busy. */
  readonly state: "idle" | "busy";
  /** The job that it has, while busy. */
  readonly job: Job | undefined;
  /** The jobs that it has finished without an error. */
  readonly completed: number;
  /** The jobs of its own that ended with an error, cancelled ones included. */
  readonly failed: number;
  /** When it took its job or became idle, on the pool's clock, in milliseconds. */
  readonly since: number;
}

/**
 * What a pool has done and is doing. Every job that was taken is in exactly one place:
 * `submitted = queued + active + completed + failed + cancelled + dropped`.
 *
 * @example
 * ```ts
 * import { WorkerPool } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const pool = new WorkerPool((n: number) => n, { workers: 2 });
 * for (const n of [1, 2, 3]) pool.trySubmit(n);
 * const { active, queued } = pool.stats;
 * assertEquals({ active, queued }, { active: 2, queued: 1 });
 * await pool.shutdown();
 * assertEquals(pool.stats.completed, 3);
 * ```
 */
export interface PoolStats {
  /** The workers there are. */
  readonly workers: number;
  /** The workers that have a job. */
  readonly active: number;
  /** The workers that have none. */
  readonly idle: number;
  /** The jobs that wait in the queue; those that wait for room in it are not taken yet. */
  readonly queued: number;
  /** The jobs taken so far. */
  readonly submitted: number;
  /** The jobs whose work returned a value. */
  readonly completed: number;
  /** The jobs whose work threw or that took longer than their timeout. */
  readonly failed: number;
  /** The jobs that their own signal, or the end of the pool, stopped. */
  readonly cancelled: number;
  /** The queued jobs that the end of the pool threw away. */
  readonly dropped: number;
  /** The jobs finished per second, over the last ten seconds at most. */
  readonly throughput: number;
}

/**
 * How a pool ended. A job that was taken is completed, failed, cancelled or dropped.
 *
 * @example
 * ```ts
 * import { WorkerPool } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const pool = new WorkerPool((text: string) => text.length);
 * await pool.pull(["one", "two"]);
 * const report = await pool.shutdownWithTimeout(1_000);
 * assertEquals(report, { completed: 2, failed: 0, cancelled: [], dropped: [] });
 * ```
 */
export interface ShutdownReport<Job> {
  /** The jobs completed over the pool's whole life. */
  readonly completed: number;
  /** The jobs failed over the pool's whole life. */
  readonly failed: number;
  /** The jobs that were in flight when the pool was cancelled. */
  readonly cancelled: readonly Job[];
  /** The jobs that were taken and never started. */
  readonly dropped: readonly Job[];
}
