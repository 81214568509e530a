import { systemClock, turn } from "../clock/mod.ts";

/** How long jobs may follow each other before timers and input get their turn. */
const SLICE_MS = 5;

/** Reading the clock costs as much as an empty job, so only one of so many looks at it. */
const LOOK_EVERY = 16;

/**
 * Keeps a stream of short jobs from holding up the event loop.
 *
 * Jobs that never really wait follow each other without the loop ever coming round. After a slice
 * of that the pool asks the loop to come round, and if it has not done so a slice later, starts no
 * more jobs until it has. It is the event loop's time that counts here, so it is measured on the
 * system clock even where the pool runs on another.
 */
export class Turn {
  #untilLook = LOOK_EVERY;
  #sliceStart = 0;
  #asked = false;
  #then: (() => void) | undefined;

  /** Whether the event loop must come round before the next job. */
  get over(): boolean {
    if (--this.#untilLook > 0) return false;
    const now = systemClock.now();
    if (now - this.#sliceStart >= SLICE_MS) {
      if (this.#asked) return true;
      this.#asked = true;
      this.#sliceStart = now;
      turn().then(() => this.#begin());
    }
    this.#untilLook = LOOK_EVERY;
    return false;
  }

  /** Calls `then` once the event loop has come round. Only to be used when the turn is over. */
  wait(then: () => void): void {
    this.#then = then;
  }

  #begin(): void {
    this.#asked = false;
    this.#sliceStart = systemClock.now();
    this.#untilLook = LOOK_EVERY;
    const then = this.#then;
    this.#then = undefined;
    then?.();
  }
}
