import type { ReceiveChan } from "../chan/mod.ts";

/** What a pool can take its jobs from. */
export type JobSource<Job> = ReceiveChan<Job> | Iterable<Job> | AsyncIterable<Job>;

/**
 * Puts what `source` yields until it ends.
 *
 * @throws what the source throws, what `put` rejects with, or the reason of `closing` if that
 *   aborts while the source keeps us waiting. The source is told to stop in either case.
 */
export async function feed<Job>(
  source: JobSource<Job>,
  put: (job: Job) => Promise<void> | undefined,
  closing: AbortSignal,
): Promise<void> {
  if (Symbol.iterator in source) {
    for (const job of source) {
      const room = put(job);
      if (room !== undefined) await room;
    }
  } else if ("tryReceive" in source) {
    for (;;) {
      const received = source.tryReceive() ?? await source.receive({ signal: closing });
      if (!received[1]) return;
      const room = put(received[0]);
      if (room !== undefined) await room;
    }
  } else {
    for await (const job of untilAborted(source, closing)) {
      const room = put(job);
      if (room !== undefined) await room;
    }
  }
}

/**
 * What `source` yields, given up when the signal aborts even while its next value is awaited. One
 * listener for all values, and no promise that outlives its value.
 */
async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let giveUp: (() => void) | undefined;
  const onAbort = () => giveUp?.();
  signal.addEventListener("abort", onAbort);
  let open = true;
  try {
    for (;;) {
      const step = await new Promise<IteratorResult<T>>((resolve, reject) => {
        giveUp = () => reject(signal.reason);
        if (signal.aborted) return giveUp();
        iterator.next().then(resolve, (error) => {
          open = false;
          reject(error);
        });
      });
      open = !step.done;
      if (step.done) return;
      yield step.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Not awaited: a generator that hangs in its next step would not return either.
    if (open) iterator.return?.().catch(() => {});
  }
}
