import { after, Chan, type ReceiveChan, receiveFrom, select, sendTo } from "../chan/mod.ts";
import { type Clock, turn } from "../clock/mod.ts";
import { PriorityQueue } from "../pool/mod.ts";

/** What the scheduler must know of a task. */
export interface Schedulable {
  /** Higher goes first among those that wait. */
  readonly priority: number;
  /** The scheduler's own note: the key under which a worker has it. */
  begunAs?: string | undefined;
}

/** What decides whether a task may begin. */
export interface SchedulerRules<Task> {
  /** Tasks with the same key wait for each other. */
  keyOf(task: Task): string;
  /**
   * The milliseconds until a task may begin: 0 if it may now, `Infinity` if it must wait until
   * another one with its key has ended.
   */
  waitMs(task: Task): number;
  /** A task is being handed out. */
  begin(task: Task): void;
}

/**
 * Decides which task a free worker gets next: the highest priority first, in order of arrival among
 * equals, and a task that is to be tried again not before its time.
 *
 * It holds a bounded number of tasks that no worker has begun, which is what holds back the reader
 * of an endless list. It owns {@linkcode Scheduler.ready} and closes it when nothing can follow.
 */
export class Scheduler<Task extends Schedulable> {
  /** Where workers take their next task; nothing is handed out before a worker asks. */
  readonly ready: ReceiveChan<Task>;
  readonly #ready = new Chan<Task>();
  readonly #changed = new Chan<void>(1);
  readonly #room = new Chan<void>(1);
  readonly #waiting = new PriorityQueue<Task>();
  readonly #delayed = new PriorityQueue<{ task: Task; dueMs: number }>();
  readonly #held = new Map<string, Task[]>();
  readonly #capacity: number;
  readonly #rules: SchedulerRules<Task>;
  readonly #clock: Clock;
  #open = true;
  #size = 0;
  /** What waits for a worker to take it. */
  #offered: Task | undefined;
  /** How many tasks workers have. */
  #begun = 0;
  /** Whether a task has asked for another order than that of arrival. */
  #hasPriorities = false;

  /** Holds at most `capacity` tasks that no worker has. */
  constructor(capacity: number, rules: SchedulerRules<Task>, clock: Clock) {
    this.ready = this.#ready;
    this.#capacity = capacity;
    this.#rules = rules;
    this.#clock = clock;
  }

  /** The tasks that no worker has. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds a task, waiting while there is no room.
   *
   * @throws the signal's reason when it aborts first.
   */
  async submit(task: Task, signal: AbortSignal): Promise<void> {
    while (this.#size >= this.#capacity) await this.#room.receive({ signal });
    this.#size++;
    this.#hasPriorities ||= task.priority !== 0;
    // A task behind another that could begin changes nothing.
    const first = this.#waiting.peek();
    this.#waiting.push(task, task.priority);
    if (!first || task.priority > first.priority) this.#changed.trySend();
  }

  /**
   * A worker has taken a task from {@linkcode Scheduler.ready}. It says so before anything else,
   * since the scheduler may hear of it only when the event loop has come round.
   */
  begin(task: Task): void {
    if (task === this.#offered) this.#handOut(task);
  }

  /** No more tasks will be submitted. */
  close(): void {
    this.#open = false;
    this.#changed.trySend();
  }

  /**
   * A task that was handed out has ended for good. `disturbs` says that what the rules answer for
   * others may be different now.
   */
  settle(task: Task, disturbs = false): void {
    const key = task.begunAs!;
    task.begunAs = undefined;
    this.#begun--;
    const held = this.#held.get(key);
    if (held) {
      this.#held.delete(key);
      for (const other of held) this.#waiting.push(other, other.priority);
    }
    if (held || disturbs || !this.#open) this.#changed.trySend();
  }

  /** A task that was handed out is to be handed out again after `delayMs` milliseconds. */
  retry(task: Task, delayMs: number): void {
    this.#size++;
    this.#delay(task, delayMs);
    this.settle(task, true);
  }

  /**
   * Serves until it is closed and every task has been settled, or until `signal` aborts. Resolves
   * with the number of tasks that are left.
   */
  async run(signal: AbortSignal): Promise<number> {
    const stopped = new Chan<void>();
    const onAbort = () => stopped.close();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      let isFirst = true;
      for (let idle = true; !signal.aborted;) {
        this.#releaseDue();
        const next = this.#next();
        if (next === undefined && this.#isDone) break;
        if (next !== undefined && idle && this.#open && (isFirst || this.#hasPriorities)) {
          // What can be read without waiting is read first, so that its priorities count.
          idle = isFirst = false;
          await turn();
          continue;
        }
        idle = next === undefined;
        if (next !== undefined && this.#ready.trySend(next)) {
          this.#handOut(next);
          continue;
        }
        this.#offered = next;
        const { key } = await select({
          stopped: receiveFrom(stopped),
          handOut: sendTo(next === undefined ? null : this.#ready, next!),
          changed: receiveFrom(this.#changed),
          due: this.#delayed.size === 0
            ? receiveFrom(null)
            : after(this.#untilDueMs, { clock: this.#clock }),
        }, { biased: true });
        if (key === "handOut") this.begin(next!);
        this.#offered = undefined;
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#ready.close();
    }
    return this.#size;
  }

  get #isDone(): boolean {
    return !this.#open && this.#size === 0 && this.#begun === 0;
  }

  get #untilDueMs(): number {
    return Math.max(0, this.#delayed.peek()!.dueMs - this.#clock.now());
  }

  /** A worker has taken `task`; ones of a higher priority may have come in the same turn. */
  #handOut(task: Task): void {
    const late: Task[] = [];
    for (let first = this.#waiting.pop(); first && first !== task; first = this.#waiting.pop()) {
      late.push(first);
    }
    for (const other of late) this.#waiting.push(other, other.priority);
    this.#offered = undefined;
    task.begunAs = this.#rules.keyOf(task);
    this.#begun++;
    this.#rules.begin(task);
    this.#size--;
    this.#room.trySend();
  }

  /** The task that is due next; those before it that must wait are put aside. */
  #next(): Task | undefined {
    for (;;) {
      const task = this.#waiting.peek();
      if (task === undefined) return undefined;
      const waitMs = this.#rules.waitMs(task);
      if (waitMs === 0) return task;
      this.#waiting.pop();
      if (waitMs === Infinity) this.#hold(task);
      else this.#delay(task, waitMs);
    }
  }

  #hold(task: Task): void {
    const key = this.#rules.keyOf(task);
    const held = this.#held.get(key);
    if (held) held.push(task);
    else this.#held.set(key, [task]);
  }

  #delay(task: Task, delayMs: number): void {
    const dueMs = this.#clock.now() + delayMs;
    this.#delayed.push({ task, dueMs }, -dueMs);
  }

  #releaseDue(): void {
    if (this.#delayed.size === 0) return;
    const now = this.#clock.now();
    for (let first = this.#delayed.peek(); first && first.dueMs <= now;) {
      this.#delayed.pop();
      this.#waiting.push(first.task, first.task.priority);
      first = this.#delayed.peek();
    }
  }
}
