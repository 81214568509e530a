import type { ReceiveChan } from "../chan/mod.ts";
import { consume, type Source } from "./consume.ts";
import { ShutdownTimeoutError } from "./errors.ts";
import type { JobOptions, JobResult, Work } from "./job.ts";
import type { PoolOptions, ShutdownOptions, WorkerRange } from "./options.ts";
import type { PoolStats, ShutdownReport, WorkerStatus } from "./stats.ts";
import { Ending } from "./_ending.ts";
import { Engine } from "./_engine.ts";
import { Entrance } from "./_entrance.ts";
import { makeResults, type Results } from "./_results.ts";
import { checkTime, crewLimits, type PoolSettings, poolSettings } from "./_settings.ts";

const TAKEN: Promise<void> = Promise.resolve();

/**
 * A bounded number of workers that take jobs from a bounded queue.
 *
 * Jobs come in by `submit`, which waits while the queue is full, by `run`, which waits for the
 * job's own value too, or by `pull`, which empties a channel or an iterable into the pool. At most
 * as many are in flight as there are workers. A job that throws fails alone; its worker goes on.
 *
 * What becomes of values and errors is the choice of {@linkcode PoolOptions.results}. `run` tells
 * its caller; the others tell `results` if the pool was made to keep them, and otherwise the first
 * error is thrown by `shutdown`, so none is lost in silence.
 *
 * A pool ends in one of two ways. `shutdown` takes no more jobs and does those it has. `cancel`
 * throws the queue away, aborts the signals of the jobs in flight, and ignores what they return.
 * `shutdownWithTimeout` is the first with a deadline, then the second. `done` tells when the last
 * worker has really left. `await using` shuts down.
 *
 * The pool owns `results` and closes it: nobody else can.
 *
 * @example The values one by one
 * ```ts
 * import { WorkerPool } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * await using pool = new WorkerPool(async (n: number) => await Promise.resolve(n * n));
 * assertEquals(await Promise.all([1, 2, 3].map((n) => pool.run(n))), [1, 4, 9]);
 * ```
 *
 * @example A stream of results, errors among them
 * ```ts
 * import { WorkerPool } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const pool = new WorkerPool((text: string): unknown => JSON.parse(text), {
 *   workers: 2,
 *   results: "ordered",
 * });
 * const fed = pool.pull(["1", "{", "[2]"]).then(() => pool.shutdown());
 * const seen = [];
 * for await (const result of pool.results) {
 *   seen.push(result.ok ? result.value : `cannot parse ${result.job}`);
 * }
 * await fed;
 * assertEquals(seen, [1, "cannot parse {", [2]]);
 * ```
 */
export class WorkerPool<Job, Value = unknown> implements AsyncDisposable {
  readonly #settings: PoolSettings<Job>;
  readonly #results: Results<JobResult<Job, Value>> | undefined;
  readonly #engine: Engine<Job, Value>;
  readonly #entrance: Entrance<Job, Value>;
  readonly #ending: Ending<Job, Value>;

