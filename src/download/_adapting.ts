import type { Clock } from "../clock/mod.ts";
import { HillClimb } from "../limiter/mod.ts";
import type { WorkerPool } from "../pool/mod.ts";

/** How long each number of workers is measured. */
const ADAPT_MS = 1_000;

/** How {@linkcode adapt} works. */
export interface AdaptOptions {
  /** Fewest and most workers. */
  readonly min: number;
  readonly max: number;
  /** The bytes received so far. */
  readonly received: () => number;
  /** Whether nothing is to be changed at the moment. */
  readonly paused: () => boolean;
  readonly clock: Clock;
}

/** Looks for the number of workers that brings the most bytes, until it is disposed of. */
export function adapt<Job, Value>(
  pool: WorkerPool<Job, Value>,
  { min, max, received, paused, clock }: AdaptOptions,
): Disposable {
  const climb = new HillClimb({ min, max });
  let before = 0;
  let cancel = () => {};
  const look = () => {
    const now = received();
    if (!paused() && !pool.closed) pool.resize(climb.observe(now - before));
    before = now;
    cancel = clock.schedule(ADAPT_MS, look);
  };
  cancel = clock.schedule(ADAPT_MS, look);
  return { [Symbol.dispose]: () => cancel() };
}
