/**
 * A limiter turned a wait away: its queue is full, or the wait would last longer than the caller
 * allowed. Nothing was taken.
 *
 * @example Telling a client when to come back
 * ```ts
 * import { LimitExceededError, TokenBucket } from "@dlm/dlm";
 * import { assert, assertRejects } from "@std/assert";
 *
 * const bucket = new TokenBucket({ limit: 1, burst: 1 });
 * await bucket.wait();
 * const error = await assertRejects(
 *   () => bucket.wait(1, { maxWaitMs: 100 }),
 *   LimitExceededError,
 * );
 * assert(error.retryAfterMs > 0);
 * ```
 */
export class LimitExceededError extends Error {
  /** The milliseconds after which the same call would succeed if nothing else happens. */
  readonly retryAfterMs: number;

  /** Makes an error with the given message. */
  constructor(message: string, retryAfterMs: number) {
    super(message);
    this.name = "LimitExceededError";
    this.retryAfterMs = retryAfterMs;
  }
}
