/**
 * Pipelines: stages joined by channels, fan-out and fan-in, task groups, and live metrics.
 *
 * @module
 */

export { DurationSketch } from "./duration_sketch.ts";
export { fanIn, type FanInOptions } from "./fan_in.ts";
export { fanOut, type FanOutOptions } from "./fan_out.ts";
export { type ChanStageOptions, generate } from "./generate.ts";
export type {
  BatchOptions,
  BufferOptions,
  PipelineOptions,
  StageContext,
  StageFunction,
  StageOptions,
} from "./options.ts";
export { Pipeline, pipeline } from "./pipeline.ts";
export { sendWithTimeout, type SendWithTimeoutOptions } from "./send_with_timeout.ts";
export type { StageMetrics } from "./stage_metrics.ts";
export {
  StageError,
  type StageFailure,
  type StageResult,
  type StageSuccess,
} from "./stage_result.ts";
export { type Task, TaskGroup, type TaskGroupOptions } from "./task_group.ts";
