/** The stretch of time that a rate is taken over, and the pieces that it is counted in. */
const PIECES = 10;
const PIECE_MS = 1_000;

/**
 * Counts events and says how many there were per second over the last ten seconds.
 *
 * It is a sliding window of ten counts of one second each, so it never grows, however many events
 * there are.
 *
 * @example
 * ```ts
 * import { Throughput } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const files = new Throughput(0);
 * for (const now of [100, 200, 300, 400]) files.add(now);
 * assertEquals(files.perSecond(2_000), 2);
 * assertEquals(files.perSecond(60_000), 0);
 * ```
 */
export class Throughput {
  readonly #counts = new Array<number>(PIECES).fill(0);
  readonly #start: number;
  /** The number of the second that was counted last, from `#start`. */
  #piece = 0;

  /** Starts counting at `now` milliseconds. */
  constructor(now: number) {
    this.#start = now;
  }

  /** Counts one event at `now`. */
  add(now: number): void {
    this.#advance(now);
    this.#counts[this.#piece % PIECES]!++;
  }

  /** Events per second up to `now`; 0 before any time has passed. */
  perSecond(now: number): number {
    this.#advance(now);
    const sinceStart = now - this.#start;
    const inPiece = sinceStart - this.#piece * PIECE_MS;
    const covered = Math.min(sinceStart, (PIECES - 1) * PIECE_MS + inPiece);
    if (covered <= 0) return 0;
    return this.#counts.reduce((sum, count) => sum + count, 0) * 1_000 / covered;
  }

  #advance(now: number): void {
    const piece = Math.floor((now - this.#start) / PIECE_MS);
    if (piece - this.#piece >= PIECES) this.#counts.fill(0);
    else while (this.#piece < piece) this.#counts[++this.#piece % PIECES] = 0;
    this.#piece = piece;
  }
}
