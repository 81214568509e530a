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
  /** The limit for requests, retries and redirects included; `Infinity` is none. */
  requestsPerSecond: number;
  /** What each stage of the pipeline does. */
  readonly stages: readonly StageFigures[];
}

/** The limits that keys go through: 1, 2 and 5 times a power of ten, between two of them. */
export class LimitSteps {
  readonly #steps: readonly number[];

  /** From `least` to `most`, both powers of ten. */
  constructor(least: number, most: number) {
    const steps: number[] = [];
    for (let power = least; power < most; power *= 10) steps.push(power, 2 * power, 5 * power);
    this.#steps = [...steps, most];
  }

  /** The next higher limit after `limit`; above the highest step there is none. */
  higher(limit: number): number {
    return this.#steps.find((step) => step > limit) ?? Infinity;
  }

  /** The next lower limit; where there is none yet, the next one below what there is `now`. */
  lower(limit: number, now: number): number {
    const from = limit === Infinity ? now || this.#steps.at(-1)! : limit;
    return this.#steps.findLast((step) => step < from) ?? this.#steps[0]!;
  }
}

/** In bytes per second, up to a gigabyte. */
export const BYTE_LIMITS: LimitSteps = new LimitSteps(10_000, 1e9);

/** In requests per second. */
export const REQUEST_LIMITS: LimitSteps = new LimitSteps(0.1, 1_000);
