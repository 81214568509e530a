/** What came in each of the last seconds, and the most that ever came in one. */
export class SpeedHistory {
  readonly #amounts: Float64Array;
  readonly #startMs: number;
  #second = 0;
  #peak = 0;

  /** Keeps so many seconds; the first begins at `startMs`. */
  constructor(startMs: number, seconds = 60) {
    this.#startMs = startMs;
    this.#amounts = new Float64Array(seconds + 1);
  }

  /** Notes that `amount` has come at `nowMs`. */
  add(amount: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#amounts[this.#second % this.#amounts.length]! += amount;
  }

  /** The most that came in any full second. */
  peak(nowMs: number): number {
    this.#advance(nowMs);
    return this.#peak;
  }

  /** The full seconds before `nowMs`, oldest first. */
  seconds(nowMs: number): number[] {
    this.#advance(nowMs);
    const length = Math.min(this.#second, this.#amounts.length - 1);
    return Array.from({ length }, (_, i) => this.#at(this.#second - length + i));
  }

  #advance(nowMs: number): void {
    const second = Math.floor((nowMs - this.#startMs) / 1000);
    if (second <= this.#second) return;
    this.#peak = Math.max(this.#peak, this.#at(this.#second));
    const empty = Math.min(this.#amounts.length, second - this.#second);
    for (let i = 1; i <= empty; i++) this.#amounts[(this.#second + i) % this.#amounts.length] = 0;
    this.#second = second;
  }

  #at(second: number): number {
    return this.#amounts[second % this.#amounts.length]!;
  }
}
