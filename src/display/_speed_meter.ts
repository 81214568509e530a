/** How far back a speed looks. */
const WINDOW_MS = 5_000;

/** The window is kept in this many slots, so that memory doesn't grow with the number of samples. */
const SLOTS = 20;

const SLOT_MS = WINDOW_MS / SLOTS;

/** Amounts per second over the last five seconds, or since the start if that is less. */
export class SpeedMeter {
  readonly #amounts = new Float64Array(SLOTS);
  readonly #startMs: number;
  #slot: number;

  /** Nothing has come before `startMs`. */
  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#slot = Math.floor(startMs / SLOT_MS);
  }

  /** Notes that `amount` has come at `nowMs`. */
  add(amount: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#amounts[this.#slot % SLOTS]! += amount;
  }

  /** The amount per second at `nowMs`. */
  perSecond(nowMs: number): number {
    this.#advance(nowMs);
    const windowStartMs = (this.#slot - SLOTS + 1) * SLOT_MS;
    const spanMs = nowMs - Math.max(this.#startMs, windowStartMs);
    let sum = 0;
    for (const amount of this.#amounts) sum += amount;
    return sum / Math.max(spanMs, SLOT_MS) * 1000;
  }

  #advance(nowMs: number): void {
    const slot = Math.floor(nowMs / SLOT_MS);
    const empty = Math.min(SLOTS, slot - this.#slot);
    for (let i = 1; i <= empty; i++) this.#amounts[(this.#slot + i) % SLOTS] = 0;
    if (empty > 0) this.#slot = slot;
  }
}
