import { Chan } from "../chan/mod.ts";

/** How a {@linkcode TaskGroup} is made. */
export interface TaskGroupOptions {
  /** How many tasks may run at once; no limit when nothing is said. */
  readonly limit?: number | undefined;
  /** Cancels the group when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** A task of a {@linkcode TaskGroup}. The signal aborts when the rest of the group is in vain. */
export type Task = (signal: AbortSignal) => unknown;

/**
 * Tasks that work on one thing: the first that fails cancels the others, and one `wait` waits for
 * all of them. It is Go's `errgroup`.
 *
 * A group is used once. When it has been waited for, or was cancelled, it starts no more tasks.
 *
 * @example
 * ```ts
 * import { Chan, TaskGroup } from "@dlm/dlm";
 * import { assertRejects } from "@std/assert";
 *
 * const group = new TaskGroup();
 * const numbers = new Chan<number>();
 * group.go(async (signal) => {
 *   for (let n = 0;; n++) await numbers.send(n, { signal });
 * });
 * group.go(async (signal) => {
 *   for (;;) {
 *     const [n] = await numbers.receive({ signal });
 *     if (n === 3) throw new Error("cannot process 3");
 *   }
 * });
 * await assertRejects(() => group.wait(), Error, "cannot process 3");
 * ```
 */
export class TaskGroup {
  readonly #controller = new AbortController();
  /** One place for each task that runs. */
  readonly #places: Chan<void>;
  readonly #parent: AbortSignal | undefined;
  /** The tasks that run or wait for a place. */
  #tasks = 0;
  #onIdle: (() => void)[] = [];
  #error: { readonly error: unknown } | undefined;

  /**
   * Makes a group without tasks.
   *
   * @throws {RangeError} unless `limit` is a positive integer or `Infinity`.
   */
  constructor({ limit = Infinity, signal }: TaskGroupOptions = {}) {
    if (!(limit >= 1)) {
      throw new RangeError(`Cannot make a TaskGroup: limit must be 1 or more, got ${limit}`);
    }
    this.#places = new Chan<void>(limit);
    this.#parent = signal;
    if (signal?.aborted) this.cancel(signal.reason);
    else signal?.addEventListener("abort", this.#onParentAbort);
  }

  /** Aborts when a task has failed, when the group is cancelled, or when all of it is done. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Runs a task, waiting while as many run as may. It resolves when the task has been started, or
   * when the group was cancelled before that; it never rejects, and nobody has to wait for it.
   */
  async go(task: Task): Promise<void> {
    this.#tasks++;
    try {
      if (!this.#tryPlace()) await this.#places.send(undefined, { signal: this.signal });
    } catch (error) {
      this.#fail(error);
      return this.#leave();
    }
    this.#run(task);
  }

  /** Runs a task unless as many run as may, or the group was cancelled, and says whether it does. */
  tryGo(task: Task): boolean {
    if (!this.#tryPlace()) return false;
    this.#tasks++;
    this.#run(task);
    return true;
  }

  /** Cancels the group: aborts its signal with `reason` and starts no more tasks. */
  cancel(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  /**
   * Waits until every task has returned, also after a failure.
   *
   * @throws the first error of a task, or the reason for which one was not started.
   */
  async wait(): Promise<void> {
    if (this.#tasks > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    this.#parent?.removeEventListener("abort", this.#onParentAbort);
    this.cancel();
    if (this.#error !== undefined) throw this.#error.error;
  }

  readonly #onParentAbort = (): void => this.cancel(this.#parent?.reason);

  #tryPlace(): boolean {
    return !this.signal.aborted && this.#places.trySend();
  }

  async #run(task: Task): Promise<void> {
    try {
      await Promise.resolve();
      await task(this.signal);
    } catch (error) {
      this.#fail(error);
    }
    this.#places.tryReceive();
    this.#leave();
  }

  #fail(error: unknown): void {
    this.#error ??= { error };
    this.cancel(error);
  }

  #leave(): void {
    if (--this.#tasks > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
