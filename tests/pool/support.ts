import { assertEquals } from "@std/assert";
import type { JobContext, PoolStats, WorkerStatus } from "../../mod.ts";

/** Every job is in exactly one place. */
export function assertAddsUp(stats: PoolStats): void {
  const { submitted, queued, active, completed, failed, cancelled, dropped } = stats;
  assertEquals(submitted, queued + active + completed + failed + cancelled + dropped);
  assertEquals(stats.workers, stats.active + stats.idle);
}

/** A pool that has ended keeps no worker and no job. */
export function assertEnded(
  pool: { readonly stats: PoolStats; readonly workers: readonly WorkerStatus<unknown>[] },
): void {
  const { workers, active, idle, queued } = pool.stats;
  assertEquals({ workers, active, idle, queued }, { workers: 0, active: 0, idle: 0, queued: 0 });
  assertEquals(pool.workers, []);
  assertAddsUp(pool.stats);
}

/** Work that is done when the test says so. */
export class Gate<Job, Value = Job> {
  readonly #doors = new Map<Job, PromiseWithResolvers<Value>>();
  /** The jobs that have begun, in that order. */
  readonly begun: Job[] = [];
  readonly contexts: Map<Job, JobContext> = new Map();

  readonly work = (job: Job, context: JobContext): Promise<Value> => {
    this.begun.push(job);
    this.contexts.set(job, context);
    return this.#door(job).promise;
  };

  finish(job: Job, value: Value): void {
    this.#door(job).resolve(value);
  }

  fail(job: Job, error: unknown): void {
    this.#door(job).reject(error);
  }

  #door(job: Job): PromiseWithResolvers<Value> {
    let door = this.#doors.get(job);
    if (door === undefined) this.#doors.set(job, door = Promise.withResolvers<Value>());
    return door;
  }
}

/** Work that ends only by its signal. */
export function untilAborted(_job: unknown, { signal }: JobContext): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** Counts the abort listeners of a signal; none is left once it has fired. */
export function countListeners(
  signal: AbortSignal,
): { readonly now: number; readonly most: number } {
  let now = 0;
  let most = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  add("abort", () => now = 0);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    most = Math.max(most, ++now);
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    now = Math.max(0, now - 1);
    remove(...args);
  };
  return {
    get now() {
      return now;
    },
    get most() {
      return most;
    },
  };
}
