/** How long to wait between attempts. */
export interface BackoffOptions {
  /** The ceiling of the first wait, in milliseconds. Default: 1,000. */
  readonly baseMs?: number | undefined;
  /** The ceiling grows by this factor with each attempt. Default: 2. */
  readonly factor?: number | undefined;
  /** The ceiling never exceeds this, in milliseconds. Default: 30,000. */
  readonly maxMs?: number | undefined;
  /**
   * How the wait is drawn below its ceiling: `full` anywhere from nothing to it, `equal` from half
   * of it, `none` the ceiling itself. Default: `full`.
   */
  readonly jitter?: "full" | "equal" | "none" | undefined;
  /** Numbers from 0 up to 1, for tests. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * The wait after failed attempt number `attempt` (from 1), in milliseconds: exponential backoff
 * with jitter, so that clients that failed together don't come back together (M. Brooker,
 * "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 *
 * @throws {RangeError} if `attempt` is not a whole number from 1.
 *
 * @example
 * ```ts
 * import { backoffDelay } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const waits = [1, 2, 3, 4].map((attempt) =>
 *   backoffDelay(attempt, { baseMs: 100, maxMs: 500, jitter: "none" })
 * );
 * assertEquals(waits, [100, 200, 400, 500]);
 * ```
 */
export function backoffDelay(attempt: number, options: BackoffOptions = {}): number {
  if (!Number.isInteger(attempt) || attempt < 1) {
    throw new RangeError(
      `Cannot compute a delay: attempt must be a whole number from 1, got ${attempt}`,
    );
  }
  const { baseMs = 1000, factor = 2, maxMs = 30_000, jitter = "full" } = options;
  const ceiling = Math.min(maxMs, baseMs * factor ** (attempt - 1));
  if (jitter === "none") return ceiling;
  const drawn = (options.random ?? Math.random)() * ceiling;
  return jitter === "full" ? drawn : (ceiling + drawn) / 2;
}
