import { type Clock, systemClock } from "../clock/mod.ts";
import { BandwidthLimiter, TokenBucket } from "../limiter/mod.ts";
import { WorkerPool } from "../pool/mod.ts";
import { adapt } from "./_adapting.ts";
import { type CompleteFile, Completing, type FoundFile } from "./_completing.ts";
import { checkSize, sizeOf } from "./_expected_size.ts";
import { Folders } from "./_folders.ts";
import { Hosts } from "./_hosts.ts";
import type { Fields } from "./_http_head.ts";
import { InPlace } from "./_in_place.ts";
import { Intake, submit } from "./_intake.ts";
import { Receiving } from "./_receiving.ts";
import { progressOf, Report } from "./_report.ts";
import { Scheduler } from "./_scheduler.ts";
import { type StageFigures, StageRecords } from "./_stages.ts";
import type { Task } from "./_task.ts";
import { Transfers } from "./_transfers.ts";
import { Validator } from "./_validate.ts";
import { digestOf } from "./digest_header.ts";
import { nameFromDisposition } from "./disposition.ts";
import type { Summary } from "./events.ts";
import type { DownloadManagerOptions, Requests } from "./options.ts";
import { syncFolder } from "./part_file.ts";
import { Transport } from "./transport.ts";

/** Files that are verified and put on the disk at the same time; both happen off the main thread. */
const COMPLETING_WORKERS = 4;

/**
 * Downloads files: reads requests as fast as its workers need them, tries each file as often as it
 * is told, and tells everything that happens as {@linkcode DownloadEvent}s.
 *
 * It is a pipeline of three stages with workers of their own: validate gives every request its
 * path, download brings the bytes into a part file, checksum verifies them, puts them on the disk
 * and gives the file its name. So a file appears under its name only when it is whole, and no
 * download waits for another one's checksum. A file that fails never keeps the others from going
 * on, except when the disk is full.
 *
 * ```ts
 * import { DownloadManager, parseUrl } from "@dlm/dlm/download";
 * import { assertEquals } from "@std/assert";
 *
 * const server = Deno.serve({ port: 0, onListen() {} }, () => new Response("hello"));
 * const dir = await Deno.makeTempDir();
 *
 * const manager = new DownloadManager({ dir, workers: 2 });
 * const url = parseUrl(`http://localhost:${server.addr.port}/hello.txt`);
 * const summary = await manager.run([{ urls: [url] }]);
 *
 * assertEquals(summary.completed, 1);
 * assertEquals(await Deno.readTextFile(`${dir}/hello.txt`), "hello");
 * await server.shutdown();
 * await Deno.remove(dir, { recursive: true });
 * ```
 */
export class DownloadManager {
  readonly #options: DownloadManagerOptions;
  readonly #clock: Clock;
  readonly #report: Report;
  readonly #validator: Validator;
  readonly #scheduler: Scheduler<Task>;
  readonly #hosts: Hosts;
  readonly #transfers: Transfers;
  readonly #bandwidth: BandwidthLimiter;
  readonly #stages: StageRecords;
  readonly #requestRate: TokenBucket;
  readonly #folders = new Folders();
  readonly #stop = new AbortController();
  readonly #inPlace: InPlace;
  readonly #intake: Intake;
  #receiving: WorkerPool<Task, void> | undefined;
  #completing: WorkerPool<CompleteFile | FoundFile, void> | undefined;
  #begun = false;
  #paused = false;
  #bytesPerSecond: number;

