import type { ReceiveChan } from "../chan/mod.ts";
import { systemClock } from "../clock/mod.ts";
import { consume, type Source } from "../pool/mod.ts";
import type {
  BatchOptions,
  PipelineOptions,
  StageContext,
  StageFunction,
  StageOptions,
} from "./options.ts";
import type { StageMetrics } from "./stage_metrics.ts";
import type { StageResult } from "./stage_result.ts";
import { startBatch } from "./_batch.ts";
import { batchPlan, stagePlan } from "./_plan.ts";
import { Run } from "./_run.ts";
import { startSource } from "./_source.ts";
import { type StagePlan, startStage } from "./_stage.ts";

/** What the pipelines that begin with the same source share: only one of them can run. */
interface Flow {
  readonly options: PipelineOptions;
  run: Run | undefined;
}

/**
 * Stages that values go through from a source to a sink, all at work at the same time, with a
 * channel between each two of them. Made by {@linkcode pipeline}.
 *
 * Adding a stage returns a new pipeline. Nothing runs until a sink asks for the values: `collect`,
 * `forEach`, `run`, `results` or `for await`. A pipeline runs once, since its source can be read
 * once.
 *
 * - **Backpressure**: a stage that finds the next one's buffer full waits, so a slow stage slows
 *   the source down, and memory stays bounded.
 * - **Errors**: with `results` an error is a value: it passes the later stages by and comes out
 *   with its stage and the value at fault. With every other sink the first error ends the pipeline,
 *   and the sink throws it as a {@linkcode StageError}.
 * - **The end**: a stage closes its output when its input has ended and its workers are done. When
 *   the pipeline ends early, by an error, by its signal, or by leaving the `for await`, the stages'
 *   signal aborts, and the sink waits until every call in flight has returned; no stage outlives it.
 *
 * @example A function that adds stages to any pipeline
 * ```ts
 * import { type Pipeline, pipeline } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * function words(lines: Pipeline<string>): Pipeline<string> {
 *   return lines.flatMap("split", (line) => line.split(" ")).filter("words", (word) => word !== "");
 * }
 *
 * assertEquals(await words(pipeline(["a b", "", " c"])).collect(), ["a", "b", "c"]);
 * ```
 */
export class Pipeline<T> implements AsyncIterable<T> {
  readonly #flow: Flow;
  readonly #names: readonly string[];
  /** Starts everything up to here and returns the output. */
  readonly #start: (run: Run) => ReceiveChan<StageResult<T>>;

  private constructor(
    flow: Flow,
    names: readonly string[],
    start: (run: Run) => ReceiveChan<StageResult<T>>,
  ) {
    this.#flow = flow;
    this.#names = names;
    this.#start = start;
  }

  /** A pipeline without stages; {@linkcode pipeline} is the same in fewer words. */
  static from<T>(source: Source<T>, options: PipelineOptions = {}): Pipeline<T> {
    return new Pipeline({ options, run: undefined }, [], (run) => startSource(run, source));
  }

  /**
   * Adds a stage that makes one value of each.
   *
   * @throws {TypeError} if there is a stage of that name.
   * @throws {RangeError} if a number in `options` is out of its range.
   */
  map<Out>(name: string, fn: StageFunction<T, Out>, options?: StageOptions): Pipeline<Out> {
    return this.#work(name, fn, options, (result, _value, send) => send(result));
  }

  /**
   * Adds a stage that lets through the values for which `keep`, a type guard, returns true. They
   * have the narrower type from here on.
   *
   * @throws {TypeError} if there is a stage of that name.
   * @throws {RangeError} if a number in `options` is out of its range.
   */
  filter<Kept extends T>(
    name: string,
    keep: (value: T, context: StageContext) => value is Kept,
    options?: StageOptions,
  ): Pipeline<Kept>;
  /**
   * Adds a stage that lets through the values for which `keep` returns true.
   *
   * @throws {TypeError} if there is a stage of that name.
   * @throws {RangeError} if a number in `options` is out of its range.
   */
  filter(name: string, keep: StageFunction<T, boolean>, options?: StageOptions): Pipeline<T>;
  filter(name: string, keep: StageFunction<T, boolean>, options?: StageOptions): Pipeline<T> {
    return this.#work(name, keep, options, (kept, value, send) => kept ? send(value) : undefined);
  }

  /**
   * Adds a stage that makes any number of values of each. They are passed on one by one as `fn`'s
   * iterable yields them, no faster than the next stage takes them.
   *
   * @throws {TypeError} if there is a stage of that name.
   * @throws {RangeError} if a number in `options` is out of its range.
   */
  flatMap<Out>(
    name: string,
    fn: StageFunction<T, Iterable<Out> | AsyncIterable<Out>>,
    options?: StageOptions,
  ): Pipeline<Out> {
    return this.#work(name, fn, options, (values, _value, send) => consume<Out>(values, send));
  }

  /**
   * Adds a stage that gathers values into arrays of `size`; the last may be shorter. An error that
   * comes along does not wait with them.
   *
   * @throws {TypeError} if there is a stage of that name.
   * @throws {RangeError} if `size` or a number in `options` is out of its range.
   */
  batch(name: string, size: number, options?: BatchOptions): Pipeline<T[]> {
    const plan = batchPlan(name, size, options);
    return this.#add(name, (run) => startBatch(run, this.#start(run), plan));
  }

