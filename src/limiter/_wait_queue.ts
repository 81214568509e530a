import type { Clock } from "../clock/mod.ts";
import { AbortGroups } from "./_abort_groups.ts";
import { NOT_DUE } from "./_refill.ts";
import { LimitExceededError } from "./limit_exceeded_error.ts";

/** What a limiter tells its queue. */
export interface Gate {
  /** The milliseconds until `n` events may happen, for whoever is first; 0 or less is now. */
  delayMs(n: number): number;
  /** Takes `n` events. */
  take(n: number): void;
  /**
   * Somebody who wanted `n` events leaves, with `upTo` events queued up to and including those, and
   * a debt behind that was promised for `promisedAt`. Returns how many of the `n` must be taken all
   * the same.
   */
  keepBack?(n: number, upTo: number, promisedAt: number): number;
}

/** Options of {@linkcode WaitQueue.wait}. */
export interface QueuedWait {
  signal?: AbortSignal | undefined;
  maxWaitMs?: number | undefined;
}

/** One place in the queue: a waiter, or a debt that is paid as soon as it comes first. */
export interface Place {
  n: number;
  readonly waiter: Waiter | undefined;
  /** The moment that the debtor was promised; `-Infinity` for none. */
  readonly promisedAt: number;
  queued: boolean;
  previous: Place | undefined;
  next: Place | undefined;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
  stopDeadline: (() => void) | undefined;
}

/** First come, first served, with one timer: that of whoever is first. */
export class WaitQueue {
  readonly #clock: Clock;
  readonly #gate: Gate;
  readonly #groups: AbortGroups<Place>;
  #first: Place | undefined;
  #last: Place | undefined;
  #total = 0;
  #debts = 0;
  #dueAt = NOT_DUE;
  #stopTimer: (() => void) | undefined;

  constructor(clock: Clock, gate: Gate) {
    this.#clock = clock;
    this.#gate = gate;
    this.#groups = new AbortGroups((places, reason) => {
      for (const place of places) this.#leave(place, reason);
      this.retime();
    });
  }

  /** The events that all places together want. */
  get total(): number {
    return this.#total;
  }

  get empty(): boolean {
    return this.#first === undefined;
  }

  /** The moment for which the timer is set. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** Queues up; resolves once served, rejects with the signal's reason or at the deadline. */
  wait(n: number, { signal, maxWaitMs }: QueuedWait): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { resolve, reject, signal, stopDeadline: undefined };
    const place = this.#append(n, waiter, -Infinity);
    if (signal !== undefined) this.#groups.join(signal, place);
    if (maxWaitMs !== undefined && maxWaitMs < Infinity) {
      waiter.stopDeadline = this.#clock.schedule(maxWaitMs, () => this.#expire(place, maxWaitMs));
    }
    if (this.#first === place) this.retime();
    return promise;
  }

  /**
   * Queues a debt of `n` events, whose debtor was promised to act at that moment. The queue must
   * not be empty.
   */
  owe(n: number, promisedAt: number): Place {
    this.#debts++;
    return this.#append(n, undefined, promisedAt);
  }

  /** Lowers what a debt takes to `n`. */
  reduce(place: Place, n: number): void {
    this.#total -= place.n - n;
    place.n = n;
  }

  /** Serves everyone whose turn has come, and sets the timer anew. */
  retime(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    for (let place = this.#first; place !== undefined; place = this.#first) {
      const delay = place.waiter === undefined ? 0 : this.#gate.delayMs(place.n);
      if (delay > 0) return this.#setTimer(delay);
      this.#gate.take(place.n);
      this.#unlink(place);
      place.waiter?.resolve();
    }
    this.#dueAt = NOT_DUE;
  }

  #setTimer(delay: number): void {
    if (delay === Infinity) {
      this.#dueAt = NOT_DUE;
      return;
    }
    this.#dueAt = this.#clock.now() + delay;
    this.#stopTimer = this.#clock.schedule(delay, () => this.retime());
  }

  #expire(place: Place, maxWaitMs: number): void {
    // The same moment may be the place's turn.
    this.retime();
    if (!place.queued) return;
    const message = `Cannot wait: the limit did not allow ${place.n} within ${maxWaitMs} ms`;
    const retryAfterMs = this.#gate.delayMs(this.#queuedUpTo(place));
    this.#leave(place, new LimitExceededError(message, retryAfterMs));
    this.retime();
  }

  #leave(place: Place, reason: unknown): void {
    const kept = this.#keptBack(place);
    if (kept > 0) this.#insertDebt(kept, place);
    this.#unlink(place);
    place.waiter?.reject(reason);
  }

  #keptBack(place: Place): number {
    // Without debts, the common case, there is no need to search the queue.
    if (this.#debts === 0 || this.#gate.keepBack === undefined) return 0;
    let promisedAt = -Infinity;
    for (let each = place.next; each !== undefined; each = each.next) {
      promisedAt = Math.max(promisedAt, each.promisedAt);
    }
    if (promisedAt === -Infinity) return 0;
    return this.#gate.keepBack(place.n, this.#queuedUpTo(place), promisedAt);
  }

  #queuedUpTo(place: Place): number {
    let sum = 0;
    for (let each: Place | undefined = place; each !== undefined; each = each.previous) {
      sum += each.n;
    }
    return sum;
  }

  #append(n: number, waiter: Waiter | undefined, promisedAt: number): Place {
    const previous = this.#last;
    const place: Place = { n, waiter, promisedAt, queued: true, previous, next: undefined };
    if (previous === undefined) this.#first = place;
    else previous.next = place;
    this.#last = place;
    this.#total += n;
    return place;
  }

  #insertDebt(n: number, next: Place): void {
    const previous = next.previous;
    const promisedAt = -Infinity;
    const debt: Place = { n, waiter: undefined, promisedAt, queued: true, previous, next };
    if (previous === undefined) this.#first = debt;
    else previous.next = debt;
    next.previous = debt;
    this.#total += n;
    this.#debts++;
  }

  #unlink(place: Place): void {
    if (place.previous === undefined) this.#first = place.next;
    else place.previous.next = place.next;
    if (place.next === undefined) this.#last = place.previous;
    else place.next.previous = place.previous;
    place.previous = place.next = undefined;
    place.queued = false;
    this.#total = this.#first === undefined ? 0 : this.#total - place.n;
    const waiter = place.waiter;
    if (waiter === undefined) this.#debts--;
    if (waiter?.signal !== undefined) this.#groups.leave(waiter.signal, place);
    waiter?.stopDeadline?.();
  }
}
