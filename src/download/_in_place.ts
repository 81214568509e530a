import type { Clock } from "../clock/mod.ts";
import { WorkerPool } from "../pool/mod.ts";
import type { Folders } from "./_folders.ts";
import type { Report } from "./_report.ts";
import type { StageRecord } from "./_stages.ts";
import type { Task } from "./_task.ts";
import { hashFile, sameDigest } from "./checksum.ts";
import { DownloadError } from "./errors.ts";
import type { SkippedEvent } from "./events.ts";
import { CREATE } from "./if_exists.ts";
import { lookAt } from "./part_file.ts";

/** Files in place that are read at the same time; hashing them keeps a processor busy. */
const WORKERS = 2;

/** What the checks of files in place work with. */
export interface InPlaceOptions {
  readonly report: Report;
  readonly folders: Folders;
  /** Counts what is checked. */
  readonly stage: StageRecord;
  /** How many files may wait to be checked. */
  readonly queue: number;
  /** Takes the files that must be fetched all the same, waiting while there is no room. */
  readonly fetch: (task: Task) => Promise<void>;
  /** When it has aborted nothing is checked; a check under way ends, since nothing is lost by it. */
  readonly stop: AbortSignal;
  readonly clock: Clock;
}

/** What a check of a file in place came to: it was told, was not begun, or is to be fetched. */
export type InPlaceOutcome = "told" | "undone" | "wanted";

/**
 * The part of the checksum stage that looks at files which are in place already: those with the
 * expected bytes need not be fetched. It has a line and workers of its own, so that neither a
 * download nor the reading of the list waits for a large file that is only looked at.
 */
export class InPlace {
  readonly #options: InPlaceOptions;
  readonly #pool: WorkerPool<Task, void>;

  /** Checks nothing yet. */
  constructor(options: InPlaceOptions) {
    this.#options = options;
    const { queue, clock, stop } = options;
    this.#pool = new WorkerPool((task) => this.#checkFirst(task), {
      workers: WORKERS,
      queue,
      name: "checksum",
      signal: stop,
      clock,
    });
  }

  /** How many files are being checked. */
  get active(): number {
    return this.#pool.stats.active;
  }

  /** How many wait for it. */
  get queued(): number {
    return this.#pool.stats.queued;
  }

  /** Puts a file in line that nobody has asked a server for, waiting while the line is full. */
  async add(task: Task): Promise<void> {
    try {
      await this.#pool.submit(task);
    } catch (error) {
      if (!this.#options.stop.aborted) throw error;
      this.#options.report.drop(1);
    }
  }

  /** Resolves when every file in line has been checked, or dropped. */
  async end(): Promise<void> {
    await this.#pool.shutdown();
    this.#options.report.drop(this.#pool.stats.dropped);
  }

  /**
   * Checks the file that stands where `task` would put its own, and tells what came of it, unless
   * the task is to be fetched: then its plan says so. It never throws. `reason` is why it would not
   * be fetched if nothing were expected of it.
   */
  async check(task: Task, reason: SkippedEvent["reason"] = "exists"): Promise<InPlaceOutcome> {
    const { report, folders, stage, stop } = this.#options;
    const { ref, expected: checksum, plan: { replace }, attempts } = task;
    try {
      if (lookAt(ref.path)?.isFile === false) throw new Error("it is not a regular file");
      const got = await hashFile(ref.path, checksum!.algorithm, stop);
      if (await sameDigest(got, checksum!.hex)) {
        folders.sweep(ref.path);
        report.skip(ref, reason, checksum);
        return "told";
      }
      if (!replace) throw differs(task, got);
      task.plan = { replace };
      return "wanted";
    } catch (error) {
      if (stop.aborted) {
        report.drop(1);
        return "undone";
      }
      if (error instanceof Deno.errors.NotFound) task.plan = CREATE; // it went away meanwhile
      else if (replace) task.plan = { replace }; // whoever can't read it may still replace it
      else {
        stage.fail();
        report.fail(ref, unreadable(error, ref.path), attempts);
        return "told";
      }
      return "wanted";
    }
  }

  async #checkFirst(task: Task): Promise<void> {
    if (await this.#checkAlone(task) === "wanted") await this.#options.fetch(task);
  }

  async #checkAlone(task: Task): Promise<InPlaceOutcome> {
    using _stage = this.#options.stage.begin();
    return await this.check(task);
  }
}

function differs({ expected }: Task, got: string): DownloadError {
  const { algorithm, hex } = expected!;
  return new DownloadError(
    "checksum",
    `the file in place has another checksum (${algorithm}): expected ${hex}, got ${got}`,
    { expected: hex, got, advice: "remove it or choose --if-exists overwrite" },
  );
}

function unreadable(error: unknown, path: string): DownloadError {
  if (error instanceof DownloadError) return error;
  const why = error instanceof Deno.errors.PermissionDenied
    ? "there is no permission to read it"
    : error instanceof Error
    ? error.message
    : String(error);
  return new DownloadError("file", `cannot check ${path}: ${why}`, {
    cause: error,
    advice: "make it readable or choose --if-exists skip",
  });
}
