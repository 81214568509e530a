import type { Range } from "./_ranges.ts";

/** While a connection waits for its answer it brings nothing: pieces take so many times as long. */
const WAITS_PER_PIECE = 32;

/** Connections begin slowly: only the last one or two times so long tell how fast one is. */
const SPEED_MS = 250;

/** For so many waits after its answer a connection is still becoming faster. */
const WAITS_UNTIL_FAST = 8;

/** A place that was reached at some time. */
interface Mark {
  readonly position: number;
  readonly ms: number;
}

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
  readonly #askedEnd: number;
  #waitMs = 0;
  /** Where its speed is measured from, and where it will be. */
  #mark: Mark;
  #nextMark: Mark;

  /** Is asked for now, or has been as a part of what ends at `askedEnd`. */
  constructor(
    { start, end }: Range,
    nowMs: number,
    { patienceMs, askedEnd = end }: { patienceMs: number; askedEnd?: number | undefined },
  ) {
    this.start = this.position = start;
    this.end = end;
    this.#askedEnd = askedEnd;
    this.lastByteMs = this.#askedMs = nowMs;
    this.patienceMs = patienceMs;
    this.#mark = this.#nextMark = { position: start, ms: nowMs };
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
    this.#mark = this.#nextMark = { position: this.start, ms: nowMs };
  }

  /** The bytes before `position` have come. */
  reach(position: number, nowMs: number): void {
    this.position = position;
    this.lastByteMs = nowMs;
    if (nowMs - this.#nextMark.ms < SPEED_MS) return;
    this.#mark = this.#nextMark;
    this.#nextMark = { position, ms: nowMs };
  }

  /** The bytes of each millisecond until now, or its last byte; 0 if nothing has come. */
  speed(nowMs: number = this.lastByteMs): number {
    const { position, ms } = this.#mark;
    return (this.position - position) / Math.max(1, nowMs - ms);
  }

  /** Whether another connection has taken a part of what was asked for, so that this one is closed. */
  get #isCut(): boolean {
    return this.end < this.#askedEnd;
  }

  /** Whether it has had no time to become as fast as it can. */
  #isYoung(nowMs: number): boolean {
    if (this.#waitMs === 0) return this.position === this.start;
    return nowMs - this.#askedMs < (1 + WAITS_UNTIL_FAST) * this.#waitMs;
  }

  /** The bytes that are worth another wait like the one for this one. */
  get worthAsking(): number {
    return this.speed() * this.#waitMs * WAITS_PER_PIECE;
  }

  /**
   * Where a connection that has brought `last` should begin so that both end at the same time, in
   * the middle if it has yet to bring something; `undefined` if that saves less time than another
   * wait takes. A segment that has not begun is taken to come as fast as `last` did; a connection
   * that must be opened is no help to a young one.
   */
  meetingPoint(last: Segment | undefined, nowMs: number): number | undefined {
    if (!last) return this.position + Math.ceil(this.left / 2);
    if (last.#isCut && this.#isYoung(nowMs)) return undefined;
    const waitMs = last.#waitMs || this.#waitMs;
    const other = last.speed() || 1; // little help can be expected of one that brought nothing
    const speed = this.speed(nowMs) || other;
    const ms = (this.left + other * waitMs) / (speed + other);
    if (this.left / speed - ms < waitMs) return undefined;
    return Math.ceil(this.position + speed * ms);
  }
}
