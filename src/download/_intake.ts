import { consume } from "../pool/mod.ts";
import type { Folders } from "./_folders.ts";
import type { InPlace } from "./_in_place.ts";
import type { Report } from "./_report.ts";
import type { Scheduler } from "./_scheduler.ts";
import type { StageRecord } from "./_stages.ts";
import type { Task } from "./_task.ts";
import type { Validator } from "./_validate.ts";
import type { SkippedEvent } from "./events.ts";
import type { Requests } from "./options.ts";
import type { DownloadRequest } from "./request.ts";
import { ListError } from "./url_list.ts";

/** What the validate stage works with. */
export interface IntakeOptions {
  readonly report: Report;
  readonly validator: Validator;
  readonly folders: Folders;
  readonly scheduler: Scheduler<Task>;
  readonly inPlace: InPlace;
  /** Counts what is read. */
  readonly stage: StageRecord;
  /** Nothing is to be done, only said. */
  readonly dryRun: boolean;
  /** When it has aborted, nothing more is read. */
  readonly stop: AbortSignal;
}

/** The validate stage: reads requests, and hands on what each of them comes to. */
export class Intake {
  readonly #options: IntakeOptions;

  /** Reads nothing yet. */
  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /**
   * Resolves when all requests have been read, no faster than there is room for them, and those that
   * only need a look at a file in place have had it; or when reading was stopped.
   *
   * @throws whatever `requests` throws.
   */
  async read(requests: Requests): Promise<void> {
    const { inPlace, scheduler, stop: signal } = this.#options;
    try {
      await consume(requests, (request) => this.#accept(request), { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await inPlace.end();
      scheduler.close();
    }
  }

  #accept(request: DownloadRequest | ListError): Promise<void> | undefined {
    const { dryRun, inPlace, scheduler, report, stop } = this.#options;
    const task = this.#validate(request);
    if (!task || dryRun) return undefined;
    return task.plan.check ? inPlace.add(task) : submit(task, scheduler, report, stop);
  }

  /** The task that a request comes to, unless it has ended already. */
  #validate(request: DownloadRequest | ListError): Task | undefined {
    const { report, validator, folders, stage, dryRun } = this.#options;
    using _stage = stage.begin();
    if (request instanceof ListError) {
      stage.fail();
      return void report.reject(request);
    }
    report.accept();
    const { ref, duplicate } = validator.refer(request);
    let task: Task | SkippedEvent["reason"];
    try {
      task = duplicate ? "duplicate" : validator.plan(request, ref);
    } catch (error) {
      stage.fail();
      return void report.fail(ref, error, 0);
    }
    if (dryRun && typeof task !== "string" && isToStay(task)) task = "exists";
    if (typeof task === "string") {
      if (task === "exists" && !dryRun) folders.sweep(ref.path);
      return void report.skip(ref, task);
    }
    report.emit({ type: "queued", ...ref });
    return task;
  }
}

/** Gives a task to the scheduler, waiting while it has no room; counts it as dropped if it never has. */
export async function submit(
  task: Task,
  scheduler: Scheduler<Task>,
  report: Report,
  stop: AbortSignal,
): Promise<void> {
  try {
    await scheduler.submit(task, stop);
  } catch (error) {
    if (!stop.aborted) throw error;
    report.drop(1);
  }
}

/** Whether a file in place is only to be looked at. */
function isToStay({ plan: { check, replace } }: Task): boolean {
  return check === true && !replace;
}
