import { Branch } from "./_branch.ts";
import type { Core } from "./_core.ts";
import type { Outcome, Parked, SelectWait } from "./_select_wait.ts";
import type { Place, Sender } from "./_waiter.ts";
import type { WaiterList } from "./_waiter_list.ts";
import type { Case, KeyOnly } from "./case.ts";
import { coreOf } from "./chan.ts";
import type { SendChan } from "./directions.ts";

/**
 * The case of sending `value` to `chan`. The value is gone if the case is chosen and only then. A
 * null channel's case never happens, as with Go's nil channel.
 *
 * @example Handing each job to whichever worker is free
 * ```ts
 * import { Chan, select, sendTo } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const busy = new Chan<string>();
 * const free = new Chan<string>(1);
 * const { key } = await select({ busy: sendTo(busy, "job"), free: sendTo(free, "job") });
 * assertEquals(key, "free");
 * ```
 */
export function sendTo<T>(chan: SendChan<T> | null | undefined, value: T): Case<KeyOnly> {
  return new SendBranch(chan ? coreOf<T>(chan) : null, value);
}

class SendBranch<T> extends Branch<KeyOnly> {
  readonly #core: Core<T> | null;
  readonly #value: T;

  constructor(core: Core<T> | null, value: T) {
    super();
    this.#core = core;
    this.#value = value;
  }

  ready(): boolean {
    return this.#core !== null && this.#core.hasRoom;
  }

  happen(key: string): Outcome {
    this.#core!.offer(this.#value);
    return { key };
  }

  park(wait: SelectWait, key: string): void {
    if (this.#core === null) return;
    const parked = new ParkedSend(wait, key, this.#value);
    this.#core.senders.push(parked);
    wait.add(parked);
  }
}

class ParkedSend<T> implements Sender<T>, Parked {
  previous: Sender<T> | null = null;
  next: Sender<T> | null = null;
  list: WaiterList<Sender<T>> | null = null;
  sibling: Parked | null = null;
  readonly value: T;
  readonly #wait: SelectWait;
  readonly #key: string;

  constructor(wait: SelectWait, key: string, value: T) {
    this.#wait = wait;
    this.#key = key;
    this.value = value;
  }

  accept(): void {
    this.#wait.finish({ key: this.#key });
  }

  refuse(error: unknown): void {
    this.#wait.fail(error);
  }

  place(): Place {
    return { place: "select", key: this.#key };
  }

  leave(): void {
    this.list?.remove(this);
  }
}
