import { Core } from "./_core.ts";
import { ChanIterator } from "./_iterator.ts";
import { fulfilled, fulfilledVoid } from "./_turn.ts";
import { ReceiveCall, SendCall } from "./_waiter.ts";
import type { ChanState, ReceiveChan, Received, SendChan } from "./directions.ts";
import type { ChanOptions, WaitOptions } from "./options.ts";
import { lineOf } from "./report.ts";

/** The inside of a channel, for the other files of this folder. */
export let coreOf: {
  <T>(chan: SendChan<T> | ReceiveChan<T>): Core<T>;
  (chan: ChanState): Core<unknown>;
};

/**
 * A channel, as in Go: values go in at one end and come out at the other in the same order, and
 * whoever finds no value, or no room, waits for it.
 *
 * - With capacity 0 a send and a receive meet: each settles only when the other is there.
 * - With capacity n the channel holds n values, and only the send after those waits.
 * - Waiting receivers, and waiting senders, are served first come, first served.
 * - `close` says that nothing more will be sent. What is in the buffer can still be received;
 *   after that every receive reports the end.
 * - A value is any JavaScript value; promises and `undefined` travel unchanged.
 *
 * It differs from Go's where JavaScript asks for it: a wait can be cancelled by a signal, a sender
 * that waits when the channel closes gets its value back ({@linkcode UndeliveredError}) instead of
 * a panic, and a channel may be closed with a cause, which reaches the receivers as an error.
 *
 * Nothing that a `send`, `receive` or `close` wakes runs before the caller's own code yields. A
 * busy pair of loops lets timers and input be served about every ten milliseconds.
 *
 * @example A producer and a consumer
 * ```ts
 * import { Chan } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const squares = new Chan<number>();
 *
 * async function produce() {
 *   for (const n of [1, 2, 3]) await squares.send(n * n);
 *   squares.close();
 * }
 *
 * const producer = produce();
 * assertEquals(await Array.fromAsync(squares), [1, 4, 9]);
 * await producer;
 * ```
 */
export class Chan<in out T> implements SendChan<T>, ReceiveChan<T>, Disposable {
  readonly #core: Core<T>;

  static {
    coreOf = (chan: ChanState) => {
      if (chan instanceof Chan) return chan.#core;
      throw new TypeError(`Cannot use a channel: it must be a Chan, got ${chan}`);
    };
  }

  /**
   * Makes a channel whose buffer holds `capacity` values.
   *
   * @throws {RangeError} unless `capacity` is 0, a positive integer or `Infinity`.
   */
  constructor(capacity: number = 0, options?: ChanOptions<T>) {
    if (!(capacity >= 0) || (capacity !== Infinity && !Number.isInteger(capacity))) {
      throw new RangeError(
        `Cannot make a channel: capacity must be 0, a positive integer or Infinity, got ${capacity}`,
      );
    }
    this.#core = new Core(capacity, options?.name, options?.overflow ?? "wait", options?.onDrop);
  }

  /** The values in the buffer; what waiting senders hold is not counted. */
  get length(): number {
    return this.#core.buffer.length;
  }

  /** The values that the buffer can hold. */
  get capacity(): number {
    return this.#core.capacity;
  }

  /** Whether {@linkcode Chan.close} has been called; the buffer may still hold values. */
  get closed(): boolean {
    return this.#core.closed;
  }

  /** What {@linkcode Chan.close} was given; undefined before, and if it was given nothing. */
  get cause(): unknown {
    return this.#core.cause;
  }

