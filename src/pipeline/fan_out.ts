import { Chan, type ReceiveChan } from "../chan/mod.ts";
import { consume } from "../pool/mod.ts";
import type { ChanStageOptions } from "./generate.ts";
import { send } from "./_send.ts";

/** How {@linkcode fanOut} spreads the work. */
export interface FanOutOptions extends ChanStageOptions {
  /**
   * Deals the values to the workers in turn, so that {@linkcode fanIn} with `ordered` gets the
   * results in the values' order. Otherwise each worker takes the next value when it is free.
   */
  readonly ordered?: boolean | undefined;
}

/**
 * Has several workers do `work` on the values of one channel, and returns a channel of results for
 * each of them. {@linkcode fanIn} makes one of these.
 *
 * A worker closes its channel when the input has ended. If `work` throws, that worker stops and its
 * channel closes with the error as its cause; the others go on. Whoever stops reading early must
 * abort the signal, or the workers wait for ever.
 *
 * @throws {RangeError} unless `workers` is a positive integer.
 *
 * @example Three workers, one stream of results in order
 * ```ts
 * import { fanIn, fanOut, generate } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const square = (n: number) => n * n;
 * const results = fanOut(generate([1, 2, 3, 4, 5]), 3, square, { ordered: true });
 * const squares = fanIn(results, { ordered: true });
 * assertEquals(await Array.fromAsync(squares), [1, 4, 9, 16, 25]);
 * ```
 */
export function fanOut<In, Out>(
  input: ReceiveChan<In>,
  workers: number,
  work: (value: In, signal: AbortSignal | undefined) => Out | PromiseLike<Out>,
  options: FanOutOptions = {},
): ReceiveChan<Out>[] {
  if (!Number.isInteger(workers) || workers < 1) {
    throw new RangeError(`Cannot fan out: workers must be a positive integer, got ${workers}`);
  }
  const { ordered = false, buffer = 0, signal } = options;
  const inputs = ordered
    ? deal(input, workers, signal)
    : Array.from({ length: workers }, () => input);
  return inputs.map((own) => {
    const out = new Chan<Out>(buffer, { name: "fanOut" });
    consume(own, async (value) => send(out, await work(value, signal), signal), { signal })
      .then(() => out.close(), (error) => out.close(error));
    return out;
  });
}

/** Deals the values of a channel out to `hands` channels, one after the other. */
function deal<T>(
  input: ReceiveChan<T>,
  hands: number,
  signal: AbortSignal | undefined,
): ReceiveChan<T>[] {
  const outs = Array.from({ length: hands }, () => new Chan<T>(0, { name: "deal" }));
  let next = 0;
  consume(input, (value) => send(outs[next++ % hands]!, value, signal), { signal })
    .then(() => outs.forEach((out) => out.close()), (error) => {
      for (const out of outs) out.close(error);
    });
  return outs;
}
