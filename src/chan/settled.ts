import { Branch } from "./_branch.ts";
import type { Outcome, Parked, SelectWait } from "./_select_wait.ts";
import type { Case } from "./case.ts";

/**
 * What a select yields for {@linkcode settled}.
 *
 * @example
 * ```ts
 * import { select, settled, type SettledResult } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const got: SettledResult<string> = await select({ page: settled(Promise.resolve("page")) });
 * assertEquals(got.value, "page");
 * ```
 */
export interface SettledResult<T> {
  /** What the promise was fulfilled with. */
  readonly value: T;
}

/**
 * The case of `promise` being settled. The select yields what it was fulfilled with, and rejects
 * with the reason if it was rejected.
 *
 * However many selects wait for one long-lived promise, it carries a single reaction, and a select
 * that goes another way leaves nothing behind. A promise counts as settled one microtask after it
 * was first made into a case, at the soonest.
 *
 * @example A download or a stop signal, whichever comes first
 * ```ts
 * import { Chan, receiveFrom, select, settled } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const stop = new Chan<void>();
 * const download = Promise.resolve("page");
 * const got = await select({ stop: receiveFrom(stop), page: settled(download) });
 * assertEquals(got, { key: "page", value: "page" });
 * ```
 */
export function settled<T>(promise: PromiseLike<T>): Case<SettledResult<Awaited<T>>> {
  return new SettledBranch(watchOf(promise));
}

/** The one reaction that a promise carries, and the selects that wait for it. */
class PromiseWatch {
  state: "pending" | "fulfilled" | "rejected" = "pending";
  result: unknown = undefined;
  readonly parked: Set<ParkedPromise> = new Set<ParkedPromise>();

  constructor(promise: PromiseLike<unknown>) {
    promise.then(
      (value) => this.#settle("fulfilled", value),
      (reason) => this.#settle("rejected", reason),
    );
  }

  #settle(state: "fulfilled" | "rejected", result: unknown): void {
    this.state = state;
    this.result = result;
    for (const parked of this.parked) parked.wake();
  }
}

const watches = new WeakMap<PromiseLike<unknown>, PromiseWatch>();

function watchOf(promise: PromiseLike<unknown>): PromiseWatch {
  let found = watches.get(promise);
  if (found === undefined) {
    found = new PromiseWatch(promise);
    watches.set(promise, found);
  }
  return found;
}

class SettledBranch<T> extends Branch<SettledResult<T>> {
  readonly #watch: PromiseWatch;

  constructor(watch: PromiseWatch) {
    super();
    this.#watch = watch;
  }

  ready(): boolean {
    return this.#watch.state !== "pending";
  }

  happen(key: string): Outcome {
    if (this.#watch.state === "rejected") throw this.#watch.result;
    return { key, value: this.#watch.result };
  }

  park(wait: SelectWait, key: string): void {
    const parked = new ParkedPromise(this.#watch, wait, key);
    this.#watch.parked.add(parked);
    wait.add(parked);
  }
}

class ParkedPromise implements Parked {
  sibling: Parked | null = null;
  readonly #watch: PromiseWatch;
  readonly #wait: SelectWait;
  readonly #key: string;

  constructor(watch: PromiseWatch, wait: SelectWait, key: string) {
    this.#watch = watch;
    this.#wait = wait;
    this.#key = key;
  }

  wake(): void {
    const { state, result } = this.#watch;
    if (state === "rejected") this.#wait.fail(result);
    else this.#wait.finish({ key: this.#key, value: result });
  }

  leave(): void {
    this.#watch.parked.delete(this);
  }
}
