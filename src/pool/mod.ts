/**
 * Worker pools: bounded concurrency with a bounded queue, priorities, scaling, results and an
 * orderly end.
 *
 * @module
 */

export { consume, type Source } from "./consume.ts";
export { PoolClosedError, ShutdownTimeoutError } from "./errors.ts";
export type { JobContext, JobFailure, JobOptions, JobResult, JobSuccess, Work } from "./job.ts";
export type { PoolOptions, ShutdownOptions, WorkerRange } from "./options.ts";
export { PriorityQueue, type PriorityQueueOptions } from "./priority_queue.ts";
export type { PoolStats, ShutdownReport, WorkerStatus } from "./stats.ts";
export { Throughput } from "./throughput.ts";
export { WorkerPool } from "./worker_pool.ts";
