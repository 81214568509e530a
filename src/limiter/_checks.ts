/** The error of a bad argument, in the words that all limiters use. */
export function outOfRange(action: string, what: string, rule: string, got: unknown): RangeError {
  return new RangeError(`Cannot ${action}: ${what} must be ${rule}, got ${got}`);
}

/** @throws {RangeError} unless `n` is a whole number of events. */
export function checkEvents(action: string, n: number): void {
  if (!Number.isSafeInteger(n) || n < 0) throw outOfRange(action, "n", "a non-negative integer", n);
}

/** @throws {RangeError} unless `perSecond` is a rate; `Infinity` is one. */
export function checkRate(action: string, what: string, perSecond: number): void {
  if (!(perSecond >= 0)) throw outOfRange(action, what, "0 or more", perSecond);
}

/** @throws {RangeError} unless `value` is a finite positive number. */
export function checkPositive(action: string, what: string, value: number): void {
  if (!(value > 0 && value < Infinity)) {
    throw outOfRange(action, what, "a finite positive number", value);
  }
}

/** @throws {RangeError} unless `value` is an integer of at least `least`. */
export function checkInteger(action: string, what: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw outOfRange(action, what, `an integer of at least ${least}`, value);
  }
}
