import { PoolClosedError } from "./errors.ts";
import type { JobOptions } from "./job.ts";
import { AbortHub } from "./_abort_hub.ts";
import type { Engine } from "./_engine.ts";
import { checkTime, type PoolSettings } from "./_settings.ts";
import { type Listener, Task } from "./_task.ts";

/** Where jobs become tasks and come in, or wait for room. */
export class Entrance<Job, Value> {
  readonly #settings: PoolSettings<Job>;
  readonly #engine: Engine<Job, Value>;
  readonly #hub = new AbortHub<Task<Job, Value>>((task, reason) => this.#abort(task, reason));
  readonly #closing = new AbortController();
  /** As `closing.aborted`, which is slower to read and is read for every job. */
  closed = false;
  /** The jobs that were taken from a source and turned away. */
  readonly turnedAway: Job[] = [];

  constructor(settings: PoolSettings<Job>, engine: Engine<Job, Value>) {
    this.#settings = settings;
    this.#engine = engine;
  }

  /** Aborts when no more jobs are taken. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Takes no more jobs, and turns away those that wait for room. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#closing.abort(this.#closedError(undefined));
    for (const task of this.#engine.queue.turnAway()) {
      this.#refuse(task, this.#closedError(task.job));
    }
  }

  /**
   * Takes a job in. If it has to wait for room it returns a promise of having been taken in, except
   * for a job with a listener, which hears of being turned away by that.
   */
  enter(
    job: Job,
    options?: JobOptions,
    listener?: Listener<Value>,
  ): Promise<void> | undefined {
    const task = this.#admit(job, options, listener);
    return this.#engine.accept(task) ? undefined : this.#wait(task);
  }

  /** Takes a job in if there is room. */
  tryEnter(job: Job, options: JobOptions | undefined): boolean {
    const task = this.#admit(job, options, undefined);
    const taken = this.#engine.accept(task);
    if (!taken) this.leave(task);
    return taken;
  }

  /** Takes in a job from a source, which could not take it back. */
  put(job: Job): Promise<void> | undefined {
    try {
      return this.enter(job)?.catch((error) => this.#turnAway(job, error));
    } catch (error) {
      return this.#turnAway(job, error);
    }
  }

  /** Forgets a task that has ended. */
  leave(task: Task<Job, Value>): void {
    if (task.given !== undefined) this.#hub.leave(task.given, task);
  }

  #turnAway(job: Job, error: unknown): never {
    this.turnedAway.push(job);
    throw error;
  }

  #admit(
    job: Job,
    options: JobOptions | undefined,
    listener: Listener<Value> | undefined,
  ): Task<Job, Value> {
    if (this.closed) throw this.#closedError(job);
    const signal = options?.signal;
    const timeoutMs = options?.timeoutMs ?? this.#settings.jobTimeoutMs;
    checkTime("Cannot submit a job", "timeoutMs", timeoutMs);
    const priority = this.#priority(job, options?.priority);
    const task = new Task(job, priority, signal, timeoutMs, listener);
    signal?.throwIfAborted();
    if (signal !== undefined) this.#hub.join(signal, task);
    return task;
  }

  #wait(task: Task<Job, Value>): Promise<void> | undefined {
    this.#engine.queue.wait(task);
    if (task.listener !== undefined) return undefined;
    return new Promise((resolve, reject) => task.submitter = { resolve, reject });
  }

  #abort(task: Task<Job, Value>, reason: unknown): void {
    if (this.#engine.queue.leave(task)) this.#refuse(task, reason);
    else task.abort(reason);
  }

  /** Turns away a task that has waited for room. */
  #refuse(task: Task<Job, Value>, reason: unknown): void {
    this.leave(task);
    task.submitter?.reject(reason);
    task.listener?.reject(reason);
  }

  #priority(job: Job, given: number | undefined): number {
    const { priorityOf, title } = this.#settings;
    if (priorityOf === undefined && given !== undefined) {
      throw new TypeError(
        `Cannot submit a job: the option priority of ${title} must be set, got a job of priority ${given}`,
      );
    }
    const priority = given ?? priorityOf?.(job) ?? 0;
    if (!Number.isNaN(priority)) return priority;
    throw new RangeError(`Cannot submit a job: priority must be a number, got ${priority}`);
  }

  #closedError(job: Job | undefined): PoolClosedError {
    return new PoolClosedError(`Cannot submit a job: ${this.#settings.title} is shut down`, job);
  }
}
