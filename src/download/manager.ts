import { type Clock, systemClock } from "../clock/mod.ts";
import { BandwidthLimiter, TokenBucket } from "../limiter/mod.ts";
import { WorkerPool } from "../pool/mod.ts";
import { backoffDelay } from "../resilience/mod.ts";
import { Scheduler } from "./_scheduler.ts";
import type { Task } from "./_task.ts";
import { Hosts } from "./_hosts.ts";
import { Leftovers } from "./_leftovers.ts";
import { NotNeeded } from "./_not_needed.ts";
import { Partial } from "./_partial.ts";
import { Reception, type ReceptionOptions } from "./_reception.ts";
import { type Transfer, Transfers } from "./_transfers.ts";
import { Validator } from "./_validate.ts";
import { verify } from "./_verify.ts";
import type { Checksum } from "./checksum.ts";
import { digestOf } from "./digest_header.ts";
import { nameFromDisposition } from "./disposition.ts";
import { DownloadError, fileError } from "./errors.ts";
import type { DownloadEvent, FileProgress, FileRef, SkippedEvent, Summary } from "./events.ts";
import type { IfExists } from "./if_exists.ts";
import { syncFolder } from "./part_file.ts";
import type { DownloadRequest } from "./request.ts";
import { type ConnectionOptions, Transport } from "./transport.ts";
import { ListError } from "./url_list.ts";

/** How a {@linkcode DownloadManager} works. */
export interface DownloadManagerOptions extends ConnectionOptions {
  /** The folder for files whose request names none. Made if need be. Default: `.` */
  readonly dir?: string | undefined;
  /** How many files are received at the same time. Default: 5. */
  readonly workers?: number | undefined;
  /** How many files are read ahead of the workers. Default: 100. */
  readonly queue?: number | undefined;
  /** How long an attempt may be without a byte, in milliseconds. Default: 30,000. */
  readonly timeoutMs?: number | undefined;
  /** How often a file is tried again. Default: 3. */
  readonly retries?: number | undefined;
  /** The first retry comes after about this time, each further one after twice the last. Default: 1,000. */
  readonly retryDelayMs?: number | undefined;
  /** No retry waits longer than this, unless the server asks for it. Default: 30,000. */
  readonly maxRetryDelayMs?: number | undefined;
  /** How long a file may take, all its attempts together, in milliseconds. Default: no limit. */
  readonly maxTimeMs?: number | undefined;
  /** An attempt that brings less over the time of `timeoutMs` ends, in bytes per second. Default: 0. */
  readonly minBytesPerSecond?: number | undefined;
  /** Requests per second, redirects and retries included. Default: no limit. */
  readonly requestsPerSecond?: number | undefined;
  /** Files from one host at the same time. Default: no limit but `workers`. */
  readonly perHost?: number | undefined;
  /** What to do where a file's name is taken. Default: `resume`. */
  readonly ifExists?: IfExists | undefined;
  /** What files must hash to, by name below their folder; a request's own checksum comes first. */
  readonly checksums?: ReadonlyMap<string, Checksum> | undefined;
  /** Checks files for which nothing else is known against the digest that their server sends. */
  readonly verify?: boolean | undefined;
  /** The largest file allowed, in bytes. Default: no limit. */
  readonly maxSize?: number | undefined;
  /**
   * Connections for one file, where the server allows it; `auto` begins with one and adds others
   * while that makes a long download faster. Default: `auto`.
   */
  readonly segments?: number | "auto" | undefined;
  /** Bytes per second for all files together, divided fairly. Default: no limit. */
  readonly bytesPerSecond?: number | undefined;
  /** Gets every event, at once and in order. */
  readonly onEvent?: ((event: DownloadEvent) => void) | undefined;
  /** When it aborts, no further file is begun; those under way end as they would. */
  readonly drain?: AbortSignal | undefined;
  /** When it aborts, the run ends at once; part files stay for a later run. */
  readonly signal?: AbortSignal | undefined;
  /** Measures time; for tests. */
  readonly clock?: Clock | undefined;
}

/** Requests as a manager takes them: {@linkcode readUrlList} yields them, and so does an array. */
export type Requests =
  | Iterable<DownloadRequest | ListError>
  | AsyncIterable<DownloadRequest | ListError>;