  /**
   * Sends `value`, waiting until a receiver takes it or the buffer has room for it.
   *
   * Cancelling ends the wait and takes the value back; a value that has been passed on stays so.
   *
   * @throws {ChanClosedError} if the channel is closed.
   * @throws {UndeliveredError} with the value, if the channel closes during the wait.
   * @throws the signal's reason, if it aborts before or during the wait.
   */
  send(value: T, options?: WaitOptions): Promise<void> {
    const signal = options?.signal;
    if (signal?.aborted) return Promise.reject(signal.reason);
    try {
      if (this.#core.offer(value)) return fulfilledVoid();
    } catch (error) {
      return Promise.reject(error);
    }
    const call = new SendCall(value, signal);
    this.#core.senders.push(call);
    return call.promise;
  }

  /**
   * Sends `value` if that needs no wait, and says whether it did.
   *
   * @throws {ChanClosedError} if the channel is closed.
   */
  trySend(value: T): boolean {
    return this.#core.offer(value);
  }

  /**
   * Receives the next value as `[value, true]`, waiting for it; `[undefined, false]` once the
   * channel is closed and drained, now and for ever.
   *
   * Cancelling ends the wait; the value goes to the next in the queue.
   *
   * @throws what {@linkcode Chan.close} was given, if anything, once the channel is drained.
   * @throws the signal's reason, if it aborts before or during the wait.
   */
  receive(options?: WaitOptions): Promise<Received<T>> {
    const signal = options?.signal;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const core = this.#core;
    if (core.hasValue) return fulfilled(tuple.value(core.take()));
    if (core.closed) {
      return core.cause === undefined ? fulfilled(tuple.end()) : Promise.reject(core.cause);
    }
    const call = new ReceiveCall<T, Received<T>>(tuple, signal);
    core.receivers.push(call);
    return call.promise;
  }

  /**
   * Receives if that needs no wait: a value as `[value, true]`, the end as `[undefined, false]`,
   * and undefined if the channel is open and has nothing to give.
   *
   * @throws what {@linkcode Chan.close} was given, if anything, once the channel is drained.
   */
  tryReceive(): Received<T> | undefined {
    const core = this.#core;
    if (core.hasValue) return tuple.value(core.take());
    if (!core.closed) return undefined;
    if (core.cause !== undefined) throw core.cause;
    return tuple.end();
  }

  /**
   * Waits for one value, then takes up to `max` of those that are there, in order. An empty array
   * means that the channel is closed and drained. Working in batches spares an `await` for each.
   *
   * Cancelling ends the wait with nothing taken.
   *
   * @throws {RangeError} unless `max` is a positive integer or `Infinity`.
   * @throws what {@linkcode Chan.close} was given, if anything, once the channel is drained.
   * @throws the signal's reason, if it aborts before or during the wait.
   *
   * @example Writing lines ten at a time
   * ```ts
   * import { Chan } from "@dlm/dlm";
   * import { assertEquals } from "@std/assert";
   *
   * const lines = new Chan<string>(100);
   * for (let i = 0; i < 25; i++) await lines.send(`line ${i}`);
   * lines.close();
   *
   * const sizes: number[] = [];
   * for (let batch = await lines.receiveMany(10); batch.length > 0;) {
   *   sizes.push(batch.length);
   *   batch = await lines.receiveMany(10);
   * }
   * assertEquals(sizes, [10, 10, 5]);
   * ```
   */
  receiveMany(max: number, options?: WaitOptions): Promise<T[]> {
    if (!(max >= 1) || (max !== Infinity && !Number.isInteger(max))) {
      const message = `Cannot receive many: max must be a positive integer or Infinity, got ${max}`;
      return Promise.reject(new RangeError(message));
    }
    const takeMore = (values: T[]) => {
      while (values.length < max && this.#core.hasValue) values.push(this.#core.take());
      return values;
    };
    if (this.#core.hasValue && !options?.signal?.aborted) return fulfilled(takeMore([]));
    return this.receive(options).then(([first, ok]) => ok ? takeMore([first]) : []);
  }

  /**
   * Says that nothing more will be sent. What the buffer holds can still be received. Waiting
   * receivers learn of the end, and waiting senders get their values back.
   *
   * With a `cause` the channel has failed: once it is drained, receiving throws the cause, so that
   * a reader cannot take a broken stream for a finished one.
   *
   * @throws {ChanClosedError} if the channel is closed already.
   *
   * @example A reader that learns of a failure after the last good value
   * ```ts
   * import { Chan } from "@dlm/dlm";
   * import { assertEquals, assertRejects } from "@std/assert";
   *
   * const pages = new Chan<string>(1);
   * await pages.send("page 1");
   * pages.close(new Error("connection lost"));
   *
   * assertEquals(await pages.receive(), ["page 1", true]);
   * await assertRejects(() => pages.receive(), Error, "connection lost");
   * ```
   */
  close(cause?: unknown): void {
    this.#core.close(cause);
  }

  /** Closes the channel unless it is closed, so `using` may hold one that its owner closes. */
  [Symbol.dispose](): void {
    if (!this.closed) this.close();
  }

  /**
   * The values until the channel is closed and drained. Leaving a `for await` early neither closes
   * the channel nor loses a value.
   *
   * The loop throws what {@linkcode Chan.close} was given, if anything.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return new ChanIterator(this.#core);
  }

  /** What `console.log` shows: what the channel holds and who waits on it. */
  [Symbol.for("Deno.customInspect")](): string {
    return `[${lineOf(this.#core.report())}]`;
  }
}

/** How `receive` answers. */
const tuple = {
  value: <T>(value: T): Received<T> => [value, true],
  end: (): Received<never> => [undefined, false],
  place: "call",
} as const;
