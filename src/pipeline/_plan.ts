import type { Clock } from "../clock/mod.ts";
import { retry } from "../resilience/mod.ts";
import type { BatchOptions, StageContext, StageFunction, StageOptions } from "./options.ts";
import type { BatchPlan } from "./_batch.ts";
import type { StagePlan } from "./_stage.ts";

const DEFAULT_BUFFER = 16;

/** Checks a stage's options and fills in what was left open. */
export function stagePlan<In, Result, Out>(
  name: string,
  fn: StageFunction<In, Result>,
  emit: StagePlan<In, Result, Out>["emit"],
  options: StageOptions = {},
  clock: Clock | undefined,
): StagePlan<In, Result, Out> {
  const { workers = 1, buffer = DEFAULT_BUFFER, ordered = false } = options;
  checkCount(name, "workers", workers, 1);
  checkBuffer(name, buffer);
  return { name, workers, buffer, ordered, call: patient(fn, options, clock), emit };
}

/** Checks the options of a stage that gathers values. */
export function batchPlan(name: string, size: number, options: BatchOptions = {}): BatchPlan {
  const { buffer = DEFAULT_BUFFER, maxWaitMs } = options;
  checkCount(name, "size", size, 1);
  checkBuffer(name, buffer);
  if (maxWaitMs !== undefined && !(maxWaitMs >= 0)) {
    throw new RangeError(
      `Cannot add stage "${name}": maxWaitMs must be 0 or more, got ${maxWaitMs}`,
    );
  }
  return { name, size, maxWaitMs, buffer };
}

/** The function of a stage, made to wait for the limiter and to try again. */
function patient<In, Out>(
  fn: StageFunction<In, Out>,
  { limiter, retry: retryOptions }: StageOptions,
  clock: Clock | undefined,
): StageFunction<In, Out> {
  const limited = limiter === undefined ? fn : async (value: In, context: StageContext) => {
    await limiter.wait(1, { signal: context.signal });
    return await fn(value, context);
  };
  if (retryOptions === undefined) return limited;
  return (value, context) =>
    retry(
      async ({ attempt, signal }) => await limited(value, { ...context, attempt, signal }),
      { ...retryOptions, signal: context.signal, clock },
    );
}

function checkBuffer(name: string, buffer: number): void {
  if (buffer !== Infinity) checkCount(name, "buffer", buffer, 0);
}

function checkCount(name: string, what: string, count: number, least: number): void {
  if (Number.isInteger(count) && count >= least) return;
  throw new RangeError(
    `Cannot add stage "${name}": ${what} must be a whole number from ${least}, got ${count}`,
  );
}
