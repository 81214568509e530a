import { bytesPerSecondOf, fractionOf, remainingMsOf, shareOf } from "./_file_progress.ts";
import { cyan, dim, green } from "./_style.ts";
import type { ActiveFile, RunState } from "./state.ts";
import { fit, printable, shorten, width } from "./text.ts";
import { bar, eta, speed } from "./units.ts";

/** The workers as rows: those with a file by their numbers, then those without. */
export class WorkerRows {
  readonly #busy: readonly ActiveFile[];
  readonly #idle: readonly number[];
  readonly #digits: number;

  /** Of a run as it stands. */
  constructor(state: RunState) {
    this.#busy = [...state.active.values()].filter((file) => file.worker !== undefined)
      .sort((a, b) => a.worker! - b.worker!);
    this.#idle = idleWorkers(this.#busy, state.workers);
    this.#digits =
      `${Math.max(...this.#busy.map(({ worker }) => worker!), ...this.#idle, 1)}`.length;
  }

  /** How many there are. */
  get length(): number {
    return this.#busy.length + this.#idle.length;
  }

  /** Some of them, from the one with this index. */
  slice(first: number, count: number, columns: number, nowMs: number): string[] {
    const label = (worker: number) => `Worker ${`${worker}`.padStart(this.#digits)}`;
    const busy = this.#busy.slice(first, first + count);
    const firstIdle = Math.max(0, first - this.#busy.length);
    const idle = this.#idle.slice(firstIdle, firstIdle + count - busy.length);
    return [
      ...busy.map((file) => busyRow(label(file.worker!), file, columns, nowMs)),
      ...idle.map((worker) => dim(`⚙ ${label(worker)} │ idle`)),
    ];
  }
}

/** The numbers of those that have no file. */
function idleWorkers(busy: readonly ActiveFile[], workers: number): number[] {
  const taken = new Set(busy.map(({ worker }) => worker));
  const idle: number[] = [];
  for (let worker = 1; idle.length < workers - busy.length; worker++) {
    if (!taken.has(worker)) idle.push(worker);
  }
  return idle;
}

function busyRow(label: string, file: ActiveFile, columns: number, nowMs: number): string {
  const remainingMs = remainingMsOf(file, nowMs);
  const time = remainingMs === undefined ? "" : eta(remainingMs);
  const rate = speed(bytesPerSecondOf(file, nowMs)).padStart(9);
  const share = shareOf(file);
  const cells = columns < 70 ? 10 : 20;
  const figures = `${share.padStart(7)}  ${rate}${columns < 90 ? "" : `  ${time.padEnd(11)}`}`;
  const room = columns - width(`⚙ ${label} │  │ `) - cells - 2 - width(figures);
  const name = printable(file.name);
  if (room < 6) return `⚙ ${label} │ ${shorten(name, columns - width(label) - 12)} ${share}`;
  const picture = bar(fractionOf(file), cells).replace(/█+/, green);
  return `${cyan("⚙")} ${label} │ ${fit(name, room)} │ ${picture}${figures}`.trimEnd();
}
