import type { ShutdownReport } from "./stats.ts";

/**
 * Says that a pool takes no more jobs, because it has been shut down or cancelled.
 *
 * @example A producer that stops with its pool
 * ```ts
 * import { PoolClosedError, WorkerPool } from "@dlm/dlm";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const pool = new WorkerPool((n: number) => n * n);
 * await pool.shutdown();
 * const error = await assertRejects(() => pool.submit(3), PoolClosedError);
 * assertEquals(error.job, 3);
 * ```
 */
export class PoolClosedError extends Error {
  /** The class's own name. */
  override readonly name: string = "PoolClosedError";
  /** The job that was not taken, so that nothing is lost. */
  readonly job: unknown;

  /** Carries `job` back to the one who submitted it. */
  constructor(message: string, job: unknown, options?: ErrorOptions) {
    super(message, options);
    this.job = job;
  }
}

/**
 * Says that a shutdown ran out of time and cancelled what was left. It is also the abort reason
 * that the cancelled jobs see.
 *
 * @example Learning what was not done
 * ```ts
 * import { ShutdownTimeoutError, WorkerPool } from "@dlm/dlm";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const pool = new WorkerPool((_: string, { signal }) =>
 *   new Promise<void>((_resolve, reject) => {
 *     signal.addEventListener("abort", () => reject(signal.reason));
 *   }), { workers: 1 });
 * await pool.submit("in flight");
 * await pool.submit("queued");
 * const error = await assertRejects(
 *   () => pool.shutdownWithTimeout(10),
 *   ShutdownTimeoutError<string>,
 * );
 * assertEquals(error.report.cancelled, ["in flight"]);
 * assertEquals(error.report.dropped, ["queued"]);
 * ```
 */
export class ShutdownTimeoutError<Job = unknown> extends Error {
  /** The class's own name. */
  override readonly name: string = "ShutdownTimeoutError";
  /** What was finished, cancelled and dropped. */
  readonly report: ShutdownReport<Job>;

  /** Carries the report of a shutdown that took longer than it was given. */
  constructor(message: string, report: ShutdownReport<Job>) {
    super(message);
    this.report = report;
  }
}
