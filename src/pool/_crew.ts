import type { Clock } from "../clock/mod.ts";
import { PriorityQueue } from "./priority_queue.ts";
import type { WorkerStatus } from "./stats.ts";
import type { Task } from "./_task.ts";
import { type Foreman, PoolWorker } from "./_worker.ts";

/** How many workers a pool may have, and when they come and go between the two. */
export interface CrewLimits {
  readonly min: number;
  readonly max: number;
  /** The waiting jobs for which another worker comes. */
  readonly growAt: number;
  /** How long a worker above `min` stays without a job. */
  readonly idleMs: number;
}

/** The workers of a pool: who is there, who is idle, and who comes or leaves. */
export class Crew<Job, Value> {
  readonly #clock: Clock;
  readonly #foreman: Foreman<Job, Value>;
  readonly #workers = new Map<number, PoolWorker<Job, Value>>();
  /** Those without a job, the one idle longest first. */
  readonly #idle: PoolWorker<Job, Value>[] = [];
  /** The numbers of those who left, the smallest first. */
  readonly #freeIds = new PriorityQueue<number>();
  #limits: CrewLimits;
  #cancelTimer: (() => void) | undefined;

  constructor(limits: CrewLimits, clock: Clock, foreman: Foreman<Job, Value>) {
    this.#clock = clock;
    this.#foreman = foreman;
    this.#limits = limits;
    this.resize(limits);
  }

  get size(): number {
    return this.#workers.size;
  }

  get idle(): number {
    return this.#idle.length;
  }

  get statuses(): WorkerStatus<Job>[] {
    return [...this.#workers.values()].map((worker) => worker.status).sort((a, b) => a.id - b.id);
  }

  /** What the busy have. */
  get tasks(): Task<Job, Value>[] {
    return [...this.#workers.values()].flatMap(({ task }) => task ?? []);
  }

  /** Brings the crew within new limits; a busy worker that is one too many leaves after its job. */
  resize(limits: CrewLimits): void {
    this.#limits = limits;
    while (this.size < limits.min) this.#idle.push(this.add());
    while (this.size > limits.max && this.#idle.length > 0) this.#leave(this.#idle.shift()!);
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#watchIdleness();
  }

  /**
   * Takes a worker that has no job.
   *
   * In a crew of fixed size it is the one that has been idle longest, so the work is spread evenly.
   * Where the size may vary it is the one that was busy last, so that those who are not needed stay
   * idle and leave.
   */
  takeIdle(): PoolWorker<Job, Value> | undefined {
    return this.#limits.min === this.#limits.max ? this.#idle.shift() : this.#idle.pop();
  }

  /** Whether a queue of so many jobs is worth another worker. */
  mayGrow(queued: number, isFull: boolean): boolean {
    const { growAt, max } = this.#limits;
    return this.size < max && (this.size === 0 || queued >= growAt || isFull);
  }

  /** Brings in another worker, who is neither idle nor busy yet. */
  add(): PoolWorker<Job, Value> {
    const id = this.#freeIds.pop() ?? this.size + 1;
    const worker = new PoolWorker(id, this.#clock.now(), this.#foreman);
    this.#workers.set(id, worker);
    return worker;
  }

  /** Whether a worker whose job is done is one too many. */
  get hasSurplus(): boolean {
    return this.size > this.#limits.max;
  }

  /** Takes back a worker whose job was done at `now`; it leaves if it is one too many. */
  rest(worker: PoolWorker<Job, Value>, now: number): void {
    if (this.hasSurplus) return this.#leave(worker);
    worker.since = now;
    this.#idle.push(worker);
    this.#watchIdleness();
  }

  /** Sends everybody home: the idle now, the busy after their job. */
  disband(): void {
    this.resize({ ...this.#limits, min: 0, max: 0 });
  }

  #leave(worker: PoolWorker<Job, Value>): void {
    this.#workers.delete(worker.id);
    this.#freeIds.push(worker.id, -worker.id);
  }

  /** One timer for the crew, set for the one that has been idle longest. */
  #watchIdleness(): void {
    const { min, idleMs } = this.#limits;
    const idlest = this.#idle[0];
    if (this.#cancelTimer !== undefined || idlest === undefined) return;
    if (this.size <= min || idleMs === Infinity) return;
    this.#cancelTimer = this.#clock.schedule(idlest.since + idleMs - this.#clock.now(), () => {
      this.#cancelTimer = undefined;
      this.#dismissIdle();
      this.#watchIdleness();
    });
  }

  #dismissIdle(): void {
    const now = this.#clock.now();
    for (let idlest = this.#idle[0]; idlest !== undefined; idlest = this.#idle[0]) {
      if (this.size <= this.#limits.min || now - idlest.since < this.#limits.idleMs) return;
      this.#leave(this.#idle.shift()!);
    }
  }
}
