import type { Clock } from "../clock/mod.ts";
import { checkSize, WrongSize } from "./_expected_size.ts";
import type { InPlace } from "./_in_place.ts";
import type { Partial } from "./_partial.ts";
import type { Receiving } from "./_receiving.ts";
import type { Report } from "./_report.ts";
import type { StageRecord } from "./_stages.ts";
import type { Task } from "./_task.ts";
import type { Transfer } from "./_transfers.ts";
import { verify } from "./_verify.ts";
import { fileError } from "./errors.ts";
import type { SkippedEvent } from "./events.ts";
import { lookAt, syncIsQuick } from "./part_file.ts";

/** A file whose bytes are all in its part file. */
export interface CompleteFile {
  readonly task: Task;
  readonly transfer: Transfer;
  readonly partial: Partial;
  /** The digest that is expected, where it came along for free. */
  readonly digest: string | undefined;
  /** Nothing but the end of the connection says that the file is whole. */
  readonly lengthUnknown: boolean;
}

/** A file that turned out to be in place already, and is to be checked. */
export interface FoundFile {
  readonly task: Task;
  /** Why it would not be fetched if nothing were expected of it. */
  readonly reason: SkippedEvent["reason"];
}

/** What the checksum stage works with. */
export interface CompletingOptions {
  readonly report: Report;
  /** Takes back the files whose bytes are wrong. */
  readonly receiving: Receiving;
  readonly inPlace: InPlace;
  /** Counts what is done. */
  readonly stage: StageRecord;
  /** Whether to wait until a file is on the disk. */
  readonly fsync: boolean;
  /** When it has aborted, nothing is verified any more. */
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

/** The checksum stage: verifies files, puts them on the disk and gives them their names. */
export class Completing {
  readonly #options: CompletingOptions;

  /** Has completed nothing yet. */
  constructor(options: CompletingOptions) {
    this.#options = options;
  }

  /** Whether it takes longer to hand a file on than to complete it. */
  isQuick(file: CompleteFile | FoundFile): boolean {
    if (!("partial" in file) || file.task.expected) return false;
    return !this.#options.fsync || syncIsQuick(file.partial.done.size);
  }

  /** Completes one file, or checks one that was found in place; it never throws. */
  async complete(file: CompleteFile | FoundFile): Promise<void> {
    using _work = this.#options.stage.begin();
    if (!("partial" in file)) return await this.#check(file);
    const { task, transfer, partial, digest, lengthUnknown } = file;
    const { ref, expected: checksum, startedMs, attempts } = task;
    try {
      const bytes = partial.done.size;
      checkSize(task, bytes);
      if (checksum) await verify(partial, checksum, digest, this.#options.signal);
      const published = partial.publish(ref.path, task.plan.replace, this.#options.fsync);
      if (published) await published;
      const durationMs = this.#options.clock.now() - startedMs;
      const unsure = lengthUnknown && !checksum;
      this.#options.report.complete({
        ...ref,
        bytes,
        durationMs,
        attempts,
        lengthUnknown: unsure,
        checksum,
      });
      this.#options.receiving.settle(task);
    } catch (error) {
      await this.#undo(task, transfer, partial, error);
    }
  }

  async #check({ task, reason }: FoundFile): Promise<void> {
    const outcome = await this.#options.inPlace.check(task, reason);
    if (outcome === "wanted") this.#options.receiving.again(task);
    else if (outcome === "undone") this.#options.receiving.settle(task, "unasked");
    else this.#options.receiving.settle(task);
  }

  async #undo(task: Task, transfer: Transfer, partial: Partial, error: unknown): Promise<void> {
    const { kind } = fileError(error, task.ref.path);
    if (kind === "exists" && isAsLong(task.ref.path, partial)) {
      partial.discard();
      if (task.expected) return await this.#check({ task, reason: "exists" });
      this.#options.report.skip(task.ref, "exists");
      return this.#options.receiving.settle(task);
    }
    if (error instanceof WrongSize) {
      partial.discard();
    } else if (kind === "checksum") {
      partial.discard();
      task.mirrors.next();
    } else {
      await partial.leave();
    }
    this.#options.receiving.end(task, transfer, error);
  }
}

/** Whether the file that has come to stand at `path` must be this one, by another process. */
function isAsLong(path: string, partial: Partial): boolean {
  const there = lookAt(path);
  return there !== undefined && there.isFile && there.size === partial.done.size;
}
