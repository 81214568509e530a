import { Chan } from "../chan/mod.ts";
import type { Clock } from "../clock/mod.ts";
import { type InLine, Line } from "./_line.ts";
import { PriorityQueue } from "./priority_queue.ts";

/** Something that a queue holds, or that waits for room in it. */
export interface Queued<T> extends InLine<T> {
  readonly priority: number;
  /** Says that it has been let in. */
  admitted(): void;
}

/** Jobs in the order in which they are to be taken. */
interface Order<T> {
  readonly length: number;
  put(job: T): void;
  take(): T | undefined;
  /** Puts a job in and takes the one that is next, without needing room. */
  exchange(job: T): T;
}

/**
 * Where jobs wait for a worker: a bounded queue, and a line of those that wait for room in it. There
 * is a line only while the queue is full.
 *
 * Those in the line do not wait in a channel's `send`, since that costs a promise each, and a job
 * that was submitted by `run` has one already.
 */
export class JobQueue<T extends Queued<T>> {
  readonly capacity: number;
  readonly #order: Order<T>;
  readonly #line = new Line<T>();

  constructor(capacity: number, order: Order<T>) {
    this.capacity = capacity;
    this.#order = order;
  }

  /** The jobs in the queue; those in the line are not counted. */
  get length(): number {
    return this.#order.length;
  }

  /** Puts a job in if there is room. */
  tryPut(job: T): boolean {
    if (this.#order.length >= this.capacity) return false;
    this.#order.put(job);
    return true;
  }

  /** Has a job wait in the line, after `tryPut` has refused it. */
  wait(job: T): void {
    this.#line.join(job);
  }

  /** Takes a job out of the line, and says whether it was there. */
  leave(job: T): boolean {
    return this.#line.leave(job);
  }

  /** Takes the job that is next. The first in the line is let in, and may be that one. */
  take(): T | undefined {
    const waiting = this.#line.shift();
    if (waiting === undefined) return this.#order.take();
    waiting.admitted();
    return this.#order.exchange(waiting);
  }

  /** Empties the line. */
  turnAway(): T[] {
    const waiting: T[] = [];
    for (let job = this.#line.shift(); job !== undefined; job = this.#line.shift()) {
      waiting.push(job);
    }
    return waiting;
  }
}

/** First in, first out: a channel. */
export class FifoOrder<T> implements Order<T> {
  readonly #jobs: Chan<T>;

  constructor(capacity: number) {
    this.#jobs = new Chan<T>(capacity, { name: "jobs" });
  }

  get length(): number {
    return this.#jobs.length;
  }

  put(job: T): void {
    this.#jobs.trySend(job);
  }

  take(): T | undefined {
    return this.#jobs.tryReceive()?.[0];
  }

  exchange(job: T): T {
    const next = this.take();
    if (next === undefined) return job;
    this.put(job);
    return next;
  }
}

/** The most urgent first, and first in, first out among equals: a heap. */
export class PriorityOrder<T extends { readonly priority: number }> implements Order<T> {
  readonly #jobs: PriorityQueue<T>;

  constructor(agingMs: number | undefined, clock: Clock) {
    this.#jobs = new PriorityQueue<T>({ agingMs, clock });
  }

  get length(): number {
    return this.#jobs.size;
  }

  put(job: T): void {
    this.#jobs.push(job, job.priority);
  }

  take(): T | undefined {
    return this.#jobs.pop();
  }

  exchange(job: T): T {
    this.put(job);
    return this.#jobs.pop()!;
  }
}
