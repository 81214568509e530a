import { type Clock, systemClock } from "../clock/mod.ts";
import type { PoolOptions, WorkerRange } from "./options.ts";
import type { CrewLimits } from "./_crew.ts";

const SET_UP = "Cannot set up a WorkerPool";

const DEFAULT_WORKERS = 5;
const DEFAULT_QUEUE = 100;
const DEFAULT_IDLE_MS = 10_000;

/** A pool's options, checked and with what was left open filled in. */
export interface PoolSettings<Job> {
  readonly limits: CrewLimits;
  readonly queue: number;
  readonly results: "none" | "completed" | "ordered";
  readonly resultsBuffer: number;
  readonly failFast: boolean;
  /** Finds a job's priority; undefined in a pool without priorities. */
  readonly priorityOf: ((job: Job) => number) | undefined;
  readonly agingMs: number | undefined;
  readonly jobTimeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** How messages name the pool. */
  readonly title: string;
  readonly clock: Clock;
}

export function poolSettings<Job>(options: PoolOptions<Job>): PoolSettings<Job> {
  const { queue = DEFAULT_QUEUE, resultsBuffer = queue, priority = false, jobTimeoutMs } = options;
  checkCapacity("queue", queue);
  checkCapacity("resultsBuffer", resultsBuffer);
  checkTime(SET_UP, "jobTimeoutMs", jobTimeoutMs);
  if (options.agingMs !== undefined && priority === false) {
    throw new TypeError(`${SET_UP}: priority must be set where agingMs is, got false`);
  }
  return {
    limits: crewLimits(options.workers ?? DEFAULT_WORKERS),
    queue,
    results: options.results ?? "none",
    resultsBuffer,
    failFast: options.onError === "first",
    priorityOf: priority === true ? () => 0 : priority === false ? undefined : priority,
    agingMs: options.agingMs,
    jobTimeoutMs,
    signal: options.signal,
    title: options.name === undefined ? "the pool" : `pool "${options.name}"`,
    clock: options.clock ?? systemClock,
  };
}

export function crewLimits(workers: number | WorkerRange): CrewLimits {
  if (typeof workers === "number") {
    checkCount("workers", workers, 1);
    return { min: workers, max: workers, growAt: 1, idleMs: DEFAULT_IDLE_MS };
  }
  const { min, max, growAt = 1, idleMs = DEFAULT_IDLE_MS } = workers;
  checkCount("workers.min", min, 0);
  checkCount("workers.max", max, Math.max(1, min));
  checkCount("workers.growAt", growAt, 1);
  checkTime(SET_UP, "workers.idleMs", idleMs);
  return { min, max, growAt, idleMs };
}

/** Checks a number of milliseconds; `action` begins the message, as "Cannot submit a job". */
export function checkTime(action: string, name: string, ms: number | undefined): void {
  if (ms === undefined || ms >= 0) return;
  throw new RangeError(`${action}: ${name} must be 0 or more, got ${ms}`);
}

function checkCapacity(name: string, capacity: number): void {
  if (capacity !== Infinity) checkCount(name, capacity, 0);
}

function checkCount(name: string, count: number, least: number): void {
  if (Number.isInteger(count) && count >= least) return;
  throw new RangeError(`${SET_UP}: ${name} must be a whole number from ${least}, got ${count}`);
}
