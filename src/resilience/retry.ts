import { type Clock, systemClock } from "../clock/mod.ts";
import { runAttempt } from "./_attempt.ts";
import { backoffDelay, type BackoffOptions, checkBackoff } from "./backoff.ts";
import type { RetryBudget } from "./retry_budget.ts";

/** What {@linkcode retry} hands to the function it calls. */
export interface Attempt {
  /** Which attempt this is; 1 is the first. */
  readonly attempt: number;
  /** Aborts when the attempt is over: it took too long, or the whole call was cancelled. */
  readonly signal: AbortSignal;
}

/** A failed attempt that is followed by another. */
export interface RetryEvent {
  /** The number of the attempt that failed. */
  readonly attempt: number;
  /** What it threw. */
  readonly error: unknown;
  /** The wait until the next one, in milliseconds. */
  readonly delayMs: number;
}

/** Options of {@linkcode retry}. */
export interface RetryOptions extends BackoffOptions {
  /** How many attempts to make, counting the first; `Infinity` for no end. Default 5. */
  maxAttempts?: number | undefined;
  /** How long one attempt may take, in milliseconds. Default: any time. */
  attemptTimeoutMs?: number | undefined;
  /** Whether another attempt may help after this error. Default: always. */
  retryIf?: ((error: unknown) => boolean) | undefined;
  /**
   * The milliseconds that the error asks to wait, such as a response's `Retry-After`, or undefined
   * to back off as usual. It is taken as it is, without jitter and above `maxMs` too; what is not a
   * finite number of 0 or more is passed over.
   */
  delayFrom?: ((error: unknown) => number | undefined) | undefined;
  /** A limit on retries that is shared with other calls. Default: none. */
  budget?: RetryBudget | undefined;
  /** Is told of each retry before the wait. What it throws ends the call. */
  onRetry?: ((event: RetryEvent) => void) | undefined;
  /** Ends the call when it aborts, in an attempt or between two. */
  signal?: AbortSignal | undefined;
  /** Where time comes from. Default: the system's clock. */
  clock?: Clock | undefined;
}

/**
 * Calls `fn` until it succeeds, and returns what it returned. Between attempts it waits as
 * {@linkcode backoffDelay} says, or as long as the error asks.
 *
 * It gives up when `maxAttempts` have failed, when `retryIf` says no, or when the budget is used
 * up, and then throws what the last attempt threw, as it is: callers catch the errors of `fn` and
 * need not know that it was retried. Those before it went to `onRetry`.
 *
 * An attempt that takes longer than `attemptTimeoutMs` counts as failed with a `TimeoutError`.
 * Neither then nor on cancel does `retry` wait for `fn`: pass its `signal` on, so that the work
 * stops too.
 *
 * @throws what the last attempt threw; a {@linkcode DOMException} named `TimeoutError` if that took
 * too long.
 * @throws the signal's reason as soon as it aborts.
 * @throws {RangeError} if an option is out of its range.
 *
 * @example A server that answers the third time, and says how long to wait
 * ```ts
 * import { ManualClock, retry } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * class Busy extends Error {
 *   retryAfterMs = 2_000;
 * }
 *
 * const clock = new ManualClock();
 * const answer = retry(({ attempt }) => {
 *   if (attempt < 3) throw new Busy();
 *   return "hello";
 * }, {
 *   delayFrom: (error) => error instanceof Busy ? error.retryAfterMs : undefined,
 *   clock,
 * });
 *
 * await clock.advance(4_000);
 * assertEquals(await answer, "hello");
 * ```
 */
export async function retry<T>(
  fn: (attempt: Attempt) => T | Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const { maxAttempts = 5, attemptTimeoutMs = Infinity, budget, signal } = options;
  const { clock = systemClock, retryIf = () => true, onRetry } = options;
  checkOptions(maxAttempts, attemptTimeoutMs);
  checkBackoff(options);
  for (let attempt = 1;; attempt++) {
    signal?.throwIfAborted();
    try {
      const result = await runAttempt(fn, { attempt, attemptTimeoutMs, signal, clock });
      budget?.success();
      return result;
    } catch (error) {
      // A cancelled attempt is no failure, whatever it threw.
      signal?.throwIfAborted();
      if (!mayRetry(error, retryIf, budget) || attempt >= maxAttempts) throw error;
      const delayMs = delayAfter(attempt, error, options);
      onRetry?.({ attempt, error, delayMs });
      await clock.sleep(delayMs, { signal });
    }
  }
}

function mayRetry(
  error: unknown,
  retryIf: (error: unknown) => boolean,
  budget: RetryBudget | undefined,
): boolean {
  if (retryIf(error)) return budget?.failure() ?? true;
  budget?.success();
  return false;
}

function delayAfter(attempt: number, error: unknown, options: RetryOptions): number {
  const asked = options.delayFrom?.(error);
  const usable = asked !== undefined && asked >= 0 && asked < Infinity;
  return usable ? asked : backoffDelay(attempt, options);
}

function checkOptions(maxAttempts: number, attemptTimeoutMs: number): void {
  if (!(Number.isInteger(maxAttempts) || maxAttempts === Infinity) || maxAttempts < 1) {
    throw new RangeError(
      `Cannot retry: maxAttempts must be a positive integer or Infinity, got ${maxAttempts}`,
    );
  }
  if (!(attemptTimeoutMs > 0)) {
    throw new RangeError(
      `Cannot retry: attemptTimeoutMs must be more than 0, got ${attemptTimeoutMs}`,
    );
  }
}
