/** Options of {@linkcode Limiter.wait}. */
export interface LimiterWaitOptions {
  /** Ends the wait when it aborts. */
  signal?: AbortSignal | undefined;
}

/**
 * Something that says how often an event may happen.
 *
 * Use {@linkcode Limiter.allow} to drop what comes too fast, and {@linkcode Limiter.wait} to slow
 * down. Whoever waits is served first come, first served, and `allow` never overtakes a waiter.
 *
 * @example Code that takes any limiter
 * ```ts
 * import { type Limiter, SlidingWindow, TokenBucket } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const admitted = (limiter: Limiter, calls: number) =>
 *   Array.from({ length: calls }, () => limiter.allow()).filter(Boolean).length;
 *
 * assertEquals(admitted(new TokenBucket({ limit: 1, burst: 3 }), 10), 3);
 * assertEquals(admitted(new SlidingWindow({ limit: 4, windowMs: 1_000 }), 10), 4);
 * ```
 */
export interface Limiter {
  /** Takes `n` events (default 1) if they may happen now; false, taking nothing, if not. */
  allow(n?: number): boolean;

  /**
   * Resolves when `n` events (default 1) may happen, having taken them.
   *
   * @throws {RangeError} if the limiter can never allow `n` events at once.
   * @throws the signal's reason when it aborts first; nothing has been taken then.
   */
  wait(n?: number, options?: LimiterWaitOptions): Promise<void>;
}
