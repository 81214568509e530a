/** How far back a speed looks. */
const WINDOW_MS = 5_000;

/** The window is kept in this many slots, so that memory doesn't grow with the number of samples. */
const SLOTS = 20;

/** Bytes per second over the last five seconds, or since the first sample if that is less. */
export class SpeedMeter {
  readonly #bytes = new Float64Array(SLOTS);
  #slot = 0;
  #firstMs: number | undefined;

  /** Notes that `bytes` have come at `nowMs`. */
  add(bytes: number, nowMs: number): void {
    this.#firstMs ??= nowMs;
    this.#advance(nowMs);
    this.#bytes[this.#slot % SLOTS]! += bytes;
  }

  /** The speed at `nowMs`. */
  bytesPerSecond(nowMs: number): number {
    if (this.#firstMs === undefined) return 0;
    this.#advance(nowMs);
    const spanMs = Math.min(WINDOW_MS, Math.max(nowMs - this.#firstMs, WINDOW_MS / SLOTS));
    let sum = 0;
    for (const bytes of this.#bytes) sum += bytes;
    return Math.max(0, sum / spanMs * 1000);
  }

  #advance(nowMs: number): void {
    const slot = Math.floor(nowMs / (WINDOW_MS / SLOTS));
    const empty = Math.min(SLOTS, slot - this.#slot);
    for (let i = 1; i <= empty; i++) this.#bytes[(this.#slot + i) % SLOTS] = 0;
    if (empty > 0) this.#slot = slot;
  }
}
