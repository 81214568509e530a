import { after, Chan, receiveFrom, select, settled } from "../chan/mod.ts";
import type { Clock } from "../clock/mod.ts";
import { copyBody, truncated } from "./_body.ts";
import type { ByteSource } from "./_http_response.ts";
import { type Range, RangeSet } from "./_ranges.ts";
import { Segment } from "./_segment.ts";
import { DownloadError, type FailureKind } from "./errors.ts";
import type { PartFile } from "./part_file.ts";

/** A connection that brings bytes from `start` on. */
export interface OpenSegment extends Range {
  /** The bytes. */
  readonly body: ByteSource;
}

/** How a {@linkcode SegmentedTransfer} works. */
export interface SegmentsOptions {
  /** Where the bytes go. */
  readonly part: PartFile;
  /** What is missing. */
  readonly missing: readonly Range[];
  /** The most connections, or `auto` to double them as long as that makes it faster. */
  readonly connections: number | "auto";
  /** How long the server has just been waited for. */
  readonly waitMs: number;
  /** Opens one more connection for a range. `worker` tells apart those that exist at one time. */
  readonly open: (range: Range, worker: number, signal: AbortSignal) => Promise<ByteSource>;
  /** The place that no byte may reach. */
  readonly maxSize: number;
  /** What waits until so many bytes may pass, if anything does at the moment. */
  readonly take: () => ((bytes: number) => Promise<void>) | undefined;
  /** Told the number of bytes received, as it grows. */
  readonly onReceived: (bytes: number) => void;
  /** Ends the transfer. */
  readonly signal: AbortSignal;
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

/** A connection that has brought so much before it broke is worth opening again. */
const WORTH_REOPENING = 256 * 1024;

/** A segment that has been silent for so long is taken over by a connection that has nothing to do. */
const SILENT_MS = 2_000;

/** How often connections without work look again; `auto` looks half as often whether more help. */
const LOOK_MS = 500;

/** As browsers have it for one host. */
const MOST_AUTO = 8;

/** Twice as many connections are too many if they make the whole faster by less than this. */
const WORTHWHILE_GAIN = 1.2;

/** Who asks for several connections without saying how many begins with so many. */
const FIRST_AUTO = 2;

/** What goes wrong with one connection and would go wrong with every other. */
const FATAL: ReadonlySet<FailureKind> = new Set(["protocol", "too-large", "disk-full", "file"]);

/** A range that somebody is to bring. */
interface Gap extends Range {
  /** How long its connection may be silent, if longer than others. */
  readonly patienceMs?: number;
}

/** Says to a segment that another connection has taken its rest. */
const TAKEN_OVER = new Error("another connection has taken over");

/**
 * Receives the missing ranges of a file over several connections, each with a file handle of its
 * own.
 *
 * A connection takes one piece of what is missing after the other, or else a part of the rest that
 * would take longest, or the whole rest of one that has fallen silent; so no slow connection holds
 * the file. One that breaks gives its rest back. The transfer fails when the last connection has
 * failed, or at once for what no other connection could mend.
 */
export class SegmentedTransfer {
  readonly #options: SegmentsOptions;
  readonly #pending: Range[];
  readonly #active = new Set<Segment>();
  readonly #received: Range[] = [];
  readonly #changed = new Chan<void>(1);
  readonly #abort = new AbortController();
  /** The bytes that were missing when it began. */
  readonly #size: number;
  readonly #pieceBytes: number;
  #opened = 0;
  #bytes = 0;
  #failure: unknown;
  #fatal = false;

