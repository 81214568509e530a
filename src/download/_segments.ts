import { after, Chan, receiveFrom, select, settled } from "../chan/mod.ts";
import { copyBody, truncated } from "./_body.ts";
import { Division, type DivisionOptions, MOST_AUTO, TAKEN_OVER } from "./_division.ts";
import type { ByteSource } from "./_http_response.ts";
import type { Range } from "./_ranges.ts";
import type { Segment } from "./_segment.ts";
import { DownloadError, type FailureKind } from "./errors.ts";
import type { PartFile } from "./part_file.ts";

/** A connection that brings bytes from `start` on. */
export interface OpenSegment extends Range {
  /** The bytes. */
  readonly body: ByteSource;
}

/** How a {@linkcode SegmentedTransfer} works. */
export interface SegmentsOptions extends DivisionOptions {
  /** Where the bytes go. */
  readonly part: PartFile;
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
}

/** A connection that has brought so much before it broke is worth opening again. */
const WORTH_REOPENING = 256 * 1024;

/** How often connections without work look again; `auto` looks half as often whether more help. */
const LOOK_MS = 500;

/** Twice as many connections are too many if they make the whole faster by less than this. */
const WORTHWHILE_GAIN = 1.2;

/** Who asks for several connections without saying how many begins with so many. */
const FIRST_AUTO = 2;

/** What goes wrong with one connection and would go wrong with every other. */
const FATAL: ReadonlySet<FailureKind> = new Set(["protocol", "too-large", "disk-full", "file"]);

/**
 * Receives the missing ranges of a file over several connections, each with a file handle of its
 * own; {@linkcode Division} tells what each brings. One that breaks gives its rest back. The transfer
 * fails when the last connection has failed, or at once for what no other connection could mend.
 */
export class SegmentedTransfer {
  readonly #options: SegmentsOptions;
  readonly #division: Division;
  readonly #changed = new Chan<void>(1);
  readonly #abort = new AbortController();
  #opened = 0;
  #failure: unknown;
  #fatal = false;

  /** Receives nothing yet. */
  constructor(options: SegmentsOptions) {
    this.#options = options;
    this.#division = new Division(options);
  }

  /** The ranges that have been received so far. */
  get received(): Range[] {
    return this.#division.received;
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
      while (workers.length < wanted && this.#division.isDivisible) workers.push(this.#connect());
      const ended = Promise.all(workers);
      if (connections === "auto") await this.#growWhileFaster(workers.length, ended);
      await ended;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
    signal.throwIfAborted();
    if (this.#fatal || !this.#division.isTaken) throw this.#failure;
  }

  /** One connection's life: a range after the other. It never throws. */
  async #connect(first?: OpenSegment): Promise<void> {
    const worker = this.#opened++;
    let open = first;
    let last: Segment | undefined;
    for (;;) {
      const segment = open ? this.#division.claim(open) : await this.#next(last);
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
      this.#division.end(segment);
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
    this.#division.grow(segment, position);
    this.#options.onReceived(this.#division.bytes);
  }

  /**
   * The next range for a connection that has brought `last` before; waits while the others may yet
   * fail or fall silent.
   */
  async #next(last: Segment | undefined): Promise<Segment | undefined> {
    const { clock } = this.#options;
    while (!this.#abort.signal.aborted) {
      const segment = this.#division.next(last);
      if (segment) return segment;
      if (this.#division.active.size === 0) break;
      await select({ changed: receiveFrom(this.#changed), look: after(LOOK_MS, { clock }) });
    }
    this.#changed.trySend(); // let the next one look as well
    return undefined;
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
      const before = this.#division.bytes;
      const wasThrottled = this.#division.isThrottled;
      const { key } = await select({ ended: settled(ended), look: after(2 * LOOK_MS, { clock }) });
      if (key === "ended") break;
      if (wasThrottled || this.#division.isThrottled) continue;
      const speed = this.#division.bytes - before;
      if (speed < best * WORTHWHILE_GAIN) break;
      best = speed;
      for (let more = connections; more > 0 && this.#division.isDivisible; more--) {
        connections++;
        added.push(this.#connect());
      }
      ended = Promise.all([firstEnded, ...added]);
    }
    await Promise.all(added);
  }

  #stop(): void {
    this.#abort.abort();
    for (const { controller } of this.#division.active) {
      controller.abort(this.#options.signal.reason);
    }
    this.#changed.trySend();
  }
}
