import type {
  CancelledEvent,
  CompletedEvent,
  DownloadEvent,
  FailedEvent,
  FileRef,
  FinishedEvent,
  SkippedEvent,
} from "../download/mod.ts";
import type { EventObserver } from "./observer.ts";
import { Output } from "./output.ts";
import { StreamSink } from "./sink.ts";
import { escapeJson } from "./text.ts";

/** What a report says of one file, or of a line of the list that names none. */
export interface ReportEntry {
  /** How it ended; `dropped`: the run ended before the file had begun, or before it was tried again. */
  readonly status: "completed" | "skipped" | "failed" | "cancelled" | "dropped" | "rejected";
  /** The file's first URL, without credentials. */
  readonly url?: string;
  /** Where it is, or would be. */
  readonly path?: string;
  /** Its size; of a cancelled one what has come so far. */
  readonly bytes?: number;
  /** Bytes of a completed file that were in place when the run began, if any were. */
  readonly resumedAt?: number | undefined;
  /** The digest that was checked. */
  readonly digest?: { readonly algorithm: string; readonly hex: string } | undefined;
  /** When the first attempt began, ISO 8601 in UTC. */
  readonly startedAt?: string | undefined;
  /** When it ended. */
  readonly endedAt: string;
  /** How many attempts were made. */
  readonly attempts?: number;
  /** Why it failed or was skipped: a word for programs. */
  readonly reason?: string;
  /** Why it failed: a sentence for people. */
  readonly message?: string;
  /** The digest that its bytes should have had, in hexadecimal, if that is why it failed. */
  readonly expected?: string | undefined;
  /** The one that they had. */
  readonly got?: string | undefined;
  /** The line of the list that can't be used. */
  readonly line?: number;
}

/** A file that has not ended. */
interface OpenFile {
  readonly ref: FileRef;
  startedAt: string | undefined;
  attempts: number;
}

/**
 * Writes what became of each file, and the figures of the run, as one JSON object: `program`,
 * `startedAt`, `files` (each a {@linkcode ReportEntry}, in the order in which they ended), `summary`
 * and `finishedAt`.
 *
 * Each file is written when it ends, next to the report's own path; the report gets its name when
 * the run has finished. So memory doesn't grow with the number of files, and what stands under the
 * name is always whole. If the run doesn't finish there is no report.
 */
export class ReportFile implements EventObserver {
  readonly #path: string;
  readonly #partPath: string;
  readonly #file: Deno.FsFile;
  readonly #output: Output;
  readonly #onFailure: (error: unknown) => void;
  readonly #now: () => Date;
  readonly #open = new Map<number, OpenFile>();
  /** The last entry, until it is known whether another one follows. */
  #last: string | undefined;
  #failure: unknown;
  #finished = false;

  /**
   * Begins the report of a run by `program`. `onFailure` is told when the run has finished and the
   * report can't be written.
   *
   * @throws whatever `Deno.open` does.
   */
  constructor(
    path: string,
    program: string,
    onFailure: (error: unknown) => void,
    now: () => Date = () => new Date(),
  ) {
    this.#path = path;
    this.#onFailure = onFailure;
    this.#partPath = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
    this.#now = now;
    this.#file = Deno.openSync(this.#partPath, { write: true, createNew: true });
    const sink = new StreamSink(this.#file, (error) => this.#failure = error);
    this.#output = new Output(sink, sink);
    const startedAt = now().toISOString();
    for (
      const line of [
        "{",
        `"program": ${json(program)},`,
        `"startedAt": ${json(startedAt)},`,
        `"files": [`,
      ]
    ) {
      this.#output.line(line);
    }
  }

  /** Takes in an event. */
  onEvent(event: DownloadEvent): void {
    switch (event.type) {
      case "queued":
        this.#open.set(event.id, { ref: event, startedAt: undefined, attempts: 0 });
        return;
      case "started": {
        const file = this.#open.get(event.id);
        if (!file) return;
        file.startedAt ??= this.#now().toISOString();
        file.attempts = event.attempt;
        return;
      }
      case "rejected": {
        const { line, message } = event;
        return this.#entry({ status: "rejected", line, message, endedAt: this.#time() });
      }
      case "completed":
      case "skipped":
      case "failed":
      case "cancelled":
        return this.#end(event);
      case "finished":
        return this.#finish(event);
    }
  }

  /** Closes the file, and removes it if the run has not finished. */
  [Symbol.dispose](): void {
    this.#output.flush();
    this.#file.close();
    if (this.#finished) return;
    try {
      Deno.removeSync(this.#partPath);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // gone with its folder
    }
  }

  #end(event: CompletedEvent | SkippedEvent | FailedEvent | CancelledEvent): void {
    const file = this.#open.get(event.id) ?? { ref: event, startedAt: undefined, attempts: 0 };
    this.#open.delete(event.id);
    const { startedAt, attempts } = file;
    const { type: status, url, path } = event;
    const times = { startedAt, endedAt: this.#time(), attempts };
    switch (event.type) {
      case "completed": {
        const { bytes, resumedAt, checksum: digest } = event;
        return this.#entry({ status, url, path, bytes, resumedAt, digest, ...times });
      }
      case "skipped":
        return this.#entry({ status, url, path, ...times, reason: event.reason });
      case "failed": {
        const { kind: reason, message, expected, got } = event;
        return this.#entry({ status, url, path, ...times, reason, message, expected, got });
      }
      case "cancelled":
        return this.#entry({ status, url, path, bytes: event.bytes, ...times });
    }
  }

  #finish({ type: _, ...summary }: FinishedEvent): void {
    const endedAt = this.#time();
    for (const { ref: { url, path }, startedAt, attempts } of this.#open.values()) {
      this.#entry({ status: "dropped", url, path, startedAt, endedAt, attempts });
    }
    if (this.#last !== undefined) this.#output.line(this.#last);
    for (
      const line of ["],", `"summary": ${json(summary)},`, `"finishedAt": ${json(endedAt)}`, "}"]
    ) {
      this.#output.line(line);
    }
    this.#output.flush();
    this.#publish();
  }

  #publish(): void {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      this.#file.syncSync();
      Deno.renameSync(this.#partPath, this.#path);
      this.#finished = true;
    } catch (error) {
      this.#onFailure(error);
    }
  }

  #entry(entry: ReportEntry): void {
    if (this.#last !== undefined) this.#output.line(`${this.#last},`);
    this.#last = json(entry);
  }

  #time(): string {
    return this.#now().toISOString();
  }
}

function json(value: unknown): string {
  return escapeJson(JSON.stringify(value));
}
