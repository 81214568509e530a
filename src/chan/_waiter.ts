import { type Abortable, unwatch, watch } from "./_abort.ts";
import { wake } from "./_turn.ts";
import type { Linked, WaiterList } from "./_waiter_list.ts";
import type { Received } from "./directions.ts";
import type { WaitReport } from "./report.ts";

/** Where somebody waits. */
export type Place = Omit<WaitReport, "operation">;

/** Whoever waits to be given a value. It has left the queue when it is told what came. */
export interface Receiver<T> extends Linked<Receiver<T>> {
  /** Gives it `value`. */
  deliver(value: T): void;
  /** Tells it that the channel is closed; `cause` is undefined unless the channel failed. */
  end(cause: unknown): void;
  /** Says where it waits, for reports. */
  place(): Place;
}

/** Whoever waits to be rid of a value. It has left the queue when it is told what became of it. */
export interface Sender<T> extends Linked<Sender<T>> {
  readonly value: T;
  /** Tells it that its value has been taken. */
  accept(): void;
  /** Tells it that its value never will be. */
  refuse(error: unknown): void;
  /** Says where it waits, for reports. */
  place(): Place;
}

/** A call that waits: a place in a queue, the promise that the caller holds, and its signal. */
abstract class Call<W extends Linked<W>, R> implements Linked<W>, Abortable {
  previous: W | null = null;
  next: W | null = null;
  list: WaiterList<W> | null = null;
  readonly promise: Promise<R>;
  #resolve!: (result: R) => void;
  #reject!: (reason: unknown) => void;
  readonly #signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#signal = signal;
    if (signal !== undefined) watch(signal, this);
  }

  /** Leaves the queue. */
  abstract leave(): void;

  place(): Place {
    return { place: "call" };
  }

  abort(reason: unknown): void {
    this.leave();
    this.#reject(reason);
  }

  protected settle(result: R): void {
    if (this.#signal !== undefined) unwatch(this.#signal, this);
    wake(this.#resolve, result);
  }

  protected fail(error: unknown): void {
    if (this.#signal !== undefined) unwatch(this.#signal, this);
    this.#reject(error);
  }
}

/** A `send` that waits. */
export class SendCall<T> extends Call<Sender<T>, void> implements Sender<T> {
  readonly value: T;

  constructor(value: T, signal: AbortSignal | undefined) {
    super(signal);
    this.value = value;
  }

  accept(): void {
    this.settle(undefined);
  }

  refuse(error: unknown): void {
    this.fail(error);
  }

  leave(): void {
    this.list?.remove(this);
  }
}

/** A `receive` that waits. */
export class ReceiveCall<T> extends Call<Receiver<T>, Received<T>> implements Receiver<T> {
  deliver(value: T): void {
    this.settle([value, true]);
  }

  end(cause: unknown): void {
    if (cause === undefined) this.settle([undefined, false]);
    else this.fail(cause);
  }

  leave(): void {
    this.list?.remove(this);
  }
}

/** A `next` of an iterator that waits. */
export class NextCall<T> extends Call<Receiver<T>, IteratorResult<T, undefined>>
  implements Receiver<T> {
  /** Whose `next` it is. */
  readonly iterator: AsyncIterator<T>;

  constructor(iterator: AsyncIterator<T>) {
    super(undefined);
    this.iterator = iterator;
  }

  deliver(value: T): void {
    this.settle({ value, done: false });
  }

  end(cause: unknown): void {
    if (cause === undefined) this.settle({ value: undefined, done: true });
    else this.fail(cause);
  }

  leave(): void {
    this.list?.remove(this);
  }

  override place(): Place {
    return { place: "loop" };
  }

  /** Gives up the wait as if the channel had ended. */
  stop(): void {
    this.leave();
    this.end(undefined);
  }
}