  /**
   * Does nothing until {@linkcode DownloadManager.run}.
   *
   * @throws {RangeError} if a number in `options` is out of its range.
   */
  constructor(options: DownloadManagerOptions = {}) {
    const { dir = ".", ifExists = "resume", checksums, queue = 100 } = options;
    const clock = this.#clock = options.clock ?? systemClock;
    const report = this.#report = new Report(options.onEvent);
    this.#options = options;
    this.#stages = new StageRecords(clock);
    this.#bytesPerSecond = options.bytesPerSecond ?? Infinity;
    this.#requestRate = new TokenBucket({ limit: options.requestsPerSecond ?? Infinity, clock });
    this.#validator = new Validator(dir, ifExists, this.#folders, checksums);
    this.#hosts = new Hosts({
      perHost: options.perHost ?? Infinity,
      retries: options.retries ?? 3,
      clock,
      onEvent: (event) => report.emit(event),
    });
    this.#scheduler = new Scheduler(queue, this.#hosts, clock);
    this.#inPlace = new InPlace({
      report,
      folders: this.#folders,
      stage: this.#stages.checksum,
      queue,
      fetch: (task) => submit(task, this.#scheduler, report, this.#stop.signal),
      stop: this.#stop.signal,
      clock,
    });
    this.#intake = new Intake({
      report,
      validator: this.#validator,
      folders: this.#folders,
      scheduler: this.#scheduler,
      inPlace: this.#inPlace,
      stage: this.#stages.validate,
      dryRun: options.dryRun ?? false,
      stop: this.#stop.signal,
    });
    this.#bandwidth = new BandwidthLimiter({ bytesPerSecond: this.#bytesPerSecond, clock });
    this.#transfers = new Transfers({
      clock,
      timeoutMs: options.timeoutMs ?? 30_000,
      maxTimeMs: options.maxTimeMs ?? Infinity,
      minBytesPerSecond: options.minBytesPerSecond ?? 0,
      bandwidth: this.#bandwidth,
      onProgress: (transfer) => report.emit({ type: "progress", ...progressOf(transfer) }),
    });
  }

  /**
   * Downloads everything that `requests` yields and resolves with the figures when all of it has
   * ended. Requests are taken no faster than the queue has room. A manager runs once.
   *
   * @throws {TypeError} if it has run already.
   * @throws whatever `requests` throws, after the files under way have ended.
   */
  async run(requests: Requests): Promise<Summary> {
    if (this.#begun) throw new TypeError("Cannot run: a DownloadManager runs once");
    this.#begun = true;
    const started = this.#clock.now();
    using _listeners = this.#listen();
    if (this.#options.dryRun) await this.#intake.read(requests);
    else await this.#transferAll(requests);
    const summary = this.#report.summary(this.#clock.now() - started);
    this.#report.emit({ type: "finished", ...summary });
    return summary;
  }

  /** Begins no file and moves no byte until {@linkcode DownloadManager.resume}. */
  pause(): void {
    this.#paused = true;
    this.#receiving?.pause();
    this.#setRate(0);
  }

  /** Goes on after {@linkcode DownloadManager.pause}. */
  resume(): void {
    this.#paused = false;
    this.#setRate(this.#bytesPerSecond);
    this.#receiving?.resume();
  }

  /** Whether it is paused. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Bytes per second for all files together; `Infinity` is no limit. It may change at any time. */
  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  /**
   * Changes the bytes per second at once, also for files under way.
   *
   * @throws {RangeError} if it is not more than 0.
   */
  set bytesPerSecond(bytesPerSecond: number) {
    checkRate("bytesPerSecond", bytesPerSecond);
    this.#bytesPerSecond = bytesPerSecond;
    if (!this.#paused) this.#setRate(bytesPerSecond);
  }

  /**
   * Requests per second, redirects and retries included; `Infinity` is no limit. It may change at
   * any time.
   */
  get requestsPerSecond(): number {
    return this.#requestRate.limit;
  }

  /**
   * Changes the requests per second at once: those that wait for their turn go by the new rate.
   *
   * @throws {RangeError} if it is not more than 0.
   */
  set requestsPerSecond(requestsPerSecond: number) {
    checkRate("requestsPerSecond", requestsPerSecond);
    this.#requestRate.setLimit(requestsPerSecond);
  }

  /** How many files are received at the same time, at most. It may change while it runs. */
  get workers(): number {
    return this.#receiving?.stats.workers ?? 0;
  }

  /**
   * Changes the number of workers; those that are too many leave after their file. Before and after
   * a run it does nothing.
   *
   * @throws {RangeError} if it is not a whole number from 1.
   */
  set workers(workers: number) {
    this.#receiving?.resize(workers);
  }

  /** What each stage of the pipeline has done and does right now. */
  get stages(): readonly StageFigures[] {
    const { validate, download, checksum } = this.#stages;
    const idle = { active: 0, queued: 0 };
    const receiving = this.#receiving?.stats ?? idle;
    const queued = receiving.queued + this.#scheduler.size;
    const completing = this.#completing?.stats ?? idle;
    return [
      validate.figures("validate", idle), // it never waits with a file of its own
      download.figures("download", { active: receiving.active, queued }),
      checksum.figures("checksum", {
        active: completing.active + this.#inPlace.active,
        queued: completing.queued + this.#inPlace.queued,
      }),
    ];
  }

  /** Heeds the signals of the options as long as the run lasts. */
  #listen(): Disposable {
    const { signal, drain } = this.#options;
    const onDrain = () => {
      if (this.#stop.signal.aborted) return;
      const inFlight = [...this.#transfers].map(progressOf);
      this.#report.emit({ type: "draining", reason: reasonText(drain?.reason), inFlight });
      this.#stop.abort();
      if (this.#paused) this.resume();
    };
    const onCancel = () => {
      this.#stop.abort();
      if (this.#transfers.size === 0) return;
      this.#report.emit({ type: "cancelling", reason: reasonText(signal?.reason) });
      this.#transfers.abort(signal?.reason);
    };
    if (drain?.aborted) onDrain();
    if (signal?.aborted) onCancel();
    drain?.addEventListener("abort", onDrain, { once: true });
    signal?.addEventListener("abort", onCancel, { once: true });
    return {
      [Symbol.dispose]() {
        drain?.removeEventListener("abort", onDrain);
        signal?.removeEventListener("abort", onCancel);
      },
    };
  }

  /** The stages, joined by channels; each ends when the one before it has. */
  async #transferAll(requests: Requests): Promise<void> {
    const { workers = 5, adaptive, signal, fsync = true } = this.#options;
    const range = typeof workers === "number" ? { min: workers, max: workers } : workers;
    using transport = new Transport({
      ...this.#options,
      concurrency: range.max,
      pace: (signal) => this.#pace(signal),
    });
    const stage = this.#receivingStage(transport);
    const completing = new Completing({
      report: this.#report,
      receiving: stage,
      inPlace: this.#inPlace,
      stage: this.#stages.checksum,
      fsync,
      signal,
      clock: this.#clock,
    });
    const complete = (file: CompleteFile | FoundFile) => completing.complete(file);
    const pool = this.#completing = new WorkerPool(complete, {
      workers: COMPLETING_WORKERS,
      queue: range.max,
      name: "checksum",
      clock: this.#clock,
    });
    const next = (file: CompleteFile | FoundFile) =>
      completing.isQuick(file) ? complete(file) : pool.submit(file);
    this.#receiving = new WorkerPool<Task, void>(
      (task, { workerId }) => stage.receive(task, workerId, next),
      { workers: adaptive ? range.min : range, queue: 0, name: "download", clock: this.#clock },
    );
    if (this.#paused) this.#receiving.pause();
    using _adapting = adaptive
      ? adapt(this.#receiving, {
        ...range,
        received: () => this.#transfers.received,
        paused: () => this.#paused,
        clock: this.#clock,
      })
      : undefined;

    const reading = this.#intake.read(requests);
    reading.catch(() => {}); // it is thrown below, after what is under way has ended
    const [dropped] = await Promise.all([
      this.#scheduler.run(this.#stop.signal),
      this.#receiving.pull(this.#scheduler.ready),
    ]);
    await this.#receiving.shutdown();
    await this.#completing.shutdown();
    this.#report.drop(dropped);
    if (fsync) await Promise.all([...this.#folders.made].map(syncFolder));
    await reading;
  }

  #receivingStage(transport: Transport): Receiving {
    const { options, stop } = { options: this.#options, stop: this.#stop };
    return new Receiving({
      transport,
      report: this.#report,
      scheduler: this.#scheduler,
      hosts: this.#hosts,
      folders: this.#folders,
      transfers: this.#transfers,
      stages: this.#stages,
      maxSize: options.maxSize ?? Infinity,
      segments: options.segments ?? "auto",
      retries: options.retries ?? 3,
      retryDelayMs: options.retryDelayMs ?? 1_000,
      maxRetryDelayMs: options.maxRetryDelayMs ?? Math.max(30_000, options.retryDelayMs ?? 0),
      drain: stop.signal,
      cancel: options.signal,
      onDiskFull: () => stop.abort(),
      onDisposition: (task, disposition) => this.#rename(task, disposition),
      onHeaders: (task, headers) => this.#readHeaders(task, headers),
      clock: this.#clock,
    });
  }

  /** What waits before each request, if there is a limit. */
  #pace(signal: AbortSignal): Promise<void> | undefined {
    return this.#requestRate.limit === Infinity ? undefined : this.#requestRate.wait(1, { signal });
  }

  #readHeaders(task: Task, headers: Fields): void {
    checkSize(task, sizeOf(headers));
    const disposition = headers.get("content-disposition");
    if (disposition !== null) this.#rename(task, disposition);
    if (this.#options.verify) task.expected ??= digestOf(headers);
  }

  #rename(task: Task, disposition: string): void {
    const name = nameFromDisposition(disposition);
    if (name !== undefined) this.#validator.rename(task, name);
  }

  #setRate(bytesPerSecond: number): void {
    this.#bandwidth.setRate(bytesPerSecond);
    this.#transfers.rateChanged();
  }
}

function checkRate(name: string, perSecond: number): void {
  if (perSecond > 0) return;
  throw new RangeError(`Cannot set ${name}: it must be more than 0, got ${perSecond}`);
}

function reasonText(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