/** A file whose bytes are all in its part file. */
interface CompleteFile {
  readonly task: Task;
  readonly transfer: Transfer;
  readonly partial: Partial;
  readonly digest: string | undefined;
  readonly lengthUnknown: boolean;
}

/** Files that are verified and put on the disk at the same time; both happen off the main thread. */
const COMPLETING_WORKERS = 4;

type Counts = { -readonly [K in keyof Summary]: Summary[K] };

/**
 * Downloads files: reads requests as fast as its workers need them, tries each file as often as it
 * is told, and tells everything that happens as {@linkcode DownloadEvent}s.
 *
 * A file appears under its name only when it is whole and on the disk. A file that fails never
 * keeps the others from going on, except when the disk is full.
 *
 * ```ts no-eval
 * import { DownloadManager, parseUrl } from "@dlm/dlm/download";
 *
 * const manager = new DownloadManager({ dir: "downloads", onEvent: (event) => console.log(event) });
 * const summary = await manager.run([{ urls: [parseUrl("https://example.com/a.zip")] }]);
 * console.log(summary.completed, "of", summary.files);
 * ```
 */
export class DownloadManager {
  readonly #options: DownloadManagerOptions;
  readonly #clock: Clock;
  readonly #transfers: Transfers;
  readonly #hosts: Hosts;
  readonly #requests: TokenBucket;
  readonly #validator: Validator;
  readonly #leftovers = new Leftovers();
  readonly #bandwidth: BandwidthLimiter;
  readonly #stop = new AbortController();
  readonly #counts: Counts;
  readonly #scheduler: Scheduler<Task>;
  #begun = false;

