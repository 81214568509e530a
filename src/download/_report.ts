import type { Transfer } from "./_transfers.ts";
import { type DownloadError, fileError } from "./errors.ts";
import type {
  CompletedEvent,
  DownloadEvent,
  FileProgress,
  FileRef,
  SkippedEvent,
  StartedEvent,
  Summary,
} from "./events.ts";
import type { ListError } from "./url_list.ts";

/** Tells what happens in a run, and counts it. */
export class Report {
  readonly #onEvent: ((event: DownloadEvent) => void) | undefined;
  #files = 0;
  #completed = 0;
  #skipped = 0;
  #failed = 0;
  #cancelled = 0;
  #dropped = 0;
  #rejected = 0;
  #bytes = 0;
  #resumedBytes = 0;
  /** What was in place of the files under way when the run began, as far as it is kept. */
  readonly #resumed = new Map<number, number>();

  /** For whoever listens. */
  constructor(onEvent: ((event: DownloadEvent) => void) | undefined) {
    this.#onEvent = onEvent;
  }

  /** Tells one event. */
  emit(event: DownloadEvent): void {
    this.#onEvent?.(event);
  }

  /** A request was accepted. */
  accept(): void {
    this.#files++;
  }

  /** A line of the list can't be used. */
  reject({ line, message }: ListError): void {
    this.#rejected++;
    this.emit({ type: "rejected", line, message });
  }

  /** An attempt at a file begins. */
  start(file: Omit<StartedEvent, "type">): void {
    const { id, attempt, bytes } = file;
    if (attempt === 1 && bytes > 0) this.#resumed.set(id, bytes);
    this.emit({ type: "started", ...file });
  }

  /** No more than so many of the bytes in place can be continued. */
  keep({ id }: FileRef, bytes: number): void {
    const resumed = this.#resumed.get(id);
    if (resumed === undefined || bytes >= resumed) return;
    if (bytes > 0) this.#resumed.set(id, bytes);
    else this.#resumed.delete(id);
  }

  /** A file need not be fetched. */
  skip(
    ref: FileRef,
    reason: SkippedEvent["reason"],
    checksum?: SkippedEvent["checksum"],
  ): void {
    this.#skipped++;
    this.#resumed.delete(ref.id);
    this.emit({ type: "skipped", ...ref, reason, checksum });
  }

  /** So many files were not begun. */
  drop(count: number): void {
    this.#dropped += count;
  }

  /** A file is in place. */
  complete(file: Omit<CompletedEvent, "type" | "resumedAt">): void {
    const resumedAt = this.#resumed.get(file.id);
    this.#resumed.delete(file.id);
    this.#completed++;
    this.#bytes += file.bytes;
    this.#resumedBytes += resumedAt ?? 0;
    this.emit({ type: "completed", ...file, resumedAt });
  }

  /** A file was being received when everything was ended. */
  cancel(transfer: Transfer): void {
    this.#cancelled++;
    this.#resumed.delete(transfer.task.ref.id);
    this.emit({ type: "cancelled", ...progressOf(transfer) });
  }

  /** A file can't be had. Returns the reason as it was told. */
  fail(ref: FileRef, thrown: unknown, attempts: number): DownloadError {
    const error = fileError(thrown, ref.path);
    const { kind, message, advice, status, expected, got } = error;
    const why = { kind, message, advice, status, expected, got };
    this.#failed++;
    this.#resumed.delete(ref.id);
    this.emit({ type: "failed", ...ref, ...why, attempts });
    return error;
  }

  /** The figures so far. */
  summary(durationMs: number): Summary {
    return {
      files: this.#files,
      completed: this.#completed,
      skipped: this.#skipped,
      failed: this.#failed,
      cancelled: this.#cancelled,
      dropped: this.#dropped,
      rejected: this.#rejected,
      bytes: this.#bytes,
      resumedBytes: this.#resumedBytes,
      durationMs,
    };
  }
}

/** How far a transfer has come. */
export function progressOf({ task, bytes, length }: Transfer): FileProgress {
  return { ...task.ref, bytes, length };
}