  /**
   * Starts a pool whose workers call `work` for each job.
   *
   * @throws {RangeError} if a number in `options` is out of its range.
   * @throws {TypeError} if `agingMs` is given without `priority`.
   */
  constructor(work: Work<Job, Value>, options: PoolOptions<Job> = {}) {
    const settings = this.#settings = poolSettings(options);
    const results = this.#results = makeResults(settings.results, settings.resultsBuffer);
    const engine = this.#engine = new Engine(work, settings, results, {
      failed: (task, error) => this.#ending.failed(task, error),
      released: (task) => {
        this.#entrance.leave(task);
        this.#ending.endIfDone();
      },
    });
    this.#entrance = new Entrance(settings, engine);
    this.#ending = new Ending(settings, engine, this.#entrance, results);
    this.#obey(settings.signal);
  }

  /**
   * Submits a job, waiting while the queue is full. It resolves when the job is taken, not when it
   * is done.
   *
   * Aborting the job's signal ends the wait, and cancels the job if it is taken already.
   *
   * @throws {PoolClosedError} if the pool has been shut down or cancelled, or is while it waits.
   * @throws {TypeError} if a priority is given and the pool was made without `priority`.
   * @throws the signal's reason when it aborts before the job is taken.
   */
  submit(job: Job, options?: JobOptions): Promise<void> {
    try {
      return this.#entrance.enter(job, options) ?? TAKEN;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Submits a job if there is room for it, and says whether there was.
   *
   * @throws {PoolClosedError} if the pool has been shut down or cancelled.
   * @throws {TypeError} if a priority is given and the pool was made without `priority`.
   * @throws the signal's reason if it has aborted.
   */
  trySubmit(job: Job, options?: JobOptions): boolean {
    return this.#entrance.tryEnter(job, options);
  }

  /**
   * Submits a job, waiting while the queue is full, and resolves to its value.
   *
   * Aborting the job's signal rejects at once, wherever the job is; its worker stays with it until
   * the work returns.
   *
   * @throws what the job's work throws.
   * @throws a `DOMException` named `TimeoutError` if the job takes longer than its timeout.
   * @throws {PoolClosedError} if the pool has been shut down or cancelled, or the job was dropped
   *   by a shutdown before it began.
   * @throws {TypeError} if a priority is given and the pool was made without `priority`.
   * @throws the reason of the job's signal, or of the pool's cancellation, when that comes first.
   */
  run(job: Job, options?: JobOptions): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#entrance.enter(job, options, { resolve, reject });
    });
  }

  /**
   * Submits all that `source` yields, in its order and never faster than the queue has room, and
   * resolves when the source has ended. Several sources can be pulled from at the same time.
   *
   * If the pool is shut down or cancelled first, the source is told to stop, or not received from
   * any more if it is a channel. A job that was taken from it and could not be submitted is among
   * those that the shutdown's report calls dropped.
   *
   * @throws {PoolClosedError} if the pool has been shut down or cancelled before the source ended.
   * @throws what the source throws.
   */
  pull(source: Source<Job>): Promise<void> {
    return consume(source, (job) => this.#entrance.put(job), { signal: this.#entrance.closing });
  }

  /**
   * How the submitted and pulled jobs ended. The channel closes when the pool has been shut down
   * and every result is in it; when the pool is cancelled it closes at once, and iterating over it
   * throws the reason after what is in its buffer.
   *
   * @throws {TypeError} if the pool was not made with `results: "completed"` or `"ordered"`.
   */
  get results(): ReceiveChan<JobResult<Job, Value>> {
    if (this.#results !== undefined) return this.#results.chan;
    throw new TypeError(
      'Cannot read results: the option results must be "completed" or "ordered", got "none"',
    );
  }

  /** What each worker does right now, by number. */
  get workers(): readonly WorkerStatus<Job>[] {
    return this.#engine.crew.statuses;
  }

  /** What the pool has done and does right now. */
  get stats(): PoolStats {
    const { crew, active, counts, queue, throughput } = this.#engine;
    const { dropped } = this.#ending;
    const { completed, failed, cancelled } = counts;
    return {
      workers: crew.size,
      active,
      idle: crew.idle,
      queued: queue.length,
      submitted: queue.length + active + completed + failed + cancelled + dropped,
      completed,
      failed,
      cancelled,
      dropped,
      throughput: throughput.perSecond(this.#settings.clock.now()),
    };
  }

  /**
   * Changes the number of workers, or the range it scales in, at once. A busy worker that is one
   * too many leaves after its job. A pool that has been shut down stays as it is.
   *
   * @throws {RangeError} if a number is out of its range.
   */
  resize(workers: number | WorkerRange): void {
    const limits = crewLimits(workers);
    if (this.closed) return;
    this.#engine.crew.resize(limits);
    this.#engine.dispatch();
  }

  /** Whether the pool holds its jobs back. */
  get paused(): boolean {
    return this.#engine.paused;
  }

  /** Starts no more jobs until `resume`. Those in flight go on, and the queue still fills. */
  pause(): void {
    if (!this.closed) this.#engine.paused = true;
  }

  /** Starts jobs again. */
  resume(): void {
    this.#engine.paused = false;
  }

  /** Whether the pool takes no more jobs. */
  get closed(): boolean {
    return this.#entrance.closed;
  }

  /**
   * Resolves when the pool has ended and the last worker has left. After a cancellation this tells
   * when the work that was in flight has really returned.
   */
  get done(): Promise<void> {
    return this.#ending.done;
  }

  /**
   * Takes no more jobs, does those it has, and resolves when the last worker has left and `results`
   * is closed. Whoever still waits for room is turned away; a paused pool is resumed.
   *
   * Results that were asked for must be read meanwhile, or the workers wait for that. Calling it
   * again waits for the same end.
   *
   * @throws the first error of a job that nobody was told of, or with `onError: "first"` the error
   *   that ended the pool.
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    this.#ending.close(options.queued ?? "drain");
    await this.#ending.done;
    this.#ending.throwError();
  }

  /**
   * As `shutdown`, but cancels what is left after `ms` milliseconds. Work that is in flight then
   * and heeds its signal may return a little later; `done` tells when.
   *
   * @throws {ShutdownTimeoutError} if not everything was done in time. It carries the report, and
   *   is the reason that the cancelled jobs are given.
   * @throws the error that `shutdown` would throw.
   * @throws {RangeError} if `ms` is not 0 or more.
   */
  async shutdownWithTimeout(
    ms: number,
    options: ShutdownOptions = {},
  ): Promise<ShutdownReport<Job>> {
    checkTime("Cannot shut down", "ms", ms);
    this.#ending.close(options.queued ?? "drain");
    const late = Promise.withResolvers<true>();
    const forget = this.#settings.clock.schedule(ms, () => late.resolve(true));
    const isLate = await Promise.race([this.#ending.done, late.promise]);
    forget();
    if (isLate) throw this.#cancelLate(ms);
    this.#ending.throwError();
    return this.#ending.report;
  }

  /**
   * Ends the pool now: throws the queue away, aborts the signals of the jobs in flight with
   * `reason`, and closes `results`. Whoever waits for one of the jobs is rejected with `reason`.
   *
   * It resolves when the work that was in flight has returned; nobody needs to wait for that. What
   * such work returns is thrown away. Cancelling twice does nothing more.
   */
  async cancel(
    reason: unknown = new DOMException(
      `Cannot go on: ${this.#settings.title} was cancelled`,
      "AbortError",
    ),
  ): Promise<ShutdownReport<Job>> {
    this.#ending.cancel(() => reason);
    await this.#ending.done;
    return this.#ending.report;
  }

  /** Shuts down, as {@linkcode shutdown} does. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /** Cancels the pool when `signal` aborts, unless it has ended first. */
  #obey(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    const onAbort = () => this.#ending.cancel(() => signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    this.#ending.done.then(() => signal.removeEventListener("abort", onAbort));
  }

  /** Cancels what a shutdown of `ms` milliseconds has left undone. */
  #cancelLate(ms: number): ShutdownTimeoutError<Job> {
    const makeError = () => {
      const { report } = this.#ending;
      const left = report.cancelled.length + report.dropped.length;
      const message = `Cannot shut down ${this.#settings.title}: every job must be done within ` +
        `${ms} ms, got ${left} that are not`;
      return new ShutdownTimeoutError(message, report);
    };
    let error: ShutdownTimeoutError<Job> | undefined;
    this.#ending.cancel(() => error = makeError());
    return error ?? makeError();
  }
}
