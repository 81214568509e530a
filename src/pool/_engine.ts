import type { JobResult, Work } from "./job.ts";
import { Throughput } from "./throughput.ts";
import { Crew } from "./_crew.ts";
import { FifoOrder, JobQueue, PriorityOrder } from "./_job_queue.ts";
import type { Results } from "./_results.ts";
import type { PoolSettings } from "./_settings.ts";
import type { Outcome, Task } from "./_task.ts";
import { Turn } from "./_turn.ts";
import type { Foreman, PoolWorker } from "./_worker.ts";

/** What the engine tells its pool. */
export interface EngineEvents<Job, Value> {
  /** The work on a job has failed; a cancelled job has not. */
  failed(task: Task<Job, Value>, error: unknown): void;
  /** A worker is done with a job. */
  released(task: Task<Job, Value>): void;
}

/**
 * Brings jobs and workers together.
 *
 * A job goes to an idle worker, else into the queue; a worker that is done takes the next from the
 * queue, else rests. So between any two calls, unless the engine is paused, no worker is idle while
 * a job waits. Work never runs inside the call that submitted it, and a throw in it ends in its
 * result.
 */
export class Engine<Job, Value> implements Foreman<Job, Value> {
  readonly crew: Crew<Job, Value>;
  readonly queue: JobQueue<Task<Job, Value>>;
  readonly throughput: Throughput;
  readonly counts: Record<Outcome, number> = { completed: 0, failed: 0, cancelled: 0 };
  readonly #work: Work<Job, Value>;
  readonly #settings: PoolSettings<Job>;
  readonly #events: EngineEvents<Job, Value>;
  readonly #turn = new Turn();
  /** Workers that have a job and have not begun it. */
  readonly #ready: PoolWorker<Job, Value>[] = [];
  #starting = false;
  #paused = false;
  /** Where results go, until the pool is cancelled. */
  #results: Results<JobResult<Job, Value>> | undefined;
  /** The time, while no work has run since it was read; else NaN. Reading it is not cheap. */
  #now = NaN;

  constructor(
    work: Work<Job, Value>,
    settings: PoolSettings<Job>,
    results: Results<JobResult<Job, Value>> | undefined,
    events: EngineEvents<Job, Value>,
  ) {
    this.#work = work;
    this.#settings = settings;
    this.#results = results;
    this.#events = events;
    const { limits, queue, priorityOf, agingMs, clock } = settings;
    this.crew = new Crew(limits, clock, this);
    this.queue = new JobQueue(
      queue,
      priorityOf === undefined ? new FifoOrder(queue) : new PriorityOrder(agingMs, clock),
    );
    this.throughput = new Throughput(clock.now());
  }

  /** The jobs that workers have. */
  get active(): number {
    return this.crew.size - this.crew.idle;
  }

  get paused(): boolean {
    return this.#paused;
  }

  set paused(paused: boolean) {
    this.#paused = paused;
    this.dispatch();
  }

  /** Takes a job in if that needs no wait. */
  accept(task: Task<Job, Value>): boolean {
    if (!this.#paused && this.crew.idle > 0) {
      this.#assign(this.crew.takeIdle()!, task);
      return true;
    }
    if (this.queue.tryPut(task)) {
      this.dispatch();
      return true;
    }
    if (this.#paused || !this.#mayGrow()) return false;
    // The job that a new worker takes makes room for this one.
    const next = this.queue.take();
    this.#assign(this.crew.add(), next ?? task);
    return next === undefined || this.queue.tryPut(task);
  }

  /** Gives waiting jobs to idle workers, and to new ones where they are worth it. */
  dispatch(): void {
    while (!this.#paused && (this.crew.idle > 0 || this.#mayGrow())) {
      const task = this.queue.take();
      if (task === undefined) return;
      this.#assign(this.crew.takeIdle() ?? this.crew.add(), task);
    }
  }

  /** Takes back every job that has not begun. */
  withdraw(): Task<Job, Value>[] {
    const tasks: Task<Job, Value>[] = [];
    for (const worker of this.#ready.splice(0)) {
      if (worker.task !== undefined) tasks.push(worker.task);
      worker.task = undefined;
      this.crew.rest(worker, this.#peekClock());
    }
    for (let next = this.queue.take(); next !== undefined; next = this.queue.take()) {
      tasks.push(next);
    }
    return tasks;
  }

  /** Passes no more results on. */
  silence(): void {
    this.#results = undefined;
  }

  resolved(worker: PoolWorker<Job, Value>, value: Value): void {
    const mayStart = this.#holdStarts();
    this.#succeed(worker, value);
    this.#allowStarts(mayStart);
  }

  rejected(worker: PoolWorker<Job, Value>, error: unknown): void {
    const mayStart = this.#holdStarts();
    this.#fail(worker, error);
    this.#allowStarts(mayStart);
  }

  #mayGrow(): boolean {
    const { length, capacity } = this.queue;
    return this.crew.mayGrow(length, length >= capacity);
  }

  #assign(worker: PoolWorker<Job, Value>, task: Task<Job, Value>): void {
    worker.task = task;
    worker.since = this.#peekClock();
    this.#ready.push(worker);
    if (this.#starting) return;
    this.#starting = true;
    queueMicrotask(() => this.#start());
  }

  /** Begins the jobs that are ready, and those that workers take while they are at it. */
  #start(): void {
    this.#starting = true;
    while (this.#ready.length > 0) {
      if (this.#turn.over) {
        this.#turn.wait(() => this.#start());
        break;
      }
      this.#perform(this.#ready.shift()!);
    }
    this.#starting = this.#ready.length > 0;
    this.#now = NaN;
  }

  /** Has what is assigned from now on wait; true if it is for the caller to call `#start`. */
  #holdStarts(): boolean {
    const held = this.#starting;
    this.#starting = true;
    this.#now = NaN;
    return !held;
  }

