import type { PoolStats } from "../pool/mod.ts";

/** What one stage of the pipeline has done and does right now. */
export interface StageFigures {
  /** The stage: `validate`, `download` or `checksum`. */
  readonly name: string;
  /** Files that it has dealt with; a file that is tried again counts again. */
  readonly processed: number;
  /** Those of them that ended with an error. */
  readonly errors: number;
  /** Files that it is dealing with. */
  readonly active: number;
  /** Files that wait for it. */
  readonly queued: number;
  /** Files per second, over the last ten seconds at most. */
  readonly perSecond: number;
}

/** The figures of a stage whose workers are a pool. */
export function figuresOf(
  name: string,
  stats: PoolStats | undefined,
  waitingElsewhere: number,
): StageFigures {
  return {
    name,
    processed: stats ? stats.completed + stats.failed : 0,
    errors: stats?.failed ?? 0,
    active: stats?.active ?? 0,
    queued: (stats?.queued ?? 0) + waitingElsewhere,
    perSecond: stats?.throughput ?? 0,
  };
}
