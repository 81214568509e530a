import type { WaitOptions } from "./options.ts";

/**
 * What a receive yields: a value, or the news that the channel is closed and drained. The tuple
 * tells a sent `undefined` from the end, and lets promises travel as values.
 *
 * @example A loop that ends with the channel
 * ```ts
 * import { Chan, type Received } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const numbers = new Chan<number>(3);
 * for (const n of [1, 2, 3]) await numbers.send(n);
 * numbers.close();
 *
 * let sum = 0;
 * for (;;) {
 *   const [n, ok]: Received<number> = await numbers.receive();
 *   if (!ok) break;
 *   sum += n;
 * }
 * assertEquals(sum, 6);
 * ```
 */
export type Received<T> =
  | readonly [value: T, ok: true]
  | readonly [value: undefined, ok: false];

/**
 * What both ends of a channel can see.
 *
 * @example How full a queue is
 * ```ts
 * import { Chan, type ChanState } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const fullness = ({ length, capacity }: ChanState) => length / capacity;
 * const jobs = new Chan<string>(4);
 * await jobs.send("report.pdf");
 * assertEquals(fullness(jobs), 0.25);
 * ```
 */
export interface ChanState {
  /** The values in the buffer; what waiting senders hold is not counted. */
  readonly length: number;
  /** The values that the buffer can hold. It never changes. */
  readonly capacity: number;
  /** Whether {@linkcode Chan.close} has been called; the buffer may still hold values. */
  readonly closed: boolean;
  /** What {@linkcode Chan.close} was given; undefined before, and if it was given nothing. */
  readonly cause: unknown;
}

/**
 * The end of a channel that values go into, as Go's `chan<- T`. Whoever holds only this end cannot
 * receive. The sending side owns the channel, so closing belongs to it.
 *
 * @example A function that may send and nothing else
 * ```ts
 * import { Chan, type SendChan } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * async function count(to: number, out: SendChan<number>): Promise<void> {
 *   for (let i = 1; i <= to; i++) await out.send(i);
 *   out.close();
 * }
 *
 * const numbers = new Chan<number>(3);
 * await count(3, numbers);
 * assertEquals(await Array.fromAsync(numbers), [1, 2, 3]);
 * ```
 */
export interface SendChan<in T> extends ChanState {
  // Function-typed properties, since method parameters are checked in both directions: with
  // methods a Chan<number> would pass for a SendChan<number | string>.

  /** Sends, waiting for room or for a receiver. See {@linkcode Chan.send}. */
  readonly send: (value: T, options?: WaitOptions) => Promise<void>;
  /** Sends if that needs no wait. See {@linkcode Chan.trySend}. */
  readonly trySend: (value: T) => boolean;
  /** Says that no more values will be sent. See {@linkcode Chan.close}. */
  readonly close: (cause?: unknown) => void;
}

/**
 * The end of a channel that values come out of, as Go's `<-chan T`. Whoever holds only this end
 * can neither send nor close.
 *
 * @example A function that may receive and nothing else
 * ```ts
 * import { Chan, type ReceiveChan } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * async function sum(numbers: ReceiveChan<number>): Promise<number> {
 *   let total = 0;
 *   for await (const n of numbers) total += n;
 *   return total;
 * }
 *
 * const numbers = new Chan<number>(3);
 * for (const n of [1, 2, 3]) await numbers.send(n);
 * numbers.close();
 * assertEquals(await sum(numbers), 6);
 * ```
 */
export interface ReceiveChan<out T> extends ChanState {
  /** Receives, waiting for a value or the end. See {@linkcode Chan.receive}. */
  receive(options?: WaitOptions): Promise<Received<T>>;
  /** Receives if that needs no wait. See {@linkcode Chan.tryReceive}. */
  tryReceive(): Received<T> | undefined;
  /** Waits for one value and takes what else is there. See {@linkcode Chan.receiveMany}. */
  receiveMany(max: number, options?: WaitOptions): Promise<T[]>;
  /** Receives until the channel is closed and drained. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T>;
}
