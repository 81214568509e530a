/** A nanosecond. Clock readings and their sums are rounded by less. */
export const ROUNDING_MS = 1e-6;

/** The delay as it is, or 0 if only rounding keeps it from being over. */
export function roundedDelay(ms: number): number {
  return ms <= ROUNDING_MS ? 0 : ms;
}
