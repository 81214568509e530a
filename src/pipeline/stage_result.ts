/**
 * Says which stage of a pipeline could not process which value. The `cause` is what was thrown.
 *
 * @example
 * ```ts
 * import { pipeline, StageError } from "@dlm/dlm";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const parsed = pipeline(["1", "{"]).map("parse", (text) => JSON.parse(text));
 * const error = await assertRejects(() => parsed.collect(), StageError);
 * assertEquals(error.stage, "parse");
 * assertEquals(error.value, "{");
 * assertEquals(error.cause instanceof SyntaxError, true);
 * ```
 */
export class StageError extends Error {
  /** The class's own name. */
  override readonly name: string = "StageError";
  /** The stage's name. */
  readonly stage: string;
  /** The value that the stage was given. */
  readonly value: unknown;

  /** Says that `stage` could not process `value`, for `cause`. */
  constructor(stage: string, value: unknown, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot process a value in stage "${stage}": ${why}`, { cause });
    this.stage = stage;
    this.value = value;
  }
}

/** A value that came through the pipeline. */
export interface StageSuccess<T> {
  /** Tells the two kinds of result apart. */
  readonly ok: true;
  /** The value. */
  readonly value: T;
}

/** A value that got stuck. */
export interface StageFailure {
  /** Tells the two kinds of result apart. */
  readonly ok: false;
  /** Where it got stuck, and why. */
  readonly error: StageError;
}

/**
 * What comes out of a pipeline whose errors are values: {@linkcode StageSuccess} or
 * {@linkcode StageFailure}, told apart by `ok`.
 *
 * @example
 * ```ts
 * import { pipeline, type StageResult } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * function line(result: StageResult<URL>): string {
 *   return result.ok ? result.value.host : `${result.error.stage}: ${result.error.value}`;
 * }
 *
 * const results = pipeline(["http://a.example", "?"]).map("parse", (text) => new URL(text)).results();
 * assertEquals(await Array.fromAsync(results, line), ["a.example", "parse: ?"]);
 * ```
 */
export type StageResult<T> = StageSuccess<T> | StageFailure;
