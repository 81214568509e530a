import { type Abortable, unwatch, watch } from "./_abort.ts";
import { wake } from "./_turn.ts";
import type { Linked, WaiterList } from "./_waiter_list.ts";
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

// The two classes below have no common base on purpose: V8 takes a fifth longer for an unbuffered
// send and receive when a base class makes the promise.

/** A `send` that waits. */
export class SendCall<T> implements Sender<T>, Abortable {
  previous: Sender<T> | null = null;
  next: Sender<T> | null = null;
  list: WaiterList<Sender<T>> | null = null;
  readonly value: T;
  readonly promise: Promise<void>;
  #resolve!: (result: void) => void;
  #reject!: (reason: unknown) => void;
  readonly #signal: AbortSignal | undefined;

  constructor(value: T, signal: AbortSignal | undefined) {
    this.value = value;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#signal = signal;
    if (signal !== undefined) watch(signal, this);
  }

  accept(): void {
    if (this.#signal !== undefined) unwatch(this.#signal, this);
    wake(this.#resolve, undefined);
  }

  refuse(error: unknown): void {
    if (this.#signal !== undefined) unwatch(this.#signal, this);
    this.#reject(error);
  }

  abort(reason: unknown): void {
    this.list?.remove(this);
    this.#reject(reason);
  }

  place(): Place {
    return { place: "call" };
  }
}

/** How a receiver puts what it received: `receive` as a tuple, `next` as an iterator result. */
export interface Answer<T, R> {
  value(value: T): R;
  end(): R;
  /** Where such a receiver waits, for reports. */
  readonly place: "call" | "loop";
}

/** A `receive`, or a `next` of an iterator, that waits. */
export class ReceiveCall<T, R> implements Receiver<T>, Abortable {
  previous: Receiver<T> | null = null;
  next: Receiver<T> | null = null;
  list: WaiterList<Receiver<T>> | null = null;
  readonly promise: Promise<R>;
  #resolve!: (result: R) => void;
  #reject!: (reason: unknown) => void;
  /** Also tells whose wait it is, if that one has an answer of its own. */
  readonly answer: Answer<T, R>;
  readonly #signal: AbortSignal | undefined;

  constructor(answer: Answer<T, R>, signal: AbortSignal | undefined) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.answer = answer;
    this.#signal = signal;
    if (signal !== undefined) watch(signal, this);
  }

  deliver(value: T): void {
    if (this.#signal !== undefined) unwatch(this.#signal, this);
    wake(this.#resolve, this.answer.value(value));
  }

  end(cause: unknown): void {
    if (this.#signal !== undefined) unwatch(this.#signal, this);
    if (cause === undefined) wake(this.#resolve, this.answer.end());
    else this.#reject(cause);
  }

  abort(reason: unknown): void {
    this.list?.remove(this);
    this.#reject(reason);
  }

  /** Gives up the wait as if the channel had ended. */
  stop(): void {
    this.list?.remove(this);
    this.end(undefined);
  }

  place(): Place {
    return { place: this.answer.place };
  }
}
