import type { ReceiveChan, WaitOptions } from "../chan/mod.ts";
import { Turn } from "./_turn.ts";

/** What values can be taken from, one after the other. */
export type Source<T> = ReceiveChan<T> | Iterable<T> | AsyncIterable<T>;

/**
 * Uses the values of a source one after the other, and resolves when the source has ended. If `use`
 * returns a promise, the next value is not taken before that is fulfilled, so a slow user slows the
 * source down.
 *
 * Cancelling ends the wait for the next value, even if the source never gives one. A channel keeps
 * what has not been received; an iterator is told to return. The use of a value is not interrupted.
 *
 * @throws what the source throws, a closed channel's cause included.
 * @throws what `use` throws.
 * @throws the signal's reason when it aborts.
 *
 * @example
 * ```ts
 * import { consume, generate } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * let sum = 0;
 * await consume(generate([1, 2, 3]), (n) => {
 *   sum += n;
 * });
 * assertEquals(sum, 6);
 * ```
 */
export async function consume<T>(
  source: Source<T>,
  use: (value: T) => void | PromiseLike<unknown>,
  options: WaitOptions = {},
): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  if (isIterable(source)) await consumeIterable(source, use, signal);
  else if ("tryReceive" in source) await consumeChan(source, use, signal);
  else await consumeAsync(source, use, signal);
}

function isIterable<T>(source: Source<T>): source is Iterable<T> {
  return typeof source === "string" || Symbol.iterator in source;
}

async function consumeIterable<T>(
  source: Iterable<T>,
  use: (value: T) => void | PromiseLike<unknown>,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const value of source) {
    const used = use(value);
    if (used !== undefined) await used;
    signal?.throwIfAborted();
  }
}

async function consumeChan<T>(
  source: ReceiveChan<T>,
  use: (value: T) => void | PromiseLike<unknown>,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (;;) {
    const received = source.tryReceive() ?? await source.receive({ signal });
    if (!received[1]) return;
    const used = use(received[0]);
    if (used !== undefined) await used;
    signal?.throwIfAborted();
  }
}

async function consumeAsync<T>(
  source: AsyncIterable<T>,
  use: (value: T) => void | PromiseLike<unknown>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  let mayReturn = true;
  // One listener for the whole source: the step that is waited for at the moment hears of an abort.
  let giveUp: (reason: unknown) => void = () => {};
  const onAbort = () => giveUp(signal!.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const turn = new Turn();
  try {
    for (;;) {
      if (turn.over) await new Promise<void>((resolve) => turn.wait(resolve));
      signal?.throwIfAborted();
      const step = await new Promise<IteratorResult<T>>((resolve, reject) => {
        giveUp = reject;
        iterator.next().then(resolve, (error) => {
          mayReturn = false;
          reject(error);
        });
      });
      if (step.done) {
        mayReturn = false;
        return;
      }
      const used = use(step.value);
      if (used !== undefined) await used;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    // Not awaited: an iterator that hangs in its next step would not return either.
    if (mayReturn) iterator.return?.().catch(() => {});
  }
}
