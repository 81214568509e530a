import type { Clock } from "../clock/mod.ts";
import { type Answer, isTrustworthy, StartOver } from "./_answer.ts";
import { copyBody, tooLarge, truncated } from "./_body.ts";
import { checkCut, cutOf } from "./_expected_size.ts";
import type { Fields } from "./_http_head.ts";
import { NotNeeded } from "./_not_needed.ts";
import type { Partial } from "./_partial.ts";
import { RangeRequests, type RangeRequestsOptions } from "./_range_requests.ts";
import { RangeSet } from "./_ranges.ts";
import { Saver } from "./_saver.ts";
import { type OpenSegment, SegmentedTransfer } from "./_segments.ts";
import type { Task } from "./_task.ts";
import type { Transfer } from "./_transfers.ts";
import { createHasher } from "./checksum.ts";
import { lookAt } from "./part_file.ts";
import { discard } from "./transport.ts";

/** What the attempts of a run share. */
export interface ReceptionOptions extends RangeRequestsOptions {
  /** The largest file allowed. */
  readonly maxSize: number;
  /**
   * Takes the headers of an answer, and how many of the bytes in place it lets stand; what it throws
   * ends the attempt.
   */
  readonly onHeaders: (task: Task, headers: Fields, kept: number) => void;
  /** Measures time. */
  readonly clock: Clock;
}

/** Before so many bytes are asked for, one more look at the folder costs nothing. */
const LOOK_AGAIN_FROM_BYTES = 8 * 1024 * 1024;

/** No connection is opened for less than this. */
const SEGMENT_FROM_BYTES = 1024 * 1024;

/** With `auto`, the first connection is measured for so long … */
const MEASURE_MS = 1_500;

/** … and others join it if it alone would need longer than this for the rest. */
const LONG_REST_MS = 3_000;

/** Brings what a partial file lacks, in one attempt. */
export class Reception {
  readonly #task: Task;
  readonly #partial: Partial;
  readonly #transfer: Transfer;
  readonly #options: ReceptionOptions;
  readonly #requests: RangeRequests;
  #digest: string | undefined;
  #lengthUnknown = false;

  /** Asks for nothing yet. */
  constructor(task: Task, partial: Partial, transfer: Transfer, options: ReceptionOptions) {
    this.#task = task;
    this.#partial = partial;
    this.#transfer = transfer;
    this.#options = options;
    this.#requests = new RangeRequests(task, partial, transfer.signal, options);
  }

  /** The digest that is expected, where it came along for free. */
  get digest(): string | undefined {
    return this.#digest;
  }

  /** Nothing but the end of the connection says that the file is whole. */
  get lengthUnknown(): boolean {
    return this.#lengthUnknown;
  }

  /**
   * Resolves when every byte is in place.
   *
   * @throws {DownloadError} for whatever prevents it. What came is noted in the partial file.
   * @throws {NotNeeded} if the server has nothing newer than the file that would be replaced.
   * @throws the reason of the transfer's signal when it aborts.
   */
  async run(): Promise<void> {
    const before = this.#partial.done.size;
    try {
      try {
        await this.#receive();
      } catch (error) {
        if (!(error instanceof StartOver)) throw error;
        // The rest of a file that is no longer there, or a server that can't count: from the first
        // byte, in one piece.
        this.#task.undivided = true;
        this.#task.mirrors.current.ledTo = undefined;
        this.#partial.restart();
        await this.#receive();
      }
    } catch (error) {
      if (this.#partial.done.size <= before) this.#task.mirrors.next();
      throw error;
    }
  }

  /** Asks until nothing is missing: a server may send less than it was asked for. */
  async #receive(): Promise<void> {
    do {
      const answer = await this.#requests.ask();
      if (!answer) return;
      try {
        this.#options.onHeaders(this.#task, answer.response.headers, this.#partial.done.size);
        this.#giveWay();
        await this.#take(answer);
      } catch (error) {
        discard(answer.response);
        throw error;
      }
    } while (!this.#partial.isComplete);
  }

  /**
   * Another process may have brought the file since the folder was looked at. A small one is
   * noticed soon enough, when it gets its name.
   *
   * @throws {NotNeeded} if it stands there.
   */
  #giveWay(): void {
    const { plan, ref } = this.#task;
    const { length = Infinity } = this.#partial.representation;
    if (length < LOOK_AGAIN_FROM_BYTES || plan.replace || !lookAt(ref.path)) return;
    throw new NotNeeded("exists");
  }

