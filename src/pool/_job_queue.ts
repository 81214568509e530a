import { Chan } from "../chan/mod.ts";
import type { Clock } from "../clock/mod.ts";
import { PriorityQueue } from "./priority_queue.ts";

/** Where jobs wait for a worker: bounded, with submitters waiting in line for room. */
export interface JobQueue<T> {
  /** The jobs inside; those that wait for room are not counted. */
  readonly length: number;
  readonly capacity: number;
  /** Puts a job in if there is room. */
  tryPut(job: T, priority: number): boolean;
  /** Puts a job in, waiting for room. Rejects when the queue closes or the signal aborts first. */
  put(job: T, priority: number, signal: AbortSignal | undefined): Promise<void>;
  /** Takes the job that is next and lets in the submitter that waits longest. */
  take(): T | undefined;
  /** Turns away whoever waits for room; what is inside can still be taken. */
  close(): void;
}

/** First in, first out: a channel. */
export class FifoJobQueue<T> implements JobQueue<T> {
  readonly #jobs: Chan<T>;

  constructor(capacity: number) {
    this.#jobs = new Chan<T>(capacity, { name: "jobs" });
  }

  get length(): number {
    return this.#jobs.length;
  }

  get capacity(): number {
    return this.#jobs.capacity;
  }

  tryPut(job: T): boolean {
    return this.#jobs.trySend(job);
  }

  put(job: T, _priority: number, signal: AbortSignal | undefined): Promise<void> {
    return this.#jobs.send(job, { signal });
  }

  take(): T | undefined {
    return this.#jobs.tryReceive()?.[0];
  }

  close(): void {
    this.#jobs.close();
  }
}

/**
 * The most urgent first: a heap with an unbuffered channel as its entrance, so waiting for room,
 * giving up and being turned away are the channel's, exactly as for the other queue.
 */
export class PriorityJobQueue<T> implements JobQueue<T> {
  readonly capacity: number;
  readonly #inside: PriorityQueue<T>;
  readonly #entrance = new Chan<{ readonly job: T; readonly priority: number }>(0);

  constructor(capacity: number, agingMs: number | undefined, clock: Clock) {
    this.capacity = capacity;
    this.#inside = new PriorityQueue<T>({ agingMs, clock });
  }

  get length(): number {
    return this.#inside.size;
  }

  tryPut(job: T, priority: number): boolean {
    if (this.#inside.size >= this.capacity) return false;
    this.#inside.push(job, priority);
    return true;
  }

  put(job: T, priority: number, signal: AbortSignal | undefined): Promise<void> {
    return this.#entrance.send({ job, priority }, { signal });
  }

  /** The one that waits longest to get in is let in first, so it may be taken at once. */
  take(): T | undefined {
    const [admitted] = this.#entrance.tryReceive() ?? [];
    if (admitted !== undefined) this.#inside.push(admitted.job, admitted.priority);
    return this.#inside.pop();
  }

  close(): void {
    this.#entrance.close();
  }
}