  /** Receives nothing yet. */
  constructor(options: SegmentsOptions) {
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

  /**
   * Resolves when nothing is missing. `first` is a connection that is open already; its range is
   * among the missing ones or begins one of them.
   *
   * @throws what the last connection, or a fatal one, has failed with.
   * @throws the signal's reason when it aborts.
   */
  async run(first?: OpenSegment): Promise<void> {
    const { signal, connections } = this.#options;
    const onAbort = () => this.#stop();
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const workers = [this.#connect(first)];
      const wanted = connections === "auto" ? FIRST_AUTO : connections;
      while (workers.length < wanted && this.#divisible) workers.push(this.#connect());
      const ended = Promise.all(workers);
      if (connections === "auto") await this.#growWhileFaster(workers.length, ended);
      await ended;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
    signal.throwIfAborted();
    if (this.#fatal || this.#pending.length > 0) throw this.#failure;
  }

  /** Whether there is work for one more connection. */
  get #divisible(): boolean {
    if (this.#pending.length > 0) return true;
    for (const { left } of this.#active) if (left >= 2 * SMALLEST_SPLIT) return true;
    return false;
  }

  /** One connection's life: a range after the other. It never throws. */
  async #connect(first?: OpenSegment): Promise<void> {
    const worker = this.#opened++;
    let open = first;
    let last: Segment | undefined;
    for (;;) {
      const segment = open ? this.#claim(open) : await this.#next(last);
      if (segment === undefined || !await this.#receive(segment, worker, open?.body)) break;
      open = undefined;
      last = segment;
    }
    this.#changed.trySend();
  }

  /** Receives one range; false if the connection should not be used further. */
  async #receive(segment: Segment, worker: number, body: ByteSource | undefined): Promise<boolean> {
    const { part, open, maxSize, take } = this.#options;
    const { start, controller: { signal } } = segment;
    try {
      if (this.#abort.signal.aborted) return false;
      if (!body) {
        body = await open({ start, end: segment.end }, worker, signal);
        segment.answer(this.#options.clock.now());
      }
      using file = part.writerAt(start);
      await copyBody(body, {
        file,
        path: part.path,
        start,
        end: () => segment.end,
        maxSize,
        take: () => this.#throttle(segment, take()),
        signal,
        onPosition: (position) => this.#grow(segment, position),
      });
      if (segment.position < segment.end) {
        throw truncated(segment.position - segment.start, segment.end - segment.start);
      }
      return true;
    } catch (error) {
      if (signal.reason === TAKEN_OVER) return true;
      if (this.#fatal) return false; // ended because of what has failed before
      this.#failure = error;
      if (!(error instanceof DownloadError) || FATAL.has(error.kind)) {
        this.#fatal = true;
        this.#stop();
      }
      return !this.#fatal && segment.position - segment.start >= WORTH_REOPENING;
    } finally {
      this.#active.delete(segment);
      if (segment.position > segment.start) {
        this.#received.push({ start: segment.start, end: segment.position });
      }
      if (segment.left > 0) this.#pending.push({ start: segment.position, end: segment.end });
      this.#changed.trySend();
    }
  }

  #throttle(
    segment: Segment,
    take: ((bytes: number) => Promise<void>) | undefined,
  ): ((bytes: number) => Promise<void>) | undefined {
    return take && (async (bytes) => {
      segment.isThrottled = true;
      await take(bytes);
      segment.isThrottled = false;
      segment.lastByteMs = this.#options.clock.now();
    });
  }

  #grow(segment: Segment, position: number): void {
    const reached = Math.min(position, segment.end);
    this.#bytes += reached - segment.position;
    segment.reach(reached, this.#options.clock.now());
    this.#options.onReceived(this.#bytes);
  }

  /**
   * Takes the open connection's range out of what is missing. What it has been asked for is the
   * whole of it, so that it would be lost with its first piece.
   */
  #claim({ start }: Range): Segment | undefined {
    const index = this.#pending.findIndex((range) => range.start === start);
    if (index < 0) return undefined;
    return this.#begin(this.#pending.splice(index, 1)[0]!, this.#part, Infinity);
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
   * The next range for a connection that has brought `last` before; waits while the others may yet
   * fail or fall silent.
   */
  async #next(last: Segment | undefined): Promise<Segment | undefined> {
    const { clock } = this.#options;
    while (!this.#abort.signal.aborted) {
      const range: Gap | undefined = this.#pending.shift() ?? this.#split(last) ??
        this.#takeOver();
      if (range !== undefined) return this.#begin(range, this.#wanted(last));
      if (this.#active.size === 0) break;
      await select({ changed: receiveFrom(this.#changed), look: after(LOOK_MS, { clock }) });
    }
    this.#changed.trySend(); // let the next one look as well
    return undefined;
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

  /** Whether anyone waits for its part of the bandwidth. */
  get #isThrottled(): boolean {
    for (const { isThrottled } of this.#active) if (isThrottled) return true;
    return false;
  }

  /**
   * Doubles the `connections` as long as that makes the whole faster. A second in which our own
   * limit, or a pause, slows it down says nothing of that.
   */
  async #growWhileFaster(connections: number, firstEnded: Promise<unknown>): Promise<void> {
    const { clock } = this.#options;
    const added: Promise<void>[] = [];
    let ended = firstEnded;
    for (let best = 0; connections < MOST_AUTO;) {
      const before = this.#bytes;
      const wasThrottled = this.#isThrottled;
      const { key } = await select({ ended: settled(ended), look: after(2 * LOOK_MS, { clock }) });
      if (key === "ended") break;
      if (wasThrottled || this.#isThrottled) continue;
      const speed = this.#bytes - before;
      if (speed < best * WORTHWHILE_GAIN) break;
      best = speed;
      for (let more = connections; more > 0 && this.#divisible; more--) {
        connections++;
        added.push(this.#connect());
      }
      ended = Promise.all([firstEnded, ...added]);
    }
    await Promise.all(added);
  }

  #stop(): void {
    this.#abort.abort();
    for (const { controller } of this.#active) controller.abort(this.#options.signal.reason);
    this.#changed.trySend();
  }
}