  async #take(answer: Answer): Promise<void> {
    const { representation, done } = this.#partial;
    const { length } = representation;
    const { maxSize } = this.#options;
    this.#transfer.length = length;
    if (length !== undefined && length > maxSize) throw tooLarge(maxSize);
    const connections = this.#connectionsFor(answer);
    if (done.size !== answer.start || (connections !== "auto" && connections > 1)) {
      const { response: { body }, start, end = length! } = answer;
      return await this.#takeSegments(connections, { body, start, end });
    }
    if (await this.#takeStream(answer, connections === "auto")) return;
    await this.#takeSegments("auto", undefined);
  }

  /** How many connections the rest of the file is worth. */
  #connectionsFor({ divisible }: Answer): number | "auto" {
    const { expected, undivided } = this.#task;
    const { representation: { length }, done } = this.#partial;
    const { segments } = this.#options;
    const trusted = isTrustworthy(this.#partial, expected !== undefined);
    if (!divisible || undivided || !trusted || length === undefined) return 1;
    const most = Math.max(1, Math.floor((length - done.size) / SEGMENT_FROM_BYTES));
    if (segments !== "auto") return Math.min(segments, most);
    return most > 1 ? "auto" : 1;
  }

  /**
   * One connection from beginning to end; false if it was ended early since several would be
   * faster.
   */
  async #takeStream({ response, start, end }: Answer, measure: boolean): Promise<boolean> {
    const { part, done } = this.#partial;
    const { expected } = this.#task;
    const hasher = expected && start === 0 ? await createHasher(expected.algorithm) : undefined;
    if (start > 0 || !part.isNew) part.cut(start);
    let position = start;
    const note = (reached: number) => {
      position = reached;
      this.#transfer.grow(position);
    };
    const inPlace = () => done.with(start, position);
    let divided = false;
    using _measurement = measure
      ? this.#measure(() => (end! - position) / Math.max(1, position - start), () => {
        divided = true;
        response.body.abort();
      })
      : undefined;
    const { signal } = this.#transfer;
    const saver = this.#save(inPlace);
    try {
      await copyBody(response.body, {
        file: part.file,
        path: part.path,
        start,
        end: () => end ?? cutOf(this.#task),
        maxSize: this.#options.maxSize,
        take: () => this.#transfer.take,
        hasher,
        onPosition: note,
        signal,
      });
    } catch (error) {
      if (!divided || signal.aborted) throw error;
    } finally {
      this.#transfer.saver = undefined;
      if (saver.saving) await saver.saving;
      this.#partial.done = inPlace();
    }
    if (divided && position < end!) return false;
    if (end !== undefined && position < end) throw truncated(position - start, end - start);
    if (end === undefined) {
      checkCut(this.#task, position);
      this.#partial.endAt(position);
    }
    this.#lengthUnknown = end === undefined && !response.headers.has("transfer-encoding");
    if (this.#partial.isComplete) this.#digest = hasher?.hex();
    return true;
  }

  /**
   * Calls `divide` when it is clear that several connections would be much faster than the first
   * one. `rest` is what is missing, in proportion to what has come.
   */
  #measure(rest: () => number, divide: () => void): Disposable {
    const cancel = this.#options.clock.schedule(MEASURE_MS, () => {
      // Where our own limit is what slows it down, others would not help.
      const limited = this.#transfer.take !== undefined;
      if (!limited && rest() * MEASURE_MS > LONG_REST_MS) divide();
    });
    return { [Symbol.dispose]: cancel };
  }

  /** Several connections for whatever is missing. */
  async #takeSegments(connections: number | "auto", first: OpenSegment | undefined): Promise<void> {
    const { clock, maxSize } = this.#options;
    const { part, done, representation } = this.#partial;
    const before = done.size;
    const segments = new SegmentedTransfer({
      part,
      missing: done.missing(representation.length!),
      connections,
      waitMs: clock.now() - this.#transfer.lastByteMs,
      open: (range, worker, signal) => this.#requests.open(range, worker, signal),
      maxSize,
      take: () => this.#transfer.take,
      onReceived: (bytes) => this.#transfer.grow(before + bytes),
      signal: this.#transfer.signal,
      clock,
    });
    const now = () => new RangeSet([...done, ...segments.received]);
    const saver = this.#save(now);
    try {
      await segments.run(first);
    } finally {
      this.#transfer.saver = undefined;
      if (saver.saving) await saver.saving;
      this.#partial.done = now();
    }
  }

  /** Writes down `done` while the transfer goes on. */
  #save(done: () => RangeSet): Saver {
    return this.#transfer.saver = new Saver(
      () => this.#partial.save(done()),
      (error) => this.#transfer.abort(error),
    );
  }
}
