import { PoolClosedError } from "./errors.ts";
import type { JobResult } from "./job.ts";
import type { ShutdownReport } from "./stats.ts";
import type { Engine } from "./_engine.ts";
import type { Entrance } from "./_entrance.ts";
import type { Results } from "./_results.ts";
import type { PoolSettings } from "./_settings.ts";
import type { Task } from "./_task.ts";

/**
 * The end of a pool: first nothing more comes in, then the jobs run out or are given up, then the
 * workers leave, then the results close, and only then it is done.
 */
export class Ending<Job, Value> {
  readonly #settings: PoolSettings<Job>;
  readonly #engine: Engine<Job, Value>;
  readonly #entrance: Entrance<Job, Value>;
  readonly #results: Results<JobResult<Job, Value>> | undefined;
  readonly #done = Promise.withResolvers<void>();
  readonly #dropped: Job[] = [];
  #cancelled: Job[] | undefined;
  #ending = false;
  #isDone = false;
  #error: { readonly error: unknown } | undefined;

  constructor(
    settings: PoolSettings<Job>,
    engine: Engine<Job, Value>,
    entrance: Entrance<Job, Value>,
    results: Results<JobResult<Job, Value>> | undefined,
  ) {
    this.#settings = settings;
    this.#engine = engine;
    this.#entrance = entrance;
    this.#results = results;
  }

  get done(): Promise<void> {
    return this.#done.promise;
  }

  get dropped(): number {
    return this.#dropped.length + this.#entrance.turnedAway.length;
  }

  get report(): ShutdownReport<Job> {
    const { completed, failed } = this.#engine.counts;
    return {
      completed,
      failed,
      cancelled: [...this.#cancelled ?? []],
      dropped: [...this.#dropped, ...this.#entrance.turnedAway],
    };
  }

  /** Throws the error that nobody was told of, if there is one. */
  throwError(): void {
    if (this.#error !== undefined) throw this.#error.error;
  }

  /** Takes no more jobs and lets those there are run out. */
  close(queued: "drain" | "drop"): void {
    this.#entrance.close();
    if (queued === "drop") {
      const message = `Cannot do a job: ${this.#settings.title} was shut down before it began`;
      for (const task of this.#withdraw()) task.abort(new PoolClosedError(message, task.job));
    }
    this.#engine.paused = false;
    this.endIfDone();
  }

  /**
   * Gives up the jobs there are but `except`, for the reason that `makeReason` gives once the
   * report is settled. Only the first time counts.
   */
  cancel(makeReason: () => unknown, except?: Task<Job, Value>): void {
    if (this.#cancelled !== undefined || this.#isDone) return;
    this.#entrance.close();
    const queued = this.#withdraw();
    const inFlight = this.#engine.crew.tasks.filter((task) => task !== except);
    this.#cancelled = inFlight.map((task) => task.job);
    const reason = makeReason();
    this.#engine.silence();
    this.#results?.abandon(reason);
    for (const task of [...inFlight, ...queued]) task.abort(reason);
    this.endIfDone();
  }

  /** Cancels if one failure is enough, or keeps the error for the end if nobody else is told. */
  failed(task: Task<Job, Value>, error: unknown): void {
    const untold = this.#results === undefined && task.listener === undefined;
    if (this.#settings.failFast || untold) this.#error ??= { error };
    if (this.#settings.failFast) this.cancel(() => error, task);
  }

  /** Ends the pool if nothing more can come and nothing is left: then no worker has a job. */
  endIfDone(): void {
    if (!this.#entrance.closed || this.#ending || this.#engine.active > 0) return;
    this.#ending = true;
    this.#engine.crew.disband();
    this.#end();
  }

  async #end(): Promise<void> {
    if (this.#cancelled === undefined) await this.#results?.end();
    this.#isDone = true;
    this.#done.resolve();
  }

  #withdraw(): Task<Job, Value>[] {
    const tasks = this.#engine.withdraw();
    for (const task of tasks) {
      this.#entrance.leave(task);
      this.#dropped.push(task.job);
    }
    return tasks;
  }
}
