import type {
  CancelledEvent,
  CompletedEvent,
  DownloadEvent,
  FailedEvent,
  HostPausedEvent,
  ProgressEvent,
  RejectedEvent,
  RetryingEvent,
  StartedEvent,
  Summary,
} from "../download/mod.ts";
import { SpeedMeter } from "./_speed_meter.ts";
import { Throughput } from "./throughput.ts";
import { Utilization } from "./_utilization.ts";

/** A file that has begun and not ended. */
export interface ActiveFile {
  /** The file's number. */
  readonly id: number;
  /** The worker that has it; none once its bytes are in and it is being checked and put in place. */
  worker: number | undefined;
  /** The file's name; the server may give it another one. */
  name: string;
  /** When this attempt began. */
  readonly startMs: number;
  /** Bytes in place. */
  bytes: number;
  /** Bytes in all, where known. */
  length: number | undefined;
  /** The file's own speed, once it has one. */
  meter: SpeedMeter | undefined;
  /** The part of it, from 0 to 1, that this run found in place. */
  given: number;
}

/** Something that went wrong. */
export type Problem =
  | RetryingEvent
  | FailedEvent
  | RejectedEvent
  | HostPausedEvent
  | CancelledEvent;

/** A host that is left alone. */
export interface HostPause {
  /** `retry-after`: it has asked for it; `failing`: its circuit is open. */
  readonly reason: HostPausedEvent["reason"];
  /** Until when. */
  readonly untilMs: number;
}

/** How far a file has come. */
interface FileFigures {
  readonly bytes: number;
  readonly length: number | undefined;
  /** The part of it, from 0 to 1, that this run found in place. */
  readonly given: number;
}

/** How many problems are kept. */
const PROBLEMS = 50;

/**
 * Everything that a screen shows of a run, gathered from its events. Its memory grows with what is
 * under way, not with the number of files.
 */
export class RunState {
  /** When the run began. */
  readonly startMs: number;
  /** The files that have begun and not ended, by number. */
  readonly active = new Map<number, ActiveFile>();
  /** The hosts that are left alone, with their ports. */
  readonly hosts = new Map<string, HostPause>();
  /** What went wrong, latest last; only the last few. */
  readonly problems: Problem[] = [];
  /** The bytes that come. */
  readonly throughput: Throughput;
  /** Files accepted so far. */
  files = 0;
  /** Files complete because of this run. */
  completed = 0;
  /** Files that could not be had. */
  failed = 0;
  /** Files that need not be fetched. */
  skipped = 0;
  /** Files cancelled. */
  cancelled = 0;
  /** Lines of the list that can't be used. */
  rejected = 0;
  /** Files that ended well after the run was told to end. */
  completedWhileDraining = 0;
  /** When the run was told to begin nothing new, if it was. */
  drainingSinceMs: number | undefined;
  /** The final figures. */
  summary: Summary | undefined;

  readonly #utilization: Utilization;
  readonly #byWorker = new Map<number, ActiveFile>();
  /** The files that wait for another attempt, as the last one has left them. */
  readonly #retrying = new Map<number, FileFigures>();
  /** What was there without this run, in files: parts of them that were in place, and skipped ones. */
  #given = 0;
  #completedBytes = 0;
  #expected = 0;
  #workers: number;

  /** A run that begins now, with so many workers. */
  constructor(workers: number, startMs: number) {
    this.startMs = startMs;
    this.#workers = workers;
    this.throughput = new Throughput(startMs);
    this.#utilization = new Utilization(workers, startMs);
  }

  /** Takes in one event, which happened at `nowMs`. */
  apply(event: DownloadEvent, nowMs: number): void {
    if ("id" in event) this.files = Math.max(this.files, event.id);
    switch (event.type) {
      case "started":
        return this.#start(event, nowMs);
      case "progress":
        return this.#progress(event, nowMs);
      case "completed":
        return this.#complete(event, nowMs);
      case "skipped":
        this.skipped++;
        this.#given += 1 - this.#givenOf(event.id);
        return this.#end(event.id, nowMs);
      case "failed":
        this.failed++;
        this.#note(event);
        return this.#end(event.id, nowMs);
      case "cancelled":
        this.cancelled++;
        this.#receive(this.active.get(event.id), event.bytes, nowMs);
        this.#note(event);
        return this.#end(event.id, nowMs);
      case "retrying":
        this.#note(event);
        this.#retrying.set(event.id, this.active.get(event.id) ?? NOTHING);
        return this.#leave(event.id, nowMs);
      case "rejected":
        this.rejected++;
        this.#given++;
        return this.#note(event);
      case "host-paused":
        this.hosts.set(event.host, { reason: event.reason, untilMs: nowMs + event.delayMs });
        return this.#note(event);
      case "host-resumed":
        this.hosts.delete(event.host);
        return;
      case "draining":
        this.drainingSinceMs = nowMs;
        return;
      case "finished":
        this.summary = event;
        return;
    }
  }

  /** Tells how many files and bad lines the whole list holds, where that is known. */
  expect(entries: number): void {
    this.#expected = entries;
  }

