/** How much of its workers' time a run has used. The number of workers may change as it goes. */
export class Utilization {
  #busyMs = 0;
  #offeredMs = 0;
  #busy = 0;
  #workers: number;
  #sinceMs: number;

  /** From `startMs` on there are so many workers, all idle. */
  constructor(workers: number, startMs: number) {
    this.#workers = workers;
    this.#sinceMs = startMs;
  }

  /** From now on so many of so many workers are busy. */
  set(busy: number, workers: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#busy = busy;
    this.#workers = workers;
  }

  /** The share of their time until `nowMs` in which workers were busy, from 0 to 1. */
  share(nowMs: number): number {
    this.#advance(nowMs);
    return this.#offeredMs === 0 ? 0 : Math.min(1, this.#busyMs / this.#offeredMs);
  }

  #advance(nowMs: number): void {
    const ms = Math.max(0, nowMs - this.#sinceMs);
    this.#busyMs += ms * this.#busy;
    this.#offeredMs += ms * Math.max(this.#workers, this.#busy);
    this.#sinceMs = nowMs;
  }
}
