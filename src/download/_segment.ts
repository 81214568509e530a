import type { Range } from "./_ranges.ts";

/** While a connection waits for its answer it brings nothing: pieces take so many times as long. */
const WAITS_PER_PIECE = 32;

/** A range that a connection is bringing, and how fast. */
export class Segment {
  /** Ends the connection. */
  readonly controller = new AbortController();
  /** Where its first byte goes. */
  readonly start: number;
  /** Where the next byte goes. */
  position: number;
  /** Where it stops; comes closer when another connection takes the rest. */
  end: number;
  /** When the last byte came, or it was asked for. */
  lastByteMs: number;
  /** It waits for its part of the bandwidth, so that its silence is not the server's. */
  isThrottled = false;
  /** How long it may be silent before another connection takes it over. */
  readonly patienceMs: number;
  readonly #askedMs: number;
  #waitMs = 0;

  /** Is asked for now. */
  constructor({ start, end }: Range, nowMs: number, patienceMs: number) {
    this.start = this.position = start;
    this.end = end;
    this.lastByteMs = this.#askedMs = nowMs;
    this.patienceMs = patienceMs;
  }

  /** The bytes that are missing. */
  get left(): number {
    return this.end - this.position;
  }

  /** Whether the server has been silent for too long. */
  isSilent(nowMs: number): boolean {
    return !this.isThrottled && nowMs - this.lastByteMs >= this.patienceMs;
  }

  /** The answer has come, if it was not there already. */
  answer(nowMs: number): void {
    this.#waitMs = nowMs - this.#askedMs;
  }

  /** The bytes of each millisecond between its answer and now, or its last byte. */
  speed(nowMs: number = this.lastByteMs): number {
    return (this.position - this.start) / Math.max(1, nowMs - this.#askedMs - this.#waitMs);
  }

  /** The bytes that are worth another wait like the one for this one. */
  get worthAsking(): number {
    return this.speed() * this.#waitMs * WAITS_PER_PIECE;
  }

  /**
   * Where a connection that has brought `last` should begin so that both end at the same time. Who
   * has brought nothing yet is taken to be as fast as the other.
   */
  meetingPoint(last: Segment | undefined, nowMs: number): number {
    const waitMs = last ? last.#waitMs : 0;
    const other = last?.speed() || 1;
    const speed = last ? this.speed(nowMs) || other : other;
    const ms = (this.left + other * waitMs) / (speed + other);
    return Math.ceil(this.position + speed * ms);
  }
}
