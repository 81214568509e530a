import type { Clock } from "../clock/mod.ts";
import { type Range, RangeSet } from "./_ranges.ts";
import { Segment } from "./_segment.ts";

/** What there is to divide, and among how many. */
export interface DivisionOptions {
  /** What is missing. */
  readonly missing: readonly Range[];
  /** The most connections, or `auto` to double them as long as that makes it faster. */
  readonly connections: number | "auto";
  /** How long the server has just been waited for. */
  readonly waitMs: number;
  /** Measures speed and silence. */
  readonly clock: Clock;
}

/** A connection takes no less of another one's rest: asking for it would cost more than it brings. */
const SMALLEST_SPLIT = 256 * 1024;

/**
 * A connection asks for no more than this at first, or a five-hundredth of a large file: what is
 * behind it is for whoever is free first, so that fast connections bring more than slow ones and
 * the file fills from its beginning.
 */
const PIECE_BYTES = 8 * 1024 * 1024;
const MOST_PIECES = 512;

/** Where an answer takes so long, a connection asks for its whole part at once. */
const LONG_WAIT_MS = 30;

/** A segment that has been silent for so long is taken over by a connection that has nothing to do. */
const SILENT_MS = 2_000;

/** The most connections of `auto`, as browsers have it for one host. */
export const MOST_AUTO = 8;

/** A range that somebody is to bring. */
interface Gap extends Range {
  /** How long its connection may be silent, if longer than others. */
  readonly patienceMs?: number;
}

/** Says to a segment that another connection has taken its rest. */
export const TAKEN_OVER = new Error("another connection has taken over");

/**
 * Divides what is missing of a file among connections.
 *
 * Each brings one piece of it after the other, or else a part of the rest that would take longest,
 * or the whole rest of one that has fallen silent; so no slow connection holds the file.
 */
export class Division {
  readonly #options: DivisionOptions;
  readonly #pending: Gap[];
  readonly #active = new Set<Segment>();
  readonly #received: Range[] = [];
  /** The bytes that were missing when it began. */
  readonly #size: number;
  readonly #pieceBytes: number;
  #bytes = 0;

  /** Nobody brings anything yet. */
  constructor(options: DivisionOptions) {
    this.#options = options;
    this.#pending = [...options.missing];
    this.#size = new RangeSet(options.missing).size;
    this.#pieceBytes = Math.max(PIECE_BYTES, Math.ceil(this.#size / MOST_PIECES));
  }