  /** Does nothing until {@linkcode DownloadManager.run}. */
  constructor(options: DownloadManagerOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { dir = ".", ifExists = "resume", checksums } = options;
    this.#validator = new Validator(dir, ifExists, checksums);
    this.#hosts = new Hosts({
      perHost: options.perHost ?? Infinity,
      retries: options.retries ?? 3,
      clock: this.#clock,
      onEvent: (event) => this.#emit(event),
    });
    this.#scheduler = new Scheduler(options.queue ?? 100, this.#hosts, this.#clock);
    this.#bandwidth = new BandwidthLimiter({
      bytesPerSecond: options.bytesPerSecond ?? Infinity,
      clock: this.#clock,
    });
    this.#requests = new TokenBucket({
      limit: options.requestsPerSecond ?? Infinity,
      clock: this.#clock,
    });
    this.#transfers = new Transfers({
      clock: this.#clock,
      maxTimeMs: options.maxTimeMs ?? Infinity,
      minBytesPerSecond: options.minBytesPerSecond ?? 0,
      bandwidth: this.#bandwidth,
      timeoutMs: options.timeoutMs ?? 30_000,
      onProgress: (transfer) => this.#emit({ type: "progress", ...progressOf(transfer) }),
    });
    this.#counts = {
      files: 0,
      completed: 0,
      skipped: 0,
      failed: 0,
      cancelled: 0,
      dropped: 0,
      rejected: 0,
      bytes: 0,
      durationMs: 0,
    };
  }

  /**
   * Downloads everything that `requests` yields and resolves with the figures when all of it has
   * ended. Requests are taken no faster than the queue has room. A manager runs once.
   *
   * @throws {TypeError} if it has run already.
   * @throws whatever `requests` throws, after the files under way have ended.
   */
  async run(
    requests: Requests,
  ): Promise<Summary> {
    if (this.#begun) throw new TypeError("Cannot run: a DownloadManager runs once");
    this.#begun = true;
    const started = this.#clock.now();
    const { signal, drain } = this.#options;
    const stop = () => {
      const inFlight = [...this.#transfers].map(progressOf);
      this.#emit({ type: "draining", reason: reasonText(drain?.reason), inFlight });
      this.#stop.abort();
    };
    const cancel = () => {
      this.#stop.abort();
      if (this.#transfers.size === 0) return;
      this.#emit({ type: "cancelling", reason: reasonText(signal?.reason) });
      this.#transfers.abort(signal?.reason);
    };
    if (drain?.aborted) stop();
    if (signal?.aborted) cancel();
    drain?.addEventListener("abort", stop, { once: true });
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      await this.#transferAll(requests);
    } finally {
      drain?.removeEventListener("abort", stop);
      signal?.removeEventListener("abort", cancel);
    }
    await Promise.all([...this.#leftovers.folders].map(syncFolder));
    this.#counts.durationMs = this.#clock.now() - started;
    const summary: Summary = { ...this.#counts };
    this.#emit({ type: "finished", ...summary });
    return summary;
  }

  /** The stages, joined by channels; each ends when the one before it has. */
  async #transferAll(requests: Requests): Promise<void> {
    const { workers = 5, maxSize = Infinity, segments = "auto" } = this.#options;
    using transport = new Transport({
      ...this.#options,
      idleConnections: workers,
      pace: this.#requests.limit === Infinity
        ? undefined
        : (signal) => this.#requests.wait(1, { signal }),
    });
    const options: ReceptionOptions = {
      transport,
      maxSize,
      segments,
      clock: this.#clock,
      onHeaders: (task, headers) => this.#readHeaders(task, headers),
    };
    const completing = new WorkerPool<CompleteFile, void>(
      (file) => this.#complete(file),
      { workers: COMPLETING_WORKERS, queue: workers, name: "checksum" },
    );
    const receiving = new WorkerPool<Task, void>(
      (task, { workerId }) => this.#receive(task, workerId, options, completing),
      { workers, queue: 0, name: "download" },
    );
    const reading = this.#read(requests);
    reading.catch(() => {}); // it is thrown below, after what is under way has ended
    const [dropped] = await Promise.all([
      this.#scheduler.run(this.#stop.signal),
      receiving.pull(this.#scheduler.ready),
    ]);
    await receiving.shutdown();
    await completing.shutdown();
    this.#counts.dropped += dropped;
    await reading;
  }

  /** The validate stage. */
  async #read(requests: Requests): Promise<void> {
    const { signal } = this.#stop;
    try {
      for await (const request of requests) {
        if (signal.aborted) break;
        if (request instanceof ListError) this.#reject(request);
        else await this.#accept(request, signal);
      }
    } finally {
      this.#scheduler.close();
    }
  }

  #reject({ line, message }: ListError): void {
    this.#counts.rejected++;
    this.#emit({ type: "rejected", line, message });
  }

  async #accept(
    request: DownloadRequest,
    signal: AbortSignal,
  ): Promise<void> {
    this.#counts.files++;
    const { ref, duplicate } = this.#validator.refer(request);
    let task: Task | SkippedEvent["reason"];
    try {
      task = duplicate ? "duplicate" : this.#validator.plan(request, ref);
    } catch (error) {
      return this.#fail(ref, error, 0);
    }
    if (typeof task === "string") return this.#skip(ref, task);
    this.#emit({ type: "queued", ...ref });
    try {
      await this.#scheduler.submit(task, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#counts.dropped++;
    }
  }

  /** The download stage: one attempt. It never throws. */
  async #receive(
    task: Task,
    worker: number,
    options: ReceptionOptions,
    completing: WorkerPool<CompleteFile, void>,
  ): Promise<void> {
    if (this.#stop.signal.aborted) { // it was handed over just before the run was told to end
      this.#counts.dropped++;
      return this.#settle(task, "unasked");
    }
    const pauseMs = this.#hosts.pauseMs(task); // or just before its host asked for a pause
    if (pauseMs > 0) {
      this.#hosts.end(task, "unasked");
      return this.#scheduler.retry(task, pauseMs);
    }
    if (this.#hosts.isDown(task)) {
      this.#fail(task.ref, hostIsDown(this.#hosts.keyOf(task)), task.attempts);
      return this.#settle(task, "unasked");
    }
    const { ref } = task;
    if (task.attempts++ === 0) task.startedMs = this.#clock.now();
    this.#emit({ type: "started", ...ref, worker, attempt: task.attempts });
    const transfer = this.#transfers.begin(task);
    let partial: Partial | undefined;
    try {
      partial = this.#open(task);
      const reception = new Reception(task, partial, transfer, options);
      if (partial.isComplete) transfer.grow(partial.done.size);
      else await reception.run();
      const { digest, lengthUnknown } = reception;
      await completing.submit({ task, transfer, partial, digest, lengthUnknown });
    } catch (error) {
      if (error instanceof NotNeeded) {
        partial?.discard();
        this.#skip(task.ref, error.reason);
        this.#settle(task);
      } else {
        await partial?.leave();
        this.#end(task, transfer, error);
      }
    } finally {
      this.#transfers.end(transfer);
    }
  }

  #readHeaders(task: Task, headers: Headers): void {
    const disposition = headers.get("content-disposition");
    const name = disposition === null ? undefined : nameFromDisposition(disposition);
    if (name !== undefined) this.#validator.rename(task, name);
    if (this.#options.verify) task.expected ??= digestOf(headers);
  }

  /** The part file, with what an earlier attempt or run has left in it. */
  #open({ partOf, folder, attempts, mirrors }: Task): Partial {
    this.#leftovers.prepare(folder);
    const left = attempts > 1 || this.#leftovers.has(partOf);
    return (left ? Partial.find(partOf, mirrors.names) : undefined) ?? Partial.create(partOf);
  }

  /** The checksum stage: verifies the bytes and gives the file its name. It never throws. */
  async #complete({ task, transfer, partial, digest, lengthUnknown }: CompleteFile): Promise<void> {
    const { ref, expected: checksum, startedMs, attempts } = task;
    try {
      if (checksum) await verify(partial, checksum, digest, this.#options.signal);
      const bytes = partial.done.size;
      await partial.publish(ref.path, task.plan.replace);
      this.#counts.completed++;
      this.#counts.bytes += bytes;
      const durationMs = this.#clock.now() - startedMs;
      this.#emit({
        type: "completed",
        ...ref,
        bytes,
        durationMs,
        attempts,
        lengthUnknown,
        checksum,
      });
      this.#settle(task);
    } catch (error) {
      if (error instanceof DownloadError && error.kind === "checksum") partial.discard();
      else await partial.leave();
      this.#end(task, transfer, error);
    }
  }

  /** An attempt has not brought the file. */
  #end(task: Task, transfer: Transfer, thrown: unknown): void {
    const { ref, attempts } = task;
    const { signal, retries = 3 } = this.#options;
    if (signal?.aborted) {
      this.#counts.cancelled++;
      this.#emit({ type: "cancelled", ...progressOf(transfer) });
      return this.#settle(task, "unasked");
    }
    const error = fileError(thrown, ref.path);
    if (this.#mayRetry(task, error)) {
      const { kind, message } = error;
      const delayMs = this.#retryDelay(attempts, error);
      this.#emit({ type: "retrying", ...ref, retry: attempts, retries, delayMs, kind, message });
      this.#hosts.end(task, error);
      return this.#scheduler.retry(task, delayMs);
    }
    this.#fail(ref, error, attempts);
    this.#settle(task, error);
  }

  /** A task has ended for good. */
  #settle(task: Task, error?: DownloadError | "unasked"): void {
    this.#hosts.end(task, error);
    this.#scheduler.settle(task);
  }

  /** Bytes that came whole but wrong are fetched once more, whatever the number of retries. */
  #mayRetry(task: Task, { kind, retryable }: DownloadError): boolean {
    if (!retryable || this.#stop.signal.aborted) return false;
    if (kind !== "checksum") return task.attempts <= (this.#options.retries ?? 3);
    const first = !task.mismatched;
    task.mismatched = true;
    return first;
  }

  #retryDelay(attempts: number, { retryAfterMs }: DownloadError): number {
    const { retryDelayMs = 1000, maxRetryDelayMs = 30_000 } = this.#options;
    const delay = backoffDelay(attempts, { baseMs: retryDelayMs, maxMs: maxRetryDelayMs });
    return Math.max(delay, retryAfterMs ?? 0);
  }

  #skip(ref: FileRef, reason: SkippedEvent["reason"]): void {
    this.#counts.skipped++;
    this.#emit({ type: "skipped", ...ref, reason });
  }

  #fail(ref: FileRef, error: unknown, attempts: number): void {
    const { kind, message, advice, status } = fileError(error, ref.path);
    this.#counts.failed++;
    if (kind === "disk-full") this.#stop.abort();
    this.#emit({ type: "failed", ...ref, kind, message, advice, status, attempts });
  }

  #emit(event: DownloadEvent): void {
    this.#options.onEvent?.(event);
  }
}

function progressOf({ task, bytes, length }: Transfer): FileProgress {
  return { ...task.ref, bytes, length };
}

function hostIsDown(host: string): DownloadError {
  return new DownloadError("connect", `${host} has not answered for a while, so it was not asked`, {
    advice: "try again later",
  });
}

function reasonText(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
