/**
 * What a worker's function is told besides its job.
 *
 * @example Work that stops when it is told to
 * ```ts
 * import { type JobContext, WorkerPool } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * async function count(url: string, { signal, workerId }: JobContext): Promise<string> {
 *   const response = await fetch(url, { signal });
 *   return `worker ${workerId}: ${(await response.text()).length} characters`;
 * }
 *
 * await using pool = new WorkerPool(count, { workers: 2, jobTimeoutMs: 5_000 });
 * assertEquals(await pool.run("data:,hello"), "worker 1: 5 characters");
 * ```
 */
export interface JobContext {
  /** Aborts when the job is cancelled or its time is up; heed it, or the worker stays taken. */
  readonly signal: AbortSignal;
  /** The worker that does the job, from 1. */
  readonly workerId: number;
}

/** The function that does a job. A throw or a rejection fails the job and nothing else. */
export type Work<Job, Value> = (job: Job, context: JobContext) => Value | PromiseLike<Value>;

/**
 * What can be said about one job when it is submitted.
 *
 * @example
 * ```ts
 * import { WorkerPool } from "@dlm/dlm";
 * import { assertRejects } from "@std/assert";
 *
 * await using pool = new WorkerPool((url: string) => url.length, { priority: true });
 * const controller = new AbortController();
 * const size = pool.run("https://example.com", {
 *   priority: 10,
 *   timeoutMs: 1_000,
 *   signal: controller.signal,
 * });
 * controller.abort(new Error("not needed any more"));
 * await assertRejects(() => size, Error, "not needed any more");
 * ```
 */
export interface JobOptions {
  /** The higher the sooner; 0 when nothing is said. Only for a pool made with `priority`. */
  readonly priority?: number | undefined;
  /**
   * Cancels this job wherever it is: while it waits for room, in the queue, or in flight. A job
   * in the queue keeps its place there until a worker takes it and finds it cancelled.
   */
  readonly signal?: AbortSignal | undefined;
  /** The milliseconds that the job may take once started, instead of the pool's `jobTimeoutMs`. */
  readonly timeoutMs?: number | undefined;
}

/** A job that was done. */
export interface JobSuccess<Job, Value> {
  /** Tells the two kinds of result apart. */
  readonly ok: true;
  /** The job as submitted. */
  readonly job: Job;
  /** What its work returned. */
  readonly value: Value;
  /** The worker that did it. */
  readonly workerId: number;
  /** How long the work took, in milliseconds. */
  readonly durationMs: number;
}

/** A job that was not done. */
export interface JobFailure<Job> {
  /** Tells the two kinds of result apart. */
  readonly ok: false;
  /** The job as submitted. */
  readonly job: Job;
  /** What its work threw, a `TimeoutError`, or the reason of the signal that cancelled it. */
  readonly error: unknown;
  /** The worker that tried. */
  readonly workerId: number;
  /** How long the work took, in milliseconds; 0 if it was cancelled before it started. */
  readonly durationMs: number;
}

/**
 * How a job ended: {@linkcode JobSuccess} or {@linkcode JobFailure}, told apart by `ok`.
 *
 * @example
 * ```ts
 * import { type JobResult, WorkerPool } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * function line(result: JobResult<string, URL>): string {
 *   return result.ok ? `${result.job}: ${result.value.host}` : `${result.job}: ${result.error}`;
 * }
 *
 * const pool = new WorkerPool((text: string) => new URL(text), { results: "ordered" });
 * await pool.pull(["http://a.example/1", "?"]);
 * await pool.shutdown();
 * assertEquals(await Array.fromAsync(pool.results, line), [
 *   "http://a.example/1: a.example",
 *   "?: TypeError: Invalid URL: '?'",
 * ]);
 * ```
 */
export type JobResult<Job, Value> = JobSuccess<Job, Value> | JobFailure<Job>;
