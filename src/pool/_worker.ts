import type { WorkerStatus } from "./stats.ts";
import type { Task } from "./_task.ts";

/** Hears how work ended that a worker had to wait for. */
export interface Foreman<Job, Value> {
  resolved(worker: PoolWorker<Job, Value>, value: Value): void;
  rejected(worker: PoolWorker<Job, Value>, error: unknown): void;
}

/** One worker: who it is, what it has and how it has fared. */
export class PoolWorker<Job, Value> {
  readonly id: number;
  task: Task<Job, Value> | undefined;
  completed = 0;
  failed = 0;
  since: number;
  /** Made once, since every job that waits needs both. */
  readonly onValue: (value: Value) => void;
  readonly onError: (error: unknown) => void;

  constructor(id: number, since: number, foreman: Foreman<Job, Value>) {
    this.id = id;
    this.since = since;
    this.onValue = (value) => foreman.resolved(this, value);
    this.onError = (error) => foreman.rejected(this, error);
  }

  get status(): WorkerStatus<Job> {
    return {
      id: this.id,
      state: this.task === undefined ? "idle" : "busy",
      job: this.task?.job,
      completed: this.completed,
      failed: this.failed,
      since: this.since,
    };
  }
}