  /** The run has been told to begin nothing new. */
  get draining(): boolean {
    return this.drainingSinceMs !== undefined;
  }

  /** How many workers there are. */
  get workers(): number {
    return this.#workers;
  }

  /** From now on there are so many workers. */
  setWorkers(workers: number, nowMs: number): void {
    if (workers === this.#workers) return;
    this.#workers = workers;
    this.#utilization.set(this.busy, workers, nowMs);
  }

  /** How many workers have a file. */
  get busy(): number {
    return this.#byWorker.size;
  }

  /** Files and bad lines in all, as far as is known. */
  get total(): number {
    return Math.max(this.#expected, this.files + this.rejected);
  }

  /** Files and bad lines of the list that have not been read, as far as is known. */
  get unread(): number {
    return this.total - this.files - this.rejected;
  }

  /** Files and bad lines that have ended, however they did. */
  get ended(): number {
    return this.completed + this.failed + this.skipped + this.cancelled + this.rejected;
  }

  /** Files that are in the queue, or wait for another attempt. */
  get waiting(): number {
    return Math.max(0, this.files + this.rejected - this.ended - this.active.size);
  }

  /** Bytes in place, of complete and incomplete files. */
  get bytes(): number {
    return this.#unended().reduce((sum, { bytes }) => sum + bytes, this.#completedBytes);
  }

  /** How much of the whole is done, from 0 to 1; files count alike, since few lengths are known. */
  get fraction(): number {
    return this.total === 0 ? 0 : Math.min(1, this.#done / this.total);
  }

  /** The share of the workers' time in which they had a file, from 0 to 1. */
  efficiency(nowMs: number): number {
    return this.#utilization.share(nowMs);
  }

  /** The time until everything has ended, if it goes on like that. What was there took no time. */
  remainingMs(nowMs: number): number | undefined {
    const done = this.#done;
    const since = done - this.#given;
    if (since < 1e-9) return undefined;
    return (nowMs - this.startMs) * Math.max(0, this.total - done) / since;
  }

  /** What is done, in files and parts of them. */
  get #done(): number {
    return this.#unended().reduce((sum, file) => sum + partOf(file), this.ended);
  }

  /** The files that have begun, also those that wait for another attempt. */
  #unended(): FileFigures[] {
    return [...this.active.values(), ...this.#retrying.values()];
  }

  #start({ id, worker, name, bytes, length }: StartedEvent, nowMs: number): void {
    const before = this.#byWorker.get(worker);
    if (before) before.worker = undefined;
    const left = this.#retrying.get(id);
    this.#retrying.delete(id);
    // What came after the last attempt's last news has come in this run.
    if (left && bytes > left.bytes) this.throughput.add(bytes - left.bytes, nowMs);
    const given = left ? left.given : partOf({ bytes, length });
    if (!left) this.#given += given;
    const file: ActiveFile = {
      id,
      worker,
      name,
      startMs: nowMs,
      bytes,
      length,
      meter: undefined,
      given,
    };
    this.active.set(id, file);
    this.#byWorker.set(worker, file);
    this.#utilization.set(this.busy, this.#workers, nowMs);
  }

  #progress({ id, name, bytes, length }: ProgressEvent, nowMs: number): void {
    const file = this.active.get(id);
    if (!file) return;
    file.meter ??= new SpeedMeter(file.startMs);
    this.#receive(file, bytes, nowMs);
    file.name = name;
    file.length = length;
  }

  #complete({ id, bytes }: CompletedEvent, nowMs: number): void {
    this.#receive(this.active.get(id), bytes, nowMs);
    this.completed++;
    if (this.draining) this.completedWhileDraining++;
    this.#completedBytes += bytes;
    this.#end(id, nowMs);
  }

  /** A file that has fewer bytes than before has begun again. */
  #receive(file: ActiveFile | undefined, bytes: number, nowMs: number): void {
    if (!file) return;
    const again = bytes < file.bytes;
    const more = again ? bytes : bytes - file.bytes;
    file.bytes = bytes;
    if (again) {
      this.#given -= file.given;
      file.given = 0;
    }
    file.meter?.add(more, nowMs);
    this.throughput.add(more, nowMs);
  }

  #end(id: number, nowMs: number): void {
    this.#retrying.delete(id);
    this.#leave(id, nowMs);
  }

  #leave(id: number, nowMs: number): void {
    const file = this.active.get(id);
    if (!file) return;
    this.active.delete(id);
    if (file.worker !== undefined) this.#byWorker.delete(file.worker);
    this.#utilization.set(this.busy, this.#workers, nowMs);
  }

  #givenOf(id: number): number {
    return (this.active.get(id) ?? this.#retrying.get(id))?.given ?? 0;
  }

  #note(problem: Problem): void {
    this.problems.push(problem);
    if (this.problems.length > PROBLEMS) this.problems.shift();
  }
}

const NOTHING: FileFigures = { bytes: 0, length: undefined, given: 0 };

/** How much of a file is done, from 0 to 1; 0 as long as its length is not known. */
function partOf({ bytes, length }: Pick<FileFigures, "bytes" | "length">): number {
  return length ? Math.min(1, bytes / length) : 0;
}
