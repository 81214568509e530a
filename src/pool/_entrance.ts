import { ChanClosedError } from "../chan/mod.ts";
import { PoolClosedError } from "./errors.ts";
import type { JobOptions } from "./job.ts";
import { AbortHub } from "./_abort_hub.ts";
import type { Engine } from "./_engine.ts";
import { checkTimeout, type PoolSettings } from "./_settings.ts";
import { type Listener, Task } from "./_task.ts";

/** Where jobs become tasks and come in, or wait for room. */
export class Entrance<Job, Value> {
  readonly #settings: PoolSettings<Job>;
  readonly #engine: Engine<Job, Value>;
  readonly #hub = new AbortHub();
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
    this.#engine.queue.close();
  }

  /**
   * Takes a job in; a promise if it has to wait for room. A job with a listener that is turned away
   * while it waits tells the listener, any other rejects that promise.
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
    const turnAway = (error: unknown) => {
      this.turnedAway.push(job);
      throw error;
    };
    try {
      return this.enter(job)?.catch(turnAway);
    } catch (error) {
      return turnAway(error);
    }
  }

  /** Forgets a task that has ended. */
  leave(task: Task<Job, Value>): void {
    if (task.given !== undefined) this.#hub.leave(task.given, task);
  }

  #admit(
    job: Job,
    options: JobOptions | undefined,
    listener: Listener<Value> | undefined,
  ): Task<Job, Value> {
    if (this.closed) throw this.#closedError(job);
    const signal = options?.signal;
    const timeoutMs = options?.timeoutMs ?? this.#settings.jobTimeoutMs;
    checkTimeout("timeoutMs", timeoutMs);
    const priority = this.#priority(job, options?.priority);
    const task = new Task(job, priority, signal, timeoutMs, listener);
    signal?.throwIfAborted();
    if (signal !== undefined) this.#hub.join(signal, task);
    return task;
  }

  #wait(task: Task<Job, Value>): Promise<void> {
    return this.#engine.queue.put(task, task.priority, task.given).catch((cause) => {
      this.leave(task);
      const error = cause instanceof ChanClosedError ? this.#closedError(task.job) : cause;
      if (task.listener === undefined) throw error;
      task.listener.reject(error);
    });
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
