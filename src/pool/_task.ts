import type { JobContext } from "./job.ts";
import type { Queued } from "./_job_queue.ts";

/** The two ends of a promise that someone was given. */
export interface Listener<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

/** How a job ended, as the statistics count it. */
export type Outcome = "completed" | "failed" | "cancelled";

/** A job on its way through the pool. To the work that does it, it is the context. */
export class Task<Job, Value> implements JobContext, Queued<Task<Job, Value>> {
  readonly job: Job;
  readonly priority: number;
  /** The signal that its submitter gave. */
  readonly given: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  /** The results channel is for the jobs that nobody waits for by themselves. */
  readonly listener: Listener<Value> | undefined;
  before: Task<Job, Value> | undefined;
  behind: Task<Job, Value> | undefined;
  inLine = false;
  /** Who waits for the job to be taken in. */
  submitter: Listener<void> | undefined;
  workerId = 0;
  /** Its place among the results. */
  order = 0;
  cancelTimeout: (() => void) | undefined;
  /** Set when its fate is decided before its work has returned. */
  aborted: Exclude<Outcome, "completed"> | undefined;
  reason: unknown;
  #controller: AbortController | undefined;

  constructor(
    job: Job,
    priority: number,
    given: AbortSignal | undefined,
    timeoutMs: number | undefined,
    listener: Listener<Value> | undefined,
  ) {
    this.job = job;
    this.priority = priority;
    this.given = given;
    this.timeoutMs = timeoutMs;
    this.listener = listener;
  }

  admitted(): void {
    this.submitter?.resolve();
  }

  /** Made when first asked for, since most work never looks. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.aborted !== undefined) this.#controller.abort(this.reason);
    }
    return this.#controller.signal;
  }

  /** Decides that the job is not done, whatever its work returns from now on. */
  abort(reason: unknown, outcome: "failed" | "cancelled" = "cancelled"): void {
    if (this.aborted !== undefined) return;
    this.aborted = outcome;
    this.reason = reason;
    this.listener?.reject(reason);
    this.#controller?.abort(reason);
  }
}
