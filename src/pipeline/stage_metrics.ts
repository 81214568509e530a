/**
 * How a stage of a pipeline is doing.
 *
 * @example
 * ```ts
 * import { pipeline, type StageMetrics } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const line = ({ name, processed, errors }: StageMetrics) => `${name}: ${processed}, ${errors} bad`;
 *
 * const work = pipeline(["1", "{", "3"]).map("parse", (text) => JSON.parse(text));
 * await work.collectResults();
 * assertEquals(work.metrics.map(line), ["parse: 3, 1 bad"]);
 * ```
 */
export interface StageMetrics {
  /** The stage's name. */
  readonly name: string;
  /** The values that it is done with, failed ones included. */
  readonly processed: number;
  /** The values that it could not process. */
  readonly errors: number;
  /** The values that it works on. */
  readonly active: number;
  /** The values that wait for it in the buffer before it. */
  readonly queueDepth: number;
  /**
   * The mean of the times it took for a value, in milliseconds. Waiting for a limiter or a retry
   * is part of it, waiting for the next stage is not.
   */
  readonly averageMs: number | undefined;
  /** The median of those times, to within 1%. */
  readonly p50Ms: number | undefined;
  /** The time that 99 of 100 values did not exceed, to within 1%. */
  readonly p99Ms: number | undefined;
  /** The values processed per second, over the last ten seconds at most. */
  readonly throughput: number;
  /** When it was done with a value last, on the pipeline's clock. */
  readonly lastUpdate: number | undefined;
}
