/**
 * Tokens that a {@linkcode TokenBucket} promised for a moment now or later; see
 * {@linkcode TokenBucket.reserve}.
 */
export interface Reservation {
  /** False if the bucket can never provide the tokens; `cancel` does nothing then. */
  readonly ok: boolean;

  /**
   * The milliseconds left until the holder may act: 0 is now, `Infinity` is never (not `ok`).
   *
   * The moment is a promise: neither cancelled neighbours nor a new limit move it.
   */
  readonly delayMs: number;

  /**
   * Says that the holder won't act. The tokens go back to the bucket, and those who wait move
   * ahead, as far as later reservations allow: those were promised a moment that counts on these
   * tokens being used. Does nothing once the moment has passed, and the second time.
   */
  cancel(): void;
}