  #allowStarts(mayStart: boolean): void {
    if (mayStart) this.#start();
    else this.#now = NaN;
  }

  #perform(worker: PoolWorker<Job, Value>): void {
    const task = worker.task!;
    worker.since = this.#readClock();
    task.workerId = worker.id;
    if (task.listener === undefined && this.#results !== undefined) {
      task.order = this.#results.begin();
    }
    if (task.aborted !== undefined) return this.#fail(worker, task.reason);
    if (task.timeoutMs !== undefined) this.#limitTime(task, task.timeoutMs);
    this.#now = NaN;
    let value: Value;
    try {
      const returned = this.#work(task.job, task);
      if (isPromiseLike(returned)) {
        Promise.resolve(returned).then(worker.onValue, worker.onError);
        return;
      }
      value = returned;
    } catch (error) {
      return this.#fail(worker, error);
    }
    this.#succeed(worker, value);
  }

  #limitTime(task: Task<Job, Value>, timeoutMs: number): void {
    task.cancelTimeout = this.#settings.clock.schedule(timeoutMs, () => {
      const message = `Cannot finish the job: it must end within ${timeoutMs} ms, and has not`;
      task.abort(new DOMException(message, "TimeoutError"), "failed");
    });
  }

  #succeed(worker: PoolWorker<Job, Value>, value: Value): void {
    const task = worker.task!;
    if (task.aborted !== undefined) return this.#fail(worker, task.reason);
    task.listener?.resolve(value);
    task.cancelTimeout?.();
    const held = this.#reports(task)?.deliver(task.order, {
      ok: true,
      job: task.job,
      value,
      workerId: worker.id,
      durationMs: this.#readClock() - worker.since,
    });
    this.#release(worker, "completed", held);
  }

  #fail(worker: PoolWorker<Job, Value>, thrown: unknown): void {
    const task = worker.task!;
    const error = task.aborted === undefined ? thrown : task.reason;
    const outcome = task.aborted ?? "failed";
    task.listener?.reject(error);
    task.cancelTimeout?.();
    const held = this.#reports(task)?.deliver(task.order, {
      ok: false,
      job: task.job,
      error,
      workerId: worker.id,
      durationMs: this.#readClock() - worker.since,
    });
    if (outcome === "failed") this.#events.failed(task, error);
    this.#release(worker, outcome, held);
  }

  /** Where the result of `task` is reported. */
  #reports(task: Task<Job, Value>): Results<JobResult<Job, Value>> | undefined {
    return task.listener === undefined ? this.#results : undefined;
  }

  /** Frees `worker` of its job, once the reader that holds it up has taken the result. */
  #release(
    worker: PoolWorker<Job, Value>,
    outcome: Outcome,
    held: Promise<void> | undefined,
  ): void {
    if (held === undefined) return this.#free(worker, outcome);
    const free = (outcome: Outcome) => {
      const mayStart = this.#holdStarts();
      this.#free(worker, outcome);
      this.#allowStarts(mayStart);
    };
    // A result that nobody can read any more is as good as none.
    held.then(() => free(outcome), () => free(outcome === "failed" ? "failed" : "cancelled"));
  }

  #free(worker: PoolWorker<Job, Value>, outcome: Outcome): void {
    const task = worker.task!;
    const now = this.#readClock();
    this.counts[outcome]++;
    this.throughput.add(now);
    if (outcome === "completed") worker.completed++;
    else worker.failed++;
    worker.task = undefined;
    const next = this.#paused || this.crew.hasSurplus ? undefined : this.queue.take();
    if (next === undefined) this.crew.rest(worker, now);
    else this.#assign(worker, next);
    this.#events.released(task);
  }

  /** Reads the clock for all until work runs again; only while starts are held. */
  #readClock(): number {
    return this.#now = this.#peekClock();
  }

  #peekClock(): number {
    return Number.isNaN(this.#now) ? this.#settings.clock.now() : this.#now;
  }
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
