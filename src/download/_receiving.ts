import type { Clock } from "../clock/mod.ts";
import { backoffDelay } from "../resilience/mod.ts";
import type { CompleteFile, FoundFile } from "./_completing.ts";
import { WrongSize } from "./_expected_size.ts";
import type { Hosts } from "./_hosts.ts";
import type { Folders } from "./_folders.ts";
import { NotNeeded } from "./_not_needed.ts";
import { Partial } from "./_partial.ts";
import { Reception, type ReceptionOptions } from "./_reception.ts";
import type { Report } from "./_report.ts";
import type { Scheduler } from "./_scheduler.ts";
import type { StageRecord, StageRecords } from "./_stages.ts";
import type { Task } from "./_task.ts";
import type { Transfer, Transfers } from "./_transfers.ts";
import { DownloadError, fileError } from "./errors.ts";

/** What the download stage works with. */
export interface ReceivingOptions extends ReceptionOptions {
  readonly report: Report;
  readonly scheduler: Scheduler<Task>;
  readonly hosts: Hosts;
  readonly folders: Folders;
  readonly transfers: Transfers;
  readonly stages: StageRecords;
  /** How often a file is tried again. */
  readonly retries: number;
  /** The first retry's wait, and the longest of all. */
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
  /** When it has aborted, nothing is begun, and nothing tried again. */
  readonly drain: AbortSignal;
  /** When it has aborted, what ends has been cancelled. */
  readonly cancel: AbortSignal | undefined;
  /** Takes the name that a server proposed in an earlier run. */
  readonly onDisposition: (task: Task, disposition: string) => void;
  /** The disk is full: no other file can succeed. */
  readonly onDiskFull: () => void;
  readonly clock: Clock;
}

/** The download stage: brings the bytes of files into their part files. */
export class Receiving {
  readonly #options: ReceivingOptions;
  readonly #attempt: ReceptionOptions;