  /**
   * Runs the pipeline and returns its values.
   *
   * @throws {StageError} if a stage or the source fails; the first ends the pipeline.
   * @throws the reason of the pipeline's signal when it aborts.
   * @throws {TypeError} if the pipeline has run.
   */
  async collect(): Promise<T[]> {
    const values: T[] = [];
    await this.#runUntilEnd(true, (result) => {
      if (result.ok) values.push(result.value);
    });
    return values;
  }

  /**
   * Adds a last stage and runs the pipeline until everything has gone through it.
   *
   * @throws {StageError} if a stage or the source fails; the first ends the pipeline.
   * @throws the reason of the pipeline's signal when it aborts.
   * @throws {TypeError} if the pipeline has run.
   */
  async forEach(
    name: string,
    fn: StageFunction<T, unknown>,
    options?: StageOptions,
  ): Promise<void> {
    await this.#work(name, fn, options, () => undefined).run();
  }

  /**
   * Runs the pipeline and throws its values away.
   *
   * @throws {StageError} if a stage or the source fails; the first ends the pipeline.
   * @throws the reason of the pipeline's signal when it aborts.
   * @throws {TypeError} if the pipeline has run.
   */
  async run(): Promise<void> {
    await this.#runUntilEnd(true, () => {});
  }

  /**
   * Runs the pipeline and returns what became of each value: those that came through, and an error
   * for each that got stuck. Only a source that fails ends the pipeline early.
   *
   * @throws {StageError} if the source fails.
   * @throws the reason of the pipeline's signal when it aborts.
   * @throws {TypeError} if the pipeline has run.
   */
  async collectResults(): Promise<StageResult<T>[]> {
    const results: StageResult<T>[] = [];
    await this.#runUntilEnd(false, (result) => void results.push(result));
    return results;
  }

  /**
   * Runs the pipeline and yields what becomes of each value, as `collectResults` returns it.
   * Leaving the loop ends the pipeline.
   *
   * @throws {StageError} if the source fails.
   * @throws the reason of the pipeline's signal when it aborts.
   * @throws {TypeError} if the pipeline has run.
   */
  results(): AsyncGenerator<StageResult<T>, void, undefined> {
    return this.#stream(false);
  }

  /**
   * Runs the pipeline and yields its values. Leaving the loop ends the pipeline.
   *
   * @throws {StageError} if a stage or the source fails; the first ends the pipeline.
   * @throws the reason of the pipeline's signal when it aborts.
   * @throws {TypeError} if the pipeline has run.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const result of this.#stream(true)) if (result.ok) yield result.value;
  }

  /**
   * How each stage is doing, in the order of the stages; live while the pipeline runs, and empty
   * before that. A pipeline that another one was made from tells of the same run.
   */
  get metrics(): readonly StageMetrics[] {
    return this.#flow.run?.monitors.map((monitor) => monitor.metrics) ?? [];
  }

  #work<Result, Out>(
    name: string,
    fn: StageFunction<T, Result>,
    options: StageOptions | undefined,
    emit: StagePlan<T, Result, Out>["emit"],
  ): Pipeline<Out> {
    const plan = stagePlan(name, fn, emit, options, this.#flow.options.clock);
    return this.#add(name, (run) => startStage(run, this.#start(run), plan));
  }

  #add<Out>(name: string, start: (run: Run) => ReceiveChan<StageResult<Out>>): Pipeline<Out> {
    if (this.#names.includes(name)) {
      throw new TypeError(`Cannot add a stage: its name must be new, got "${name}"`);
    }
    return new Pipeline(this.#flow, [...this.#names, name], start);
  }

  #begin(failFast: boolean): Run {
    if (this.#flow.run !== undefined) {
      throw new TypeError("Cannot run a pipeline: its source must be unread, got one that has run");
    }
    const { clock = systemClock, signal } = this.#flow.options;
    return this.#flow.run = new Run(clock, signal, failFast);
  }

  /** Lets `use` see all results, and returns when every stage has ended. */
  async #runUntilEnd(failFast: boolean, use: (result: StageResult<T>) => void): Promise<void> {
    const run = this.#begin(failFast);
    run.group.go((signal) => consume(this.#start(run), use, { signal }));
    await run.group.wait();
  }

  async *#stream(failFast: boolean): AsyncGenerator<StageResult<T>, void, undefined> {
    const run = this.#begin(failFast);
    const { group, signal } = run;
    try {
      const output = this.#start(run);
      for (;;) {
        const received = output.tryReceive() ?? await output.receive({ signal });
        if (!received[1]) break;
        yield received[0];
        signal.throwIfAborted();
      }
    } finally {
      // Early or not, this is the end. If a stage has failed, its error is the signal's reason,
      // and so has been thrown above.
      group.cancel();
      await group.wait().catch(() => {});
    }
  }
}

/**
 * Begins a pipeline that reads `source`: an array, a generator, a channel, anything that can be
 * iterated over, in either way.
 *
 * @example Stages with a worker each, and one with four
 * ```ts
 * import { pipeline } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const lengths = await pipeline(["a", "bb", "ccc", ""])
 *   .filter("not empty", (text) => text !== "")
 *   .map("measure", async (text) => (await new Response(text).bytes()).length, {
 *     workers: 4,
 *     ordered: true,
 *   })
 *   .batch("pairs", 2)
 *   .collect();
 * assertEquals(lengths, [[1, 2], [3]]);
 * ```
 *
 * @example Errors as values, with the stage and the value at fault
 * ```ts
 * import { pipeline } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const results = await pipeline(["1", "{", "3"])
 *   .map("parse", (text): number => JSON.parse(text))
 *   .map("double", (n) => n * 2)
 *   .collectResults();
 * assertEquals(
 *   results.map((result) => result.ok ? result.value : `${result.error.stage} ${result.error.value}`),
 *   [2, "parse {", 6],
 * );
 * ```
 */
export function pipeline<T>(source: Source<T>, options?: PipelineOptions): Pipeline<T> {
  return Pipeline.from(source, options);
}
