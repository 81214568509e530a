import type { DownloadEvent, Summary } from "../download/mod.ts";
import { SpeedMeter } from "./_speed_meter.ts";

/** A file that a worker has. */
export interface ActiveFile {
  /** The file's number. */
  readonly id: number;
  /** The worker's number. */
  readonly worker: number;
  /** The file's name. */
  readonly name: string;
  /** When the attempt began. */
  readonly startedMs: number;
  /** Bytes in place. */
  bytes: number;
  /** Bytes in all, where known. */
  length: number | undefined;
  /** The file's own speed. */
  readonly meter: SpeedMeter;
}

/** Everything that a screen shows of a run, gathered from its events. */
export class RunState {
  /** The files under way, by number. */
  readonly active = new Map<number, ActiveFile>();
  /** The speed of all files together. */
  readonly meter = new SpeedMeter();
  /** Files accepted so far. */
  queued = 0;
  /** Files complete because of this run. */
  completed = 0;
  /** Files that could not be had. */
  failed = 0;
  /** Files that need not be fetched. */
  skipped = 0;
  /** Files cancelled. */
  cancelled = 0;
  /** Bytes of completed files. */
  completedBytes = 0;
  /** Files that have begun at least once. */
  begun = 0;
  /** Files that ended well after the run was told to end. */
  completedWhileDraining = 0;
  /** The run has been told to begin nothing new. */
  draining = false;
  /** The final figures. */
  summary: Summary | undefined;

  /** Takes in one event, which happened at `nowMs`. */
  apply(event: DownloadEvent, nowMs: number): void {
    switch (event.type) {
      case "queued":
        this.queued++;
        break;
      case "started": {
        if (event.attempt === 1) this.begun++;
        const { id, worker, name } = event;
        const meter = new SpeedMeter();
        meter.add(0, nowMs);
        this.active.set(id, {
          id,
          worker,
          name,
          startedMs: nowMs,
          bytes: 0,
          length: undefined,
          meter,
        });
        break;
      }
      case "progress": {
        const file = this.active.get(event.id);
        if (!file) break;
        this.meter.add(event.bytes - file.bytes, nowMs);
        file.meter.add(event.bytes - file.bytes, nowMs);
        file.bytes = event.bytes;
        file.length = event.length;
        break;
      }
      case "completed":
        this.meter.add(event.bytes - (this.active.get(event.id)?.bytes ?? 0), nowMs);
        this.completed++;
        if (this.draining) this.completedWhileDraining++;
        this.completedBytes += event.bytes;
        this.active.delete(event.id);
        break;
      case "failed":
        this.failed++;
        this.active.delete(event.id);
        break;
      case "cancelled":
        this.cancelled++;
        this.active.delete(event.id);
        break;
      case "retrying":
        this.active.delete(event.id);
        break;
      case "skipped":
        this.skipped++;
        break;
      case "draining":
        this.draining = true;
        break;
      case "finished":
        this.summary = event;
        break;
    }
  }

  /** Files that wait for a worker. */
  get waiting(): number {
    return Math.max(0, this.queued - this.begun);
  }

  /** Bytes in place, of complete and incomplete files. */
  get bytes(): number {
    let bytes = this.completedBytes;
    for (const file of this.active.values()) bytes += file.bytes;
    return bytes;
  }
}
