import { Branch } from "./_branch.ts";
import type { Core } from "./_core.ts";
import type { Outcome, Parked, SelectWait } from "./_select_wait.ts";
import type { Place, Receiver } from "./_waiter.ts";
import type { WaiterList } from "./_waiter_list.ts";
import type { Case } from "./case.ts";
import { coreOf } from "./chan.ts";
import type { ReceiveChan } from "./directions.ts";

/**
 * What a select yields for {@linkcode receiveFrom}: a value, or the end of the channel.
 *
 * @example
 * ```ts
 * import { Chan, receiveFrom, type ReceiveResult, select } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const chan = new Chan<number>(1);
 * await chan.send(1);
 * const got: ReceiveResult<number> = await select({ n: receiveFrom(chan) });
 * assertEquals(got.ok && got.value + 1, 2);
 * ```
 */
export type ReceiveResult<T> =
  | { readonly value: T; readonly ok: true }
  | { readonly value: undefined; readonly ok: false };

/**
 * The case of receiving from `chan`. A null channel's case never happens, as with Go's nil
 * channel, so a loop can switch off an input that has ended by setting it to null.
 *
 * @example Merging two channels until both have ended
 * ```ts
 * import { Chan, receiveFrom, select } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * let odd: Chan<number> | null = new Chan<number>(2);
 * let even: Chan<number> | null = new Chan<number>(1);
 * for (const n of [1, 3]) await odd.send(n);
 * await even.send(2);
 * odd.close();
 * even.close();
 *
 * const merged: number[] = [];
 * while (odd || even) {
 *   const got = await select({ odd: receiveFrom(odd), even: receiveFrom(even) });
 *   if (got.ok) merged.push(got.value);
 *   else if (got.key === "odd") odd = null;
 *   else even = null;
 * }
 * assertEquals(merged.toSorted(), [1, 2, 3]);
 * ```
 */
export function receiveFrom<T>(chan: ReceiveChan<T> | null | undefined): Case<ReceiveResult<T>> {
  return new ReceiveBranch(chan ? coreOf<T>(chan) : null);
}

class ReceiveBranch<T> extends Branch<ReceiveResult<T>> {
  readonly #core: Core<T> | null;

  constructor(core: Core<T> | null) {
    super();
    this.#core = core;
  }

  ready(): boolean {
    return this.#core !== null && (this.#core.hasValue || this.#core.closed);
  }

  happen(key: string): Outcome {
    const core = this.#core!;
    if (core.hasValue) return { key, value: core.take(), ok: true };
    if (core.cause !== undefined) throw core.cause;
    return { key, value: undefined, ok: false };
  }

  park(wait: SelectWait, key: string): void {
    if (this.#core === null) return;
    const parked = new ParkedReceive<T>(wait, key);
    this.#core.receivers.push(parked);
    wait.add(parked);
  }
}

class ParkedReceive<T> implements Receiver<T>, Parked {
  previous: Receiver<T> | null = null;
  next: Receiver<T> | null = null;
  list: WaiterList<Receiver<T>> | null = null;
  sibling: Parked | null = null;
  readonly #wait: SelectWait;
  readonly #key: string;

  constructor(wait: SelectWait, key: string) {
    this.#wait = wait;
    this.#key = key;
  }

  deliver(value: T): void {
    this.#wait.finish({ key: this.#key, value, ok: true });
  }

  end(cause: unknown): void {
    if (cause !== undefined) this.#wait.fail(cause);
    else this.#wait.finish({ key: this.#key, value: undefined, ok: false });
  }

  place(): Place {
    return { place: "select", key: this.#key };
  }

  leave(): void {
    this.list?.remove(this);
  }
}
