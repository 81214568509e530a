import { select, settled } from "../chan/mod.ts";

/**
 * The values of `source` until it ends or `signal` aborts. A value that it waits for then is not
 * waited for: it may come from a terminal where nobody types.
 *
 * @throws whatever `source` throws before `signal` aborts.
 */
export async function* untilAborted<T>(
  source: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void> {
  const iterator = Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
  let ended = false;
  try {
    while (!signal.aborted) {
      const next = Promise.resolve(iterator.next());
      const { value: result } = await select({ next: settled(next) }, { signal });
      ended = result.done === true;
      if (result.done) return;
      yield result.value;
    }
  } catch (error) {
    ended = !signal.aborted; // a source that throws has ended
    if (ended) throw error;
  } finally {
    if (!ended) Promise.resolve(iterator.return?.()).catch(() => {}); // a generator ends with its wait
  }
}
