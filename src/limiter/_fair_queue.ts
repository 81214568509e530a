import { AccountHeap } from "./_account_heap.ts";
import type { Account, Take } from "./_bandwidth_account.ts";

/** Virtual time starts anew when that much, in roundings, has passed: large numbers are coarse. */
const EPOCH = 1e13;

/**
 * Divides bytes among accounts by weight: generalised processor sharing, told in virtual time.
 *
 * Virtual time is the bytes that each unit of weight was paid so far. It passes slowly when many
 * want to be paid and fast when few do, so the virtual time at which a take will be paid doesn't
 * change when others come and go. It is worked out once, and a heap tells which one is next, as in
 * the weighted fair queueing of Demers, Keshav and Shenker ("Analysis and simulation of a fair
 * queueing algorithm", 1989) and of Parekh and Gallager ("A generalized processor sharing approach
 * to flow control", 1993). There a queue that is empty gets nothing. Here it is paid on, up to what
 * it may save, and a second heap tells who will first be full.
 *
 * Each active account is either hungry or idle, and is paid unless it is full. What one may save
 * grows when others leave, but an account that is full stays so until it takes again. Otherwise
 * everyone who is full would have to be looked at whenever somebody leaves. As it is, an account
 * gets full at most once for each time it takes, so that a take costs the logarithm of the number
 * of accounts on average.
 */
export class FairQueue {
  /** Virtual time. */
  #time = 0;
  /** Those with takes, by when the first one is paid. */
  readonly #hungry = new AccountHeap((account) => account.dueAt);
  /** Those without, by when they were last active. */
  readonly #idle = new AccountHeap((account) => account.lastActive);
  /** Those of either kind that aren't full, by when all their takes are paid. */
  readonly #filling = new AccountHeap((account) => account.paidAt);

  /** The sum of the weights of the active accounts. */
  get weight(): number {
    return this.#hungry.weight + this.#idle.weight;
  }

  /** The active account without takes that was so for longest. */
  get idle(): Account | undefined {
    return this.#idle.first;
  }

  /** The bytes that must come in until the first take is paid, if nobody gets full before. */
  get missing(): number {
    const first = this.#hungry.first;
    return first === undefined ? Infinity : (first.dueAt - this.#time) * this.#filling.weight;
  }

  has(account: Account): boolean {
    return this.#hungry.has(account) || this.#idle.has(account);
  }

  /** Makes an account active, from `now` on the clock. */
  enter(account: Account, now: number): void {
    account.lastActive = now;
    if (!this.has(account)) {
      account.paidAt = this.#time;
      this.#filling.put(account);
    }
    if (!account.hungry) this.#idle.put(account);
  }

  /** Takes an account without takes out, and returns the bytes it had saved. */
  leave(account: Account): number {
    if (!this.has(account)) return 0;
    const saved = this.#saved(account);
    account.fullAt = undefined;
    this.#idle.delete(account);
    this.#filling.delete(account);
    return saved;
  }

  /** Pays for bytes, but for `rounding`, with what was saved; false if that is not enough. */
  spend(account: Account, bytes: number, rounding: number): boolean {
    if (account.hungry || this.#saved(account) < bytes - rounding) return false;
    this.#want(account, bytes);
    return true;
  }

  /** Lets a take of an active account wait. */
  add(take: Take): void {
    const { account, bytes } = take;
    this.#resume(account);
    if (!account.hungry) account.startAt = account.paidAt;
    account.takes.add(take);
    this.#want(account, bytes);
    this.#queue(account);
  }

  /** Takes out a take that won't be served. What was paid for it stays with its account. */
  remove(take: Take): void {
    take.account.takes.delete(take);
    this.#want(take.account, -take.bytes);
    this.#queue(take.account);
  }

  /**
   * Pays out bytes, and returns those that are left when all accounts are full, that is when they
   * have saved their part of `savings`. A room of `rounding` bytes is none.
   */
  pay(bytes: number, savings: number, rounding: number): number {
    if (this.#time * this.#filling.weight > rounding * EPOCH) this.#startAnew();
    const allowance = savings / this.weight;
    for (let next = this.#filling.first; next !== undefined; next = this.#filling.first) {
      const weight = this.#filling.weight;
      const room = Math.max(0, next.paidAt + allowance - this.#time);
      const share = Math.max(0, bytes) / weight;
      if (room > share + rounding / weight) {
        this.#time += share;
        return Math.min(0, bytes);
      }
      this.#time += room;
      bytes -= room * weight;
      next.fullAt = this.#time;
      this.#filling.delete(next);
    }
    return bytes;
  }

  /** Takes out those takes that are paid but for `rounding` bytes, at `now` on the clock. */
  *finish(rounding: number, now: number): Generator<Take> {
    for (let next = this.#hungry.first; next !== undefined; next = this.#hungry.first) {
      if (next.dueAt > this.#time + rounding / this.#filling.weight) return;
      const [take] = next.takes;
      next.takes.delete(take!);
      next.startAt = next.dueAt;
      next.lastActive = now;
      this.#queue(next);
      yield take!;
    }
  }

  /** Leaves idle accounts no more than their part of `savings`. This one looks at them all. */
  trim(savings: number): void {
    const earliest = this.#time - savings / this.weight;
    for (const account of this.#idle) {
      this.#resume(account);
      account.paidAt = Math.max(account.paidAt, earliest);
      this.#filling.put(account);
    }
  }

  #saved(account: Account): number {
    return ((account.fullAt ?? this.#time) - account.paidAt) * account.weight;
  }

  /** Changes by some bytes what an account is paid for. */
  #want(account: Account, bytes: number): void {
    this.#resume(account);
    account.paidAt += bytes / account.weight;
    this.#filling.put(account);
  }

  /** Lets virtual time pass again for an account that was full. */
  #resume(account: Account): void {
    if (account.fullAt === undefined) return;
    account.paidAt += this.#time - account.fullAt;
    account.fullAt = undefined;
  }

  /** Puts an account where it belongs by its first take. */
  #queue(account: Account): void {
    const [first] = account.takes;
    if (first === undefined) {
      this.#hungry.delete(account);
      this.#idle.put(account);
    } else {
      account.dueAt = account.startAt + first.bytes / account.weight;
      this.#idle.delete(account);
      this.#hungry.put(account);
    }
  }

  #startAnew(): void {
    for (const heap of [this.#hungry, this.#idle]) {
      for (const account of heap) account.shift(-this.#time);
    }
    this.#time = 0;
  }
}
