/**
 * A {@linkcode CircuitBreaker} let no call through.
 *
 * @example
 * ```ts
 * import { CircuitBreaker, CircuitOpenError } from "@dlm/dlm";
 * import { assert, assertRejects } from "@std/assert";
 *
 * const breaker = new CircuitBreaker({ failureThreshold: 1, resetTimeoutMs: 5_000 });
 * await assertRejects(() => breaker.call(() => Promise.reject(new Error("down"))));
 *
 * const error = await assertRejects(() => breaker.call(() => "up?"), CircuitOpenError);
 * assert(error.retryAfterMs > 4_000);
 * ```
 */
export class CircuitOpenError extends Error {
  /** The milliseconds until a call may be let through. */
  readonly retryAfterMs: number;

  /** Makes an error that says so. */
  constructor(retryAfterMs: number) {
    super(`Cannot call: the circuit is open for another ${Math.ceil(retryAfterMs)} ms`);
    this.name = "CircuitOpenError";
    this.retryAfterMs = retryAfterMs;
  }
}
