/**
 * A monotonic clock in milliseconds, so that everything which waits can be tested without waiting.
 *
 * `now` is not the time of day: only differences between two readings mean anything, and it never
 * goes back when the wall clock is set.
 */
export interface Clock {
  /** The milliseconds since some fixed moment, with fractions. */
  now(): number;

  /**
   * Resolves after `ms` milliseconds; zero and less still yield to the event loop once.
   *
   * @throws the signal's reason when it aborts first; the timer is cleared at once.
   */
  sleep(ms: number, options?: { signal?: AbortSignal | undefined }): Promise<void>;

  /**
   * Calls `fire` once after `ms` milliseconds, unless the returned function is called first.
   * Cancelling twice, or after the call, does nothing.
   */
  schedule(ms: number, fire: () => void): () => void;
}

/** The longest delay that `setTimeout` keeps; it turns a longer one into one millisecond. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The clock that `sleep` shares between implementations: one timer and one abort listener. */
export function sleepOn(
  clock: Pick<Clock, "schedule">,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal!.reason);
    };
    const cancel = clock.schedule(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** The real clock: `performance.now` and `setTimeout`, with delays of any length. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, options) => sleepOn(systemClock, ms, options?.signal),
  schedule(ms, fire) {
    let left = Math.max(0, ms);
    let timer: ReturnType<typeof setTimeout>;
    const arm = () => {
      const step = Math.min(left, LONGEST_TIMEOUT_MS);
      left -= step;
      timer = setTimeout(left > 0 ? arm : fire, step);
    };
    arm();
    return () => clearTimeout(timer);
  },
};
