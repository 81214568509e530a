import { after, Chan, type ReceiveChan, receiveFrom, select, sendTo } from "../chan/mod.ts";
import { type Clock, turn } from "../clock/mod.ts";
import { PriorityQueue } from "../pool/mod.ts";

/** What the scheduler must know of a task. */
export interface Schedulable {
  /** Higher goes first among those that wait. */
  readonly priority: number;
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
  readonly #capacity: number;
  readonly #clock: Clock;
  #open = true;
  #handedOut = 0;

  /** Holds at most `capacity` tasks that no worker has begun. */
  constructor(capacity: number, clock: Clock) {
    this.ready = this.#ready;
    this.#capacity = capacity;
    this.#clock = clock;
  }

  /**
   * Adds a task, waiting while there is no room.
   *
   * @throws the signal's reason when it aborts first.
   */
  async submit(task: Task, signal: AbortSignal): Promise<void> {
    while (this.#waiting.size >= this.#capacity) await this.#room.receive({ signal });
    this.#waiting.push(task, task.priority);
    this.#changed.trySend();
  }

  /** No more tasks will be submitted. */
  close(): void {
    this.#open = false;
    this.#changed.trySend();
  }

  /** A task that was handed out has ended for good. */
  settle(): void {
    this.#handedOut--;
    this.#changed.trySend();
  }

  /** A task that was handed out is to be handed out again after `delayMs` milliseconds. */
  retry(task: Task, delayMs: number): void {
    const dueMs = this.#clock.now() + delayMs;
    this.#delayed.push({ task, dueMs }, -dueMs);
    this.settle();
  }

  /**
   * Serves until it is closed and every task has been settled, or until `signal` aborts. Resolves
   * with the number of tasks that are left.
   */
  async run(signal: AbortSignal): Promise<number> {
    try {
      for (let idle = true; !signal.aborted;) {
        this.#releaseDue();
        const next = this.#waiting.peek();
        if (next === undefined && this.#isDone) break;
        if (next !== undefined && idle && this.#open) {
          // What can be read without waiting is read first, so that its priorities count.
          idle = false;
          await turn();
          continue;
        }
        idle = next === undefined;
        const { key } = await select({
          handOut: sendTo(next === undefined ? null : this.#ready, next!),
          changed: receiveFrom(this.#changed),
          due: after(this.#untilDueMs, { clock: this.#clock }),
        }, { signal, biased: true });
        if (key === "handOut") this.#handOut();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#ready.close();
    }
    return this.#waiting.size + this.#delayed.size;
  }

  get #isDone(): boolean {
    return !this.#open && this.#delayed.size === 0 && this.#handedOut === 0;
  }

  get #untilDueMs(): number {
    const first = this.#delayed.peek();
    return first ? Math.max(0, first.dueMs - this.#clock.now()) : Infinity;
  }

  #handOut(): void {
    this.#waiting.pop();
    this.#handedOut++;
    this.#room.trySend();
  }

  #releaseDue(): void {
    const now = this.#clock.now();
    for (let first = this.#delayed.peek(); first && first.dueMs <= now;) {
      this.#delayed.pop();
      this.#waiting.push(first.task, first.task.priority);
      first = this.#delayed.peek();
    }
  }
}
