import { Chan, type ReceiveChan } from "../chan/mod.ts";
import { consume, type Source } from "../pool/mod.ts";
import { send } from "./_send.ts";

/** How a function that makes a channel fills it. */
export interface ChanStageOptions {
  /** How many values the channel holds for a reader that is slow; default 0. */
  readonly buffer?: number | undefined;
  /** Stops the function when it aborts; the channel then closes with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A channel of what `source` yields, as fast as it is read: the head of a pipeline of channels.
 *
 * The function that made the channel closes it when the source ends. If the source throws, the
 * channel closes with that as its cause, so the reader gets it after the values. Whoever stops
 * reading early must abort the signal, or the next value waits for ever.
 *
 * @example Generator, stage and consumer
 * ```ts
 * import { consume, fanOut, generate } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const numbers = generate([1, 2, 3]);
 * const [squares] = fanOut(numbers, 1, (n) => n * n);
 * const seen: number[] = [];
 * await consume(squares!, (n) => void seen.push(n));
 * assertEquals(seen, [1, 4, 9]);
 * ```
 */
export function generate<T>(source: Source<T>, options: ChanStageOptions = {}): ReceiveChan<T> {
  const { buffer = 0, signal } = options;
  const out = new Chan<T>(buffer, { name: "generate" });
  consume(source, (value) => send(out, value, signal), { signal })
    .then(() => out.close(), (error) => out.close(error));
  return out;
}
