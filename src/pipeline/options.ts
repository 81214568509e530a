import type { Clock } from "../clock/mod.ts";
import type { Limiter } from "../limiter/mod.ts";
import type { RetryOptions } from "../resilience/mod.ts";

/**
 * How a pipeline is made.
 *
 * @example A pipeline that can be stopped
 * ```ts
 * import { pipeline } from "@dlm/dlm";
 * import { assertRejects } from "@std/assert";
 *
 * const controller = new AbortController();
 * const endless = function* () {
 *   for (let n = 0;; n++) yield n;
 * };
 * const ended = pipeline(endless(), { signal: controller.signal })
 *   .forEach("count to 1000", (n) => {
 *     if (n === 1_000) controller.abort(new Error("that is enough"));
 *   });
 * await assertRejects(() => ended, Error, "that is enough");
 * ```
 */
export interface PipelineOptions {
  /** Ends the pipeline when it aborts; its sink then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** What times are measured by; the system clock when nothing is said. */
  readonly clock?: Clock | undefined;
}

/** What every stage has. */
export interface BufferOptions {
  /**
   * How many results of the stage may wait for the next one; default 16. 0 makes the two stages
   * meet for each value. When they are that many, the stage waits, and so in the end does the
   * source.
   */
  readonly buffer?: number | undefined;
}

/**
 * How a stage of a pipeline works.
 *
 * @example Four downloads at a time, at most ten a second, each tried three times
 * ```ts
 * import { pipeline, TokenBucket } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const sizes = await pipeline(["data:,a", "data:,bb"])
 *   .map("download", async (url, { signal }) => await (await fetch(url, { signal })).text(), {
 *     workers: 4,
 *     ordered: true,
 *     buffer: 8,
 *     limiter: new TokenBucket({ limit: 10, burst: 10 }),
 *     retry: { maxAttempts: 3 },
 *   })
 *   .map("measure", (text) => text.length)
 *   .collect();
 * assertEquals(sizes, [1, 2]);
 * ```
 */
export interface StageOptions extends BufferOptions {
  /** How many values it works on at once; default 1. */
  readonly workers?: number | undefined;
  /**
   * With several workers: passes results on in the order of the values they came from, and not as
   * they are ready. A slow value then holds up those behind it, `workers + buffer` at most.
   */
  readonly ordered?: boolean | undefined;
  /** Waits for this limiter before each call, retries included. */
  readonly limiter?: Limiter | undefined;
  /** Calls again when a call fails, as `retry` does. */
  readonly retry?: Omit<RetryOptions, "signal" | "clock"> | undefined;
}

/**
 * How a stage gathers values.
 *
 * @example Rows for a database, by the hundred or after half a second
 * ```ts
 * import { pipeline } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const inserts: number[] = [];
 * await pipeline(Array.from({ length: 250 }, (_, id) => ({ id })))
 *   .batch("gather", 100, { maxWaitMs: 500 })
 *   .forEach("insert", (rows) => inserts.push(rows.length));
 * assertEquals(inserts, [100, 100, 50]);
 * ```
 */
export interface BatchOptions extends BufferOptions {
  /**
   * Passes a batch on when its first value has waited so many milliseconds, full or not. Without
   * it a batch waits until it is full or the input has ended.
   */
  readonly maxWaitMs?: number | undefined;
}

/** What a stage's function is told besides its value. */
export interface StageContext {
  /** Aborts when the pipeline ends early, or when an attempt with a time limit is over. */
  readonly signal: AbortSignal;
  /** Which of the stage's workers calls, from 1. */
  readonly workerId: number;
  /** Which attempt this is, from 1; more only in a stage with `retry`. */
  readonly attempt: number;
}

/** The function of a stage. */
export type StageFunction<In, Out> = (
  value: In,
  context: StageContext,
) => Out | PromiseLike<Out>;
