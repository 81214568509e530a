/** Options of {@linkcode backoffDelay}. */
export interface BackoffOptions {
  /** The longest delay after the first attempt, in milliseconds. Default 1,000. */
  baseMs?: number | undefined;
  /** What that grows by from attempt to attempt. Default 2. */
  multiplier?: number | undefined;
  /** It grows no further than this, in milliseconds. Default 30,000. */
  maxMs?: number | undefined;
  /** How much of the delay is left to chance: 1 all of it (default), 0.5 half of it, 0 none. */
  jitter?: number | undefined;
  /** Where chance comes from: a number from 0 to less than 1. Default: `Math.random`. */
  random?: (() => number) | undefined;
}

/**
 * The milliseconds to wait after attempt number `attempt` (1 is the first) has failed.
 *
 * Exponential backoff with full jitter: a random time up to `baseMs * multiplier ** (attempt - 1)`,
 * at most `maxMs`. Chance keeps clients that failed together from coming back together; Marc
 * Brooker's "Exponential Backoff and Jitter" (AWS Architecture Blog, 2015) shows that full jitter
 * costs the server the fewest calls.
 *
 * It is the arithmetic of {@linkcode retry}, for callers who put a job back in a queue rather than
 * sleep.
 *
 * @throws {RangeError} if `attempt` is not a positive integer, or an option is out of its range.
 *
 * @example
 * ```ts
 * import { backoffDelay } from "@dlm/dlm";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const even = [1, 2, 3, 4].map((attempt) => backoffDelay(attempt, { jitter: 0, maxMs: 5_000 }));
 * assertEquals(even, [1_000, 2_000, 4_000, 5_000]);
 * assert(backoffDelay(3) <= 4_000);
 * ```
 */
export function backoffDelay(attempt: number, options: BackoffOptions = {}): number {
  if (!Number.isSafeInteger(attempt) || attempt < 1) {
    throw new RangeError(`Cannot back off: attempt must be a positive integer, got ${attempt}`);
  }
  const { baseMs, multiplier, maxMs, jitter, random } = checkBackoff(options);
  // A base of 0 times an infinite power would be NaN.
  const longest = baseMs === 0 ? 0 : Math.min(maxMs, baseMs * multiplier ** (attempt - 1));
  return longest * (1 - jitter * random());
}

/** Fills in the defaults. @throws {RangeError} if an option is out of its range. */
export function checkBackoff(
  { baseMs = 1_000, multiplier = 2, maxMs = 30_000, jitter = 1, random = Math.random }:
    BackoffOptions,
): { [Name in keyof BackoffOptions]-?: NonNullable<BackoffOptions[Name]> } {
  check(baseMs >= 0 && baseMs < Infinity, "baseMs", "a finite number of 0 or more", baseMs);
  check(multiplier >= 1 && multiplier < Infinity, "multiplier", "finite, at least 1", multiplier);
  check(maxMs >= 0 && maxMs < Infinity, "maxMs", "a finite number of 0 or more", maxMs);
  check(jitter >= 0 && jitter <= 1, "jitter", "between 0 and 1", jitter);
  return { baseMs, multiplier, maxMs, jitter, random };
}

function check(holds: boolean, what: string, rule: string, got: number): void {
  if (!holds) throw new RangeError(`Cannot back off: ${what} must be ${rule}, got ${got}`);
}