  /** Has received nothing yet. */
  constructor(options: ReceivingOptions) {
    const { report, hosts, onHeaders } = options;
    this.#options = options;
    this.#attempt = {
      ...options,
      onHeaders(task, headers, kept) {
        // Only when the server has answered it is known what can be kept.
        report.keep(task.ref, kept);
        hosts.answer(task);
        onHeaders(task, headers, kept);
      },
    };
  }

  /**
   * One attempt at a file. Complete ones go on to the next stage, and all others back to the
   * scheduler or to the report; it never throws.
   */
  async receive(
    task: Task,
    worker: number,
    next: (file: CompleteFile | FoundFile) => Promise<void>,
  ): Promise<void> {
    this.#options.scheduler.begin(task);
    if (!this.#mayBegin(task)) return;
    using _stage = this.#options.stages.download.begin();
    const { transfers, report, clock } = this.#options;
    if (task.attempts++ === 0) task.startedMs = clock.now();
    const transfer = transfers.begin(task);
    let partial: Partial | undefined;
    try {
      partial = this.#start(task, worker, transfer);
      const reception = new Reception(task, partial, transfer, this.#attempt);
      if (partial.isComplete) transfer.grow(partial.done.size);
      else await reception.run();
      const { digest, lengthUnknown } = reception;
      await next({ task, transfer, partial, digest, lengthUnknown });
    } catch (error) {
      if (error instanceof NotNeeded) {
        partial?.discard();
        const { reason } = error;
        if (task.expected) return await next({ task, reason });
        report.skip(task.ref, reason);
        this.settle(task);
      } else {
        if (error instanceof WrongSize) partial?.discard();
        else await partial?.leave();
        this.#end(task, transfer, error, this.#options.stages.download);
      }
    } finally {
      transfers.end(transfer);
    }
  }

  /** A file's bytes were wrong, or could not be put in place: it is tried again, or has failed. */
  end(task: Task, transfer: Transfer, thrown: unknown): void {
    this.#end(task, transfer, thrown, this.#options.stages.checksum);
  }

  #end(task: Task, transfer: Transfer, thrown: unknown, stage: StageRecord): void {
    const { report, cancel, retries, hosts, scheduler } = this.#options;
    if (cancel?.aborted) {
      report.cancel(transfer);
      return this.settle(task, "unasked");
    }
    stage.fail();
    const { ref, attempts } = task;
    const error = fileError(thrown, ref.path);
    if (!this.#mayRetry(task, error)) return this.#fail(task, error);
    const { kind, message, expected, got } = error;
    const delayMs = this.#retryDelay(attempts, error);
    const why = { kind, message, expected, got };
    report.emit({ type: "retrying", ...ref, retry: attempts, retries, delayMs, ...why });
    hosts.end(task, error);
    scheduler.retry(task, delayMs);
  }

  /** A task is to be begun again, since the file that stood in its place is not the right one. */
  again(task: Task): void {
    const { drain, hosts, scheduler } = this.#options;
    if (drain.aborted) return this.#drop(task);
    hosts.end(task);
    scheduler.retry(task, 0);
  }

  /** A task has ended for good. */
  settle(task: Task, error?: DownloadError | "unasked"): void {
    this.#options.hosts.end(task, error);
    this.#options.scheduler.settle(task, error !== undefined);
  }

  /** No more files are begun, and this one is not either. */
  #drop(task: Task): void {
    this.#options.report.drop(1);
    this.settle(task, "unasked");
  }

  /** What was decided when the task was handed out may have changed meanwhile. */
  #mayBegin(task: Task): boolean {
    const { report, drain, hosts, scheduler } = this.#options;
    if (drain.aborted) {
      this.#drop(task);
      return false;
    }
    const pauseMs = hosts.pauseMs(task);
    if (pauseMs > 0) {
      hosts.end(task, "unasked");
      scheduler.retry(task, pauseMs);
      return false;
    }
    if (!hosts.isDown(task)) return true;
    report.fail(task.ref, hostIsDown(hosts.keyOf(task)), task.attempts);
    this.settle(task, "unasked");
    return false;
  }

  /** Opens the part file, and tells that the attempt begins: also one that can't even do that. */
  #start(task: Task, worker: number, transfer: Transfer): Partial {
    let partial: Partial | undefined;
    try {
      partial = this.#open(task);
      const { representation: { length, disposition }, done: { size } } = partial;
      if (disposition !== undefined) this.#options.onDisposition(task, disposition);
      transfer.continueFrom(size);
      transfer.length = length;
      return partial;
    } catch (error) {
      partial?.[Symbol.dispose]();
      throw error;
    } finally {
      const { bytes, length } = transfer;
      const attempt = task.attempts;
      this.#options.report.start({ ...task.ref, worker, attempt, bytes, length });
    }
  }

  /** The part file, with what an earlier attempt or run has left in it. */
  #open({ partOf, folder, attempts, mirrors }: Task): Partial {
    const { folders } = this.#options;
    folders.make(folder);
    const left = attempts > 1 || folders.hasUnfinished(partOf);
    return left ? Partial.find(partOf, mirrors.names) : Partial.create(partOf);
  }

  /**
   * Bytes that came whole but wrong are fetched once more, and where one mirror has another file
   * the next one is asked, whatever the number of retries.
   */
  #mayRetry(task: Task, error: DownloadError): boolean {
    const { drain, retries } = this.#options;
    const { kind, retryable } = error;
    if (!retryable || drain.aborted) return false;
    if (error instanceof WrongSize) return true;
    if (kind !== "checksum") return task.attempts <= retries;
    const first = !task.mismatched;
    task.mismatched = true;
    return first;
  }

  #retryDelay(attempts: number, error: DownloadError): number {
    const { kind, retryAfterMs } = error;
    if (kind === "checksum" || error instanceof WrongSize) return 0;
    const { retryDelayMs: baseMs, maxRetryDelayMs: maxMs } = this.#options;
    return Math.max(backoffDelay(attempts, { baseMs, maxMs }), retryAfterMs ?? 0);
  }

  #fail(task: Task, error: DownloadError): void {
    this.#options.report.fail(task.ref, error, task.attempts);
    if (error.kind === "disk-full") this.#options.onDiskFull();
    this.settle(task, error);
  }
}

function hostIsDown(host: string): DownloadError {
  return new DownloadError(
    "connect",
    `${host} has not answered for a while, so it was not asked`,
    { advice: "try again later" },
  );
}
