import type { Clock } from "../../src/clock/mod.ts";
import { NOT_DUE, Refill } from "../../src/limiter/_refill.ts";
import { ROUNDING_MS } from "../../src/limiter/_rounding.ts";

const BRIDGE_MS = 50;

interface ModelTake {
  readonly bytes: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** One user: its credit in bytes, and the takes that wait. */
export class ModelUser {
  readonly weight: number;
  takes: ModelTake[] = [];
  credit = 0;
  lastActive = -Infinity;
  full = false;

  constructor(weight: number) {
    this.weight = weight;
  }

  get hungry(): boolean {
    return this.takes.length > 0;
  }
}

/**
 * What a `BandwidthLimiter` does, in the plainest way: each time anything happens it walks all
 * active users, and pours the bytes that came in into their accounts until they are full.
 */
export class BandwidthModel {
  readonly #clock: Clock;
  readonly #pool: Refill;
  #active: ModelUser[] = [];
  #bytesPerSecond: number;
  #dueAt = NOT_DUE;
  #stopTimer: (() => void) | undefined;

  constructor(bytesPerSecond: number, clock: Clock) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#pool = new Refill(clock, bytesPerSecond, this.#savings, 0);
  }

  take(user: ModelUser, bytes: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#pool.infinite) return Promise.resolve();
    user.lastActive = this.#clock.now();
    user.full = false;
    if (!this.#active.includes(user)) this.#active.push(user);
    if (user.credit >= bytes - this.#pool.perMs * ROUNDING_MS && !user.hungry) {
      user.credit -= bytes;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      user.takes.push({ bytes, signal, resolve, reject });
      signal?.addEventListener("abort", () => this.#cancel(signal));
      this.#divide();
    });
  }

  leave(user: ModelUser): void {
    for (const take of user.takes) take.reject("left");
    user.takes = [];
    this.#retire(user);
    this.#divide();
  }

  setRate(bytesPerSecond: number): void {
    this.#divide();
    this.#bytesPerSecond = bytesPerSecond;
    this.#pool.cap = this.#savings;
    this.#pool.setRate(bytesPerSecond);
    this.#pool.tokens = Math.min(this.#pool.tokens, this.#pool.cap);
    for (const user of this.#active.filter(({ hungry }) => !hungry)) {
      user.credit = Math.min(user.credit, this.#allowance(user));
      user.full = false;
    }
    this.#divide();
  }

  /** All takes with the same signal end together, before anybody gets what was paid for them. */
  #cancel(signal: AbortSignal): void {
    const quits = this.#active.filter(({ takes }) => takes.some((take) => take.signal === signal));
    for (const user of quits) {
      for (const take of user.takes) if (take.signal === signal) take.reject(signal.reason);
      user.takes = user.takes.filter((take) => take.signal !== signal);
      if (!user.hungry) this.#retire(user);
    }
    if (quits.length > 0) this.#divide();
  }

  #divide(): void {
    this.#stopTimer?.();
    const now = this.#pool.advance(this.#dueAt);
    for (const user of this.#active) {
      if (!user.hungry && now - user.lastActive > BRIDGE_MS + ROUNDING_MS) this.#retire(user);
    }
    if (this.#bytesPerSecond > 0) {
      this.#pay();
      for (const user of this.#active) this.#finish(user, now);
    }
    const delay = this.#delayMs();
    this.#dueAt = delay === Infinity ? NOT_DUE : now + delay;
    this.#stopTimer = delay === Infinity
      ? undefined
      : this.#clock.schedule(delay, () => this.#divide());
  }

  #retire(user: ModelUser): void {
    this.#active = this.#active.filter((each) => each !== user);
    this.#pool.tokens += user.credit;
    user.credit = 0;
    user.full = false;
  }

  /** Pours until nothing is left or everyone is full. */
  #pay(): void {
    for (;;) {
      for (const user of this.#active) user.full ||= this.#room(user) <= this.#rounding(user);
      const open = this.#open;
      if (open.length === 0 || this.#pool.tokens <= 0) return;
      const weights = sum(open);
      const perWeight = Math.min(
        this.#pool.tokens / weights,
        ...open.map((user) => this.#room(user) / user.weight),
      );
      for (const user of open) user.credit += perWeight * user.weight;
      const emptied = perWeight === this.#pool.tokens / weights;
      this.#pool.tokens = emptied ? 0 : this.#pool.tokens - perWeight * weights;
    }
  }

  #finish(user: ModelUser, now: number): void {
    while (user.hungry && user.credit >= user.takes[0]!.bytes - this.#rounding(user)) {
      const take = user.takes.shift()!;
      user.credit -= take.bytes;
      user.lastActive = now;
      take.resolve();
    }
    if (this.#pool.infinite) user.credit = 0;
  }

  /** When the first take is paid if nobody gets full before, but soon if somebody might. */
  #delayMs(): number {
    const hungry = this.#active.filter((user) => user.hungry);
    if (this.#bytesPerSecond === 0 || hungry.length === 0) return Infinity;
    const weights = sum(this.#open);
    const delays = hungry.map(({ takes, credit, weight }) =>
      (takes[0]!.bytes - credit) / this.#pool.perMs * weights / weight
    );
    return Math.min(...delays, hungry.length < this.#active.length ? BRIDGE_MS : Infinity);
  }

  get #savings(): number {
    return this.#bytesPerSecond === Infinity ? 0 : this.#bytesPerSecond * BRIDGE_MS / 1_000;
  }

  /** Those who get more bytes. */
  get #open(): ModelUser[] {
    return this.#active.filter(({ full }) => !full);
  }

  /** Bytes that come in for a user in no time. */
  #rounding({ weight }: ModelUser): number {
    return this.#pool.perMs * ROUNDING_MS * weight / sum(this.#open);
  }

  #allowance({ weight }: ModelUser): number {
    return this.#savings * weight / sum(this.#active);
  }

  #room(user: ModelUser): number {
    const wanted = user.takes.reduce((all, { bytes }) => all + bytes, 0);
    return wanted + this.#allowance(user) - user.credit;
  }
}

function sum(users: readonly ModelUser[]): number {
  return users.reduce((all, { weight }) => all + weight, 0);
}
