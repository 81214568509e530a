import type { Clock } from "../clock/mod.ts";
import { Throughput } from "../pool/mod.ts";

/** What one stage of the pipeline has done and does right now. */
export interface StageFigures {
  /** The stage: `validate`, `download` or `checksum`. */
  readonly name: string;
  /** Files that it has dealt with, and bad lines of the list; a file that is tried again counts again. */
  readonly processed: number;
  /** Those of them that ended with an error. */
  readonly errors: number;
  /** Files that it is dealing with. */
  readonly active: number;
  /** Files that wait for it. */
  readonly queued: number;
  /** Files per second, over the last ten seconds at most. */
  readonly perSecond: number;
  /** How long it has taken for each, on average, in milliseconds; 0 before the first. */
  readonly averageMs: number;
}

/** Counts what a stage does, and how long that takes. */
export class StageRecord {
  readonly #clock: Clock;
  readonly #throughput: Throughput;
  #processed = 0;
  #errors = 0;
  #totalMs = 0;

  /** Nothing has been done yet. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#throughput = new Throughput(clock.now());
  }

  /** The stage begins with a file; it is done with it when the returned object is disposed of. */
  begin(): Disposable {
    return new Work(this, this.#clock.now());
  }

  /** It is done with a file that it began with at `beganMs`. */
  end(beganMs: number): void {
    const nowMs = this.#clock.now();
    this.#processed++;
    this.#totalMs += nowMs - beganMs;
    this.#throughput.add(nowMs);
  }

  /** What it was dealing with has ended with an error. */
  fail(): void {
    this.#errors++;
  }

  /** The figures until now, with what the stage does right now. */
  figures(name: string, now: { readonly active: number; readonly queued: number }): StageFigures {
    return {
      name,
      ...now,
      processed: this.#processed,
      errors: this.#errors,
      perSecond: this.#throughput.perSecond(this.#clock.now()),
      averageMs: this.#processed === 0 ? 0 : this.#totalMs / this.#processed,
    };
  }
}

/** What a stage does with one file. */
class Work implements Disposable {
  readonly #record: StageRecord;
  readonly #beganMs: number;

  constructor(record: StageRecord, beganMs: number) {
    this.#record = record;
    this.#beganMs = beganMs;
  }

  [Symbol.dispose](): void {
    this.#record.end(this.#beganMs);
  }
}

/** What the stages of one run have done. */
export class StageRecords {
  /** The one that gives every request its path. */
  readonly validate: StageRecord;
  /** The one that brings the bytes. */
  readonly download: StageRecord;
  /** The one that verifies files and puts them in place. */
  readonly checksum: StageRecord;

  /** Nothing has been done yet. */
  constructor(clock: Clock) {
    this.validate = new StageRecord(clock);
    this.download = new StageRecord(clock);
    this.checksum = new StageRecord(clock);
  }
}
