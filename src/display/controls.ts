import type { StageFigures } from "../download/mod.ts";

/** What keys can change of a run, and what only the run itself knows. A download manager is one. */
export interface RunControls {
  /** Begins no file and moves no byte until it is resumed. */
  pause(): void;
  /** Goes on. */
  resume(): void;
  /** Whether it is paused. */
  readonly paused: boolean;
  /** How many files are received at the same time. */
  workers: number;
  /** The limit for all files together; `Infinity` is none. */
  bytesPerSecond: number;
  /** What each stage of the pipeline does. */
  readonly stages: readonly StageFigures[];
}

/** Steps of a limit go through 1, 2 and 5 times a power of ten, between these. */
const LEAST_LIMIT = 10_000;
const HIGHEST_LIMIT = 1e9;

/** The next higher limit after `limit`, in bytes per second; above 1 GB/s there is none. */
export function higherLimit(limit: number): number {
  if (limit >= HIGHEST_LIMIT) return Infinity;
  return steps().find((step) => step > limit) ?? Infinity;
}

/** The next lower limit; where there is none yet, the next one below the speed that there is. */
export function lowerLimit(limit: number, bytesPerSecond: number): number {
  const from = limit === Infinity ? bytesPerSecond || HIGHEST_LIMIT : limit;
  return steps().findLast((step) => step < from) ?? LEAST_LIMIT;
}

function steps(): number[] {
  const steps: number[] = [];
  for (let power = LEAST_LIMIT; power <= HIGHEST_LIMIT; power *= 10) {
    steps.push(power, 2 * power, 5 * power);
  }
  return steps.filter((step) => step <= HIGHEST_LIMIT);
}
