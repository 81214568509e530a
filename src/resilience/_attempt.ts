import type { Clock } from "../clock/mod.ts";

interface AttemptOptions {
  readonly attempt: number;
  readonly attemptTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

/**
 * Calls `fn` with a signal of its own, and rejects at once when the time is up or the outer signal
 * aborts, whether or not `fn` heeds it. Leaves no timer and no listener.
 *
 * `AbortSignal.any` isn't used: some Deno versions collect its result while it is still waited on.
 */
export async function runAttempt<T>(
  fn: (attempt: { attempt: number; signal: AbortSignal }) => T | Promise<T>,
  { attempt, attemptTimeoutMs, signal, clock }: AttemptOptions,
): Promise<T> {
  const own = new AbortController();
  const over = Promise.withResolvers<never>();
  const end = (reason: unknown) => {
    own.abort(reason);
    over.reject(reason);
  };
  const onAbort = () => end(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const stopTimer = attemptTimeoutMs < Infinity
    ? clock.schedule(attemptTimeoutMs, () => end(timeoutError(attempt, attemptTimeoutMs)))
    : undefined;
  try {
    const called = (async () => await fn({ attempt, signal: own.signal }))();
    return await Promise.race([called, over.promise]);
  } finally {
    stopTimer?.();
    signal?.removeEventListener("abort", onAbort);
  }
}

function timeoutError(attempt: number, attemptTimeoutMs: number): DOMException {
  return new DOMException(
    `Attempt ${attempt} took longer than ${attemptTimeoutMs} ms`,
    "TimeoutError",
  );
}
