import { type Clock, systemClock } from "../clock/mod.ts";
import { WorkerPool } from "../pool/mod.ts";
import { backoffDelay } from "../resilience/mod.ts";
import { Scheduler } from "./_scheduler.ts";
import type { Task } from "./_task.ts";
import { attempt } from "./_attempt.ts";
import { type Transfer, Transfers } from "./_transfers.ts";
import { Validator } from "./_validate.ts";
import { DownloadError, fileError } from "./errors.ts";
import type { DownloadEvent, FileProgress, FileRef, SkippedEvent, Summary } from "./events.ts";
import type { IfExists } from "./if_exists.ts";
import { syncFolder } from "./part_file.ts";
import type { DownloadRequest } from "./request.ts";
import { Transport } from "./transport.ts";
import { ListError } from "./url_list.ts";

/** How a {@linkcode DownloadManager} works. */
export interface DownloadManagerOptions {
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
  /** What to do where a file's name is taken. Default: `resume`. */
  readonly ifExists?: IfExists | undefined;
  /** The largest file allowed, in bytes. Default: no limit. */
  readonly maxSize?: number | undefined;
  /** The `User-Agent` header. Default: `dlm`. */
  readonly userAgent?: string | undefined;
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
  readonly #folders = new Set<string>();
  readonly #stop = new AbortController();
  readonly #counts: Counts;
  readonly #scheduler: Scheduler<Task>;
  #begun = false;

  /** Does nothing until {@linkcode DownloadManager.run}. */
  constructor(options: DownloadManagerOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#scheduler = new Scheduler(options.queue ?? 100, this.#clock);
    this.#transfers = new Transfers({
      clock: this.#clock,
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
    await Promise.all([...this.#folders].map(syncFolder));
    this.#counts.durationMs = this.#clock.now() - started;
    const summary: Summary = { ...this.#counts };
    this.#emit({ type: "finished", ...summary });
    return summary;
  }

  /** Reader, scheduler and workers, joined by channels; each ends when the one before it has. */
  async #transferAll(requests: Requests): Promise<void> {
    const { workers = 5, userAgent } = this.#options;
    using transport = new Transport({ userAgent, idleConnections: workers });
    const pool = new WorkerPool<Task, void>(
      (task, { workerId }) => this.#work(task, workerId, transport),
      { workers, queue: 0, results: "none" },
    );
    const reading = this.#read(requests);
    reading.catch(() => {}); // it is thrown below, after what is under way has ended
    const [dropped] = await Promise.all([
      this.#scheduler.run(this.#stop.signal),
      pool.pull(this.#scheduler.ready),
    ]);
    await pool.shutdown();
    this.#counts.dropped += dropped;
    await reading;
  }

  /** The validate stage. */
  async #read(requests: Requests): Promise<void> {
    const { dir = ".", ifExists = "resume" } = this.#options;
    const validator = new Validator(dir, ifExists);
    const { signal } = this.#stop;
    try {
      for await (const request of requests) {
        if (signal.aborted) break;
        if (request instanceof ListError) this.#reject(request);
        else await this.#accept(request, validator, signal);
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
    validator: Validator,
    signal: AbortSignal,
  ): Promise<void> {
    this.#counts.files++;
    const { ref, duplicate } = validator.refer(request);
    let task: Task | SkippedEvent["reason"];
    try {
      task = duplicate ? "duplicate" : validator.plan(request, ref);
    } catch (error) {
      return this.#fail(ref, error, 0);
    }
    if (typeof task === "string") {
      this.#counts.skipped++;
      return this.#emit({ type: "skipped", ...ref, reason: task });
    }
    this.#emit({ type: "queued", ...ref });
    try {
      await this.#scheduler.submit(task, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#counts.dropped++;
    }
  }

  /** What a worker does with a task: one attempt. It never throws. */
  async #work(task: Task, worker: number, transport: Transport): Promise<void> {
    const { ref } = task;
    if (this.#stop.signal.aborted) { // it was handed over just before the run was told to end
      this.#counts.dropped++;
      return this.#scheduler.settle();
    }
    if (task.attempts++ === 0) task.startedMs = this.#clock.now();
    this.#emit({ type: "started", ...ref, worker, attempt: task.attempts });
    const transfer = this.#transfers.begin(task);
    try {
      this.#prepareFolder(task.folder);
      const received = await attempt(task, transfer, transport, this.#options.maxSize ?? Infinity);
      this.#counts.completed++;
      this.#counts.bytes += received.bytes;
      this.#emit({
        type: "completed",
        ...ref,
        ...received,
        durationMs: this.#clock.now() - task.startedMs,
        attempts: task.attempts,
        checksum: task.request.checksum,
      });
      this.#scheduler.settle();
    } catch (error) {
      this.#end(task, transfer, error);
    } finally {
      this.#transfers.end(transfer);
    }
  }

  /** An attempt has not brought the file. */
  #end(task: Task, transfer: Transfer, error: unknown): void {
    const { ref, attempts } = task;
    const { signal, retries = 3 } = this.#options;
    if (signal?.aborted) {
      this.#counts.cancelled++;
      this.#emit({ type: "cancelled", ...progressOf(transfer) });
      return this.#scheduler.settle();
    }
    if (
      error instanceof DownloadError && error.retryable && attempts <= retries &&
      !this.#stop.signal.aborted
    ) {
      const { kind, message } = error;
      const delayMs = this.#retryDelay(attempts, error);
      this.#emit({ type: "retrying", ...ref, retry: attempts, retries, delayMs, kind, message });
      return this.#scheduler.retry(task, delayMs);
    }
    this.#fail(ref, error, attempts);
    this.#scheduler.settle();
  }

  #retryDelay(attempts: number, { retryAfterMs }: DownloadError): number {
    const { retryDelayMs = 1000, maxRetryDelayMs = 30_000 } = this.#options;
    const delay = backoffDelay(attempts, { baseMs: retryDelayMs, maxMs: maxRetryDelayMs });
    return Math.max(delay, retryAfterMs ?? 0);
  }

  #fail(ref: FileRef, error: unknown, attempts: number): void {
    const { kind, message, advice, status } = fileError(error, ref.path);
    this.#counts.failed++;
    if (kind === "disk-full") this.#stop.abort();
    this.#emit({ type: "failed", ...ref, kind, message, advice, status, attempts });
  }

  #prepareFolder(folder: string): void {
    if (this.#folders.has(folder)) return;
    try {
      Deno.mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw fileError(error, folder);
    }
    this.#folders.add(folder);
  }

  #emit(event: DownloadEvent): void {
    this.#options.onEvent?.(event);
  }
}

function progressOf({ task, bytes, length }: Transfer): FileProgress {
  return { ...task.ref, bytes, length };
}

function reasonText(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
