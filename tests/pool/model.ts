/** What a random program may do to a pool. Numbers that choose a job are taken modulo. */
export type Operation =
  | { readonly kind: "submit"; readonly priority: number }
  | { readonly kind: "finish"; readonly which: number; readonly fails: boolean }
  | { readonly kind: "abort"; readonly which: number }
  | { readonly kind: "resize"; readonly min: number; readonly more: number }
  | { readonly kind: "shutdown"; readonly queued: "drain" | "drop" }
  | { readonly kind: "pause" | "resume" | "cancel" };

export interface ModelOptions {
  readonly min: number;
  readonly max: number;
  readonly growAt: number;
  readonly queue: number;
  readonly priority: boolean;
  readonly results: "none" | "completed" | "ordered";
}

/** One job in the model; its place in the pool is `state`. */
export interface ModelJob {
  readonly id: number;
  readonly priority: number;
  aborted: boolean;
  state: "waiting" | "refused" | "queued" | "active" | Outcome;
}

type Outcome = "completed" | "failed" | "cancelled" | "dropped";

/**
 * A pool told as plainly as possible: lists of jobs, and one loop that moves them on until nothing
 * moves any more.
 */
export class ModelPool {
  readonly #options: ModelOptions;
  readonly jobs: ModelJob[] = [];
  readonly begun: number[] = [];
  /** The jobs in the order in which workers took them, those that never began included. */
  readonly taken: number[] = [];
  /** The jobs in the order in which workers were done with them. */
  readonly ended: number[] = [];
  waiting: ModelJob[] = [];
  queue: ModelJob[] = [];
  active: ModelJob[] = [];
  workers: number;
  min: number;
  max: number;
  paused = false;
  closed = false;

  constructor(options: ModelOptions) {
    this.#options = options;
    this.min = this.workers = options.min;
    this.max = options.max;
  }

  count(state: ModelJob["state"]): number {
    return this.jobs.filter((job) => job.state === state).length;
  }

  submit(priority: number): void {
    const job: ModelJob = { id: this.jobs.length, priority, aborted: false, state: "waiting" };
    this.jobs.push(job);
    if (this.closed) job.state = "refused";
    else this.#take(job);
    this.#settle();
  }

  finish(job: ModelJob, fails: boolean): void {
    this.#leave(job, job.aborted ? "cancelled" : fails ? "failed" : "completed");
    this.#settle();
  }

  abort(job: ModelJob): void {
    job.aborted = true;
    if (job.state === "waiting") {
      this.waiting.splice(this.waiting.indexOf(job), 1);
      job.state = "refused";
    }
    this.#settle();
  }

  resize(min: number, max: number): void {
    if (this.closed) return;
    [this.min, this.max] = [min, max];
    this.workers = Math.max(this.workers, min);
    this.workers = Math.max(Math.min(this.workers, max), this.active.length);
    this.#settle();
  }

  pause(paused: boolean): void {
    this.paused = paused && !this.closed;
    this.#settle();
  }

  shutdown(queued: "drain" | "drop"): void {
    this.closed = true;
    for (const job of this.waiting.splice(0)) job.state = "refused";
    if (queued === "drop") { for (const job of this.queue.splice(0)) job.state = "dropped"; }
    this.paused = false;
    this.#settle();
  }

  cancel(): void {
    for (const job of this.active) job.aborted = true;
    this.shutdown("drop");
  }

  #take(job: ModelJob): void {
    if (this.queue.length > 0 && this.#isFull && !this.paused && this.#mayGrow()) {
      // The worker that comes makes room before the job comes in.
      this.workers++;
      this.#begin(this.#next());
    }
    this.waiting.push(job);
  }

  #settle(): void {
    do this.#assign(); while (this.#giveUpAborted());
    if (this.closed && this.active.length === 0) this.workers = 0;
  }

  #assign(): void {
    for (;;) {
      this.#admit();
      if (this.paused || this.queue.length + this.waiting.length === 0) return;
      if (this.active.length < this.workers) this.#begin(this.#next());
      else if (this.#mayGrow()) this.workers++;
      else return;
    }
  }

  /** Ends the jobs that a worker has just taken and found aborted. */
  #giveUpAborted(): boolean {
    const found = this.active.filter(({ id, aborted }) => aborted && !this.begun.includes(id));
    for (const job of found) this.#leave(job, "cancelled");
    return found.length > 0;
  }

  #leave(job: ModelJob, outcome: Outcome): void {
    this.active.splice(this.active.indexOf(job), 1);
    this.ended.push(job.id);
    job.state = outcome;
    if (this.workers > this.max) this.workers--;
  }

  get #isFull(): boolean {
    return this.queue.length >= this.#options.queue;
  }

  #admit(): void {
    while (this.waiting.length > 0 && !this.#isFull) this.#letIn();
  }

  #letIn(): void {
    const job = this.waiting.shift()!;
    job.state = "queued";
    this.queue.push(job);
  }

  #mayGrow(): boolean {
    const { length } = this.queue;
    return this.workers < this.max &&
      (this.workers === 0 || length >= this.#options.growAt || this.#isFull);
  }

  #next(): ModelJob {
    if (this.waiting.length > 0) this.#letIn();
    if (!this.#options.priority) return this.queue.shift()!;
    const best = Math.max(...this.queue.map(({ priority }) => priority));
    const index = this.queue.findIndex(({ priority }) => priority === best);
    return this.queue.splice(index, 1)[0]!;
  }

  #begin(job: ModelJob): void {
    this.taken.push(job.id);
    this.active.push(job);
    job.state = "active";
    if (!job.aborted) this.begun.push(job.id);
  }
}