  /** The ranges that have been received so far. */
  get received(): Range[] {
    const active = [...this.#active].map(({ start, position }) => ({ start, end: position }));
    return [...this.#received, ...active];
  }

  /** The bytes that have been received so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What is being brought. */
  get active(): Iterable<Segment> & { readonly size: number } {
    return this.#active;
  }

  /** Whether somebody brings everything that is missing, or has brought it. */
  get isTaken(): boolean {
    return this.#pending.length === 0;
  }

  /** Whether there is work for one more connection. */
  get isDivisible(): boolean {
    if (!this.isTaken) return true;
    for (const { left } of this.#active) if (left >= 2 * SMALLEST_SPLIT) return true;
    return false;
  }

  /** Whether anyone waits for its part of the bandwidth. */
  get isThrottled(): boolean {
    for (const { isThrottled } of this.#active) if (isThrottled) return true;
    return false;
  }

  /**
   * What a connection that is open already is to bring. It has been asked for the whole range, so
   * that it would be lost with its first piece.
   */
  claim({ start }: Range): Segment | undefined {
    const index = this.#pending.findIndex((range) => range.start === start);
    if (index < 0) return undefined;
    return this.#begin(this.#pending.splice(index, 1)[0]!, this.#part, Infinity);
  }

  /**
   * What a connection that has brought `last` before should bring; `undefined` if there is nothing
   * at the moment.
   */
  next(last: Segment | undefined): Segment | undefined {
    const gap = this.#pending.shift() ?? this.#split(last) ?? this.#takeOver();
    return gap && this.#begin(gap, this.#wanted(last));
  }

  /** The bytes of a segment before `position` have come. */
  grow(segment: Segment, position: number): void {
    const reached = Math.min(position, segment.end);
    this.#bytes += reached - segment.position;
    segment.reach(reached, this.#options.clock.now());
  }

  /** A segment's connection brings no more of it: its rest is for others. */
  end(segment: Segment): void {
    const { start, position, end } = segment;
    this.#active.delete(segment);
    if (position > start) this.#received.push({ start, end: position });
    if (position < end) this.#pending.push({ start: position, end });
  }

  /**
   * From the moment it is taken a range counts as active, and can be split by the next one. What is
   * more than a piece of it, or `wanted` bytes, stays with what is missing.
   */
  #begin(gap: Gap, wanted: number, askedEnd?: number): Segment {
    const { start, end: last, patienceMs = SILENT_MS } = gap;
    const end = Math.min(last, start + Math.max(this.#pieceBytes, Math.ceil(wanted)));
    if (end < last) this.#pending.unshift({ start: end, end: last });
    const now = this.#options.clock.now();
    const segment = new Segment({ start, end }, now, { patienceMs, askedEnd });
    this.#active.add(segment);
    return segment;
  }

  /** The bytes that are missing, whether anyone is bringing them or not. */
  get #left(): number {
    return this.#size - this.#bytes;
  }

  /** One connection's part of what is missing. */
  get #part(): number {
    const { connections } = this.#options;
    return this.#left / (connections === "auto" ? MOST_AUTO : connections);
  }

  /**
   * What a connection that has brought `last` before should ask for: enough to be worth the wait,
   * but no more than its part, or the part that is its speed's.
   */
  #wanted(last: Segment | undefined): number {
    if (!last) return this.#options.waitMs < LONG_WAIT_MS ? 0 : this.#part;
    if (last.worthAsking <= this.#pieceBytes) return 0; // a piece is that large anyway
    const now = this.#options.clock.now();
    const speed = last.speed();
    let all = speed;
    for (const segment of this.#active) all += segment.speed(now) || speed;
    const part = this.#options.connections === "auto" ? this.#part : this.#left * speed / all;
    return Math.min(last.worthAsking, part);
  }

  /**
   * A part of the rest that takes longest, unless whoever brings it is as fast without help. What
   * has not begun is taken to come as fast as what `last` was, or the fastest.
   */
  #split(last: Segment | undefined): Range | undefined {
    const now = this.#options.clock.now();
    const known = last?.speed() || this.#fastest(now) || 1;
    let slowest: Segment | undefined;
    let [start, longestMs] = [0, 0];
    for (const segment of this.#active) {
      const place = segment.meetingPoint(last, now);
      if (place === undefined || segment.end - place < SMALLEST_SPLIT) continue;
      const ms = segment.left / (segment.speed(now) || known);
      if (ms > longestMs) [slowest, start, longestMs] = [segment, place, ms];
    }
    if (!slowest) return undefined;
    const range = { start, end: slowest.end };
    slowest.end = start;
    return range;
  }

  /** The bytes of each millisecond that the fastest connection brings. */
  #fastest(now: number): number {
    let fastest = 0;
    for (const segment of this.#active) fastest = Math.max(fastest, segment.speed(now));
    return fastest;
  }

  /**
   * The rest of a segment that has fallen silent. It is given twice the time, since all answers may
   * take that long. One that has no rest, but doesn't know it as it waits for more, is ended.
   */
  #takeOver(): Gap | undefined {
    const now = this.#options.clock.now();
    for (const segment of this.#active) {
      if (!segment.isSilent(now)) continue;
      const { position: start, end, patienceMs } = segment;
      segment.end = start;
      segment.controller.abort(TAKEN_OVER);
      if (start < end) return { start, end, patienceMs: 2 * patienceMs };
    }
    return undefined;
  }
}
