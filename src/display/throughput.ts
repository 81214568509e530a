import { SpeedHistory } from "./_speed_history.ts";
import { SpeedMeter } from "./_speed_meter.ts";

/** The bytes of all files together, and how fast they come. */
export class Throughput {
  readonly #startMs: number;
  readonly #meter: SpeedMeter;
  readonly #history: SpeedHistory;
  /** Bytes that have come. */
  bytes = 0;

  /** From `startMs` on. */
  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#meter = new SpeedMeter(startMs);
    this.#history = new SpeedHistory(startMs);
  }

  /** Notes that so many bytes have come. */
  add(bytes: number, nowMs: number): void {
    this.bytes += bytes;
    this.#meter.add(bytes, nowMs);
    this.#history.add(bytes, nowMs);
  }

  /** Bytes per second over the last seconds. */
  current(nowMs: number): number {
    return this.#meter.perSecond(nowMs);
  }

  /** Bytes per second since the start. */
  average(nowMs: number): number {
    return this.bytes / Math.max(1, nowMs - this.#startMs) * 1000;
  }

  /** The most bytes per second that there were. */
  peak(nowMs: number): number {
    return Math.max(this.#history.peak(nowMs), this.current(nowMs));
  }

  /** The bytes of each second of the last minute, oldest first. */
  lastMinute(nowMs: number): number[] {
    return this.#history.seconds(nowMs);
  }
}
