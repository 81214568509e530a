/** A run of bytes: from `start` up to, but not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Which bytes of a file are in place: ascending runs that neither overlap nor touch. */
export class RangeSet implements Iterable<Range> {
  readonly #runs: Range[];

  /** Holds `ranges`, in any order. */
  constructor(ranges: Iterable<Range> = []) {
    this.#runs = [];
    for (const { start, end } of ranges) this.add(start, end);
  }

  /** Adds the bytes from `start` up to `end`. */
  add(start: number, end: number): void {
    if (end <= start) return;
    const runs = this.#runs;
    if (runs.length === 0) return void runs.push({ start, end });
    let first = runs.findIndex((run) => run.end >= start);
    if (first < 0) first = runs.length;
    let after = first;
    while (after < runs.length && runs[after]!.start <= end) {
      start = Math.min(start, runs[after]!.start);
      end = Math.max(end, runs[after]!.end);
      after++;
    }
    runs.splice(first, after - first, { start, end });
  }

  /** These and the bytes from `start` up to `end`. */
  with(start: number, end: number): RangeSet {
    const wider = new RangeSet(this.#runs);
    wider.add(start, end);
    return wider;
  }

  /** The runs of bytes below `length` that are not in place. */
  missing(length: number): Range[] {
    const gaps: Range[] = [];
    let at = 0;
    for (const { start, end } of this.#runs) {
      if (at >= length) break;
      if (start > at) gaps.push({ start: at, end: Math.min(start, length) });
      at = end;
    }
    if (at < length) gaps.push({ start: at, end: length });
    return gaps;
  }

  /** The part of it that lies below `end`. */
  below(end: number): RangeSet {
    return new RangeSet(
      this.#runs.map((run) => ({ start: run.start, end: Math.min(run.end, end) })),
    );
  }

  /** One past the last byte in place. */
  get end(): number {
    return this.#runs.at(-1)?.end ?? 0;
  }

  /** How many bytes are in place. */
  get size(): number {
    return this.#runs.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** Whether it is every byte below `length` and no other. */
  isExactly(length: number): boolean {
    return length === 0
      ? this.#runs.length === 0
      : this.firstGap === length && this.#runs.length === 1;
  }

  /** Where the first byte is missing. */
  get firstGap(): number {
    const first = this.#runs[0];
    return first?.start === 0 ? first.end : 0;
  }

  /** The runs, in ascending order. */
  [Symbol.iterator](): Iterator<Range> {
    return this.#runs[Symbol.iterator]();
  }
}
