import type { Account } from "./_bandwidth_account.ts";

/** A sum that has shrunk to less than this part of what it was is mostly its rounding error. */
const ROUNDED_AWAY = 1e-6;

/**
 * Accounts, least key first, and the sum of their weights.
 *
 * It is a binary heap: putting one in, moving it when its key has changed, and taking it out cost
 * the logarithm of the number of accounts.
 */
export class AccountHeap {
  readonly #key: (account: Account) => number;
  readonly #accounts: Account[] = [];
  readonly #places = new Map<Account, number>();
  #weight = 0;
  #largest = 0;

  constructor(key: (account: Account) => number) {
    this.#key = key;
  }

  get size(): number {
    return this.#accounts.length;
  }

  /** The sum of the weights. */
  get weight(): number {
    return this.#weight;
  }

  /** The account of the least key. */
  get first(): Account | undefined {
    return this.#accounts[0];
  }

  has(account: Account): boolean {
    return this.#places.has(account);
  }

  /** In no order. */
  [Symbol.iterator](): IterableIterator<Account> {
    return this.#accounts.values();
  }

  /** Puts an account in, or where it belongs now that its key has changed. */
  put(account: Account): void {
    let place = this.#places.get(account);
    if (place === undefined) {
      place = this.#accounts.length;
      this.#weight += account.weight;
      this.#largest = Math.max(this.#largest, this.#weight);
    }
    this.#settle(account, place);
  }

  /** Takes an account out, if it is in. */
  delete(account: Account): void {
    const place = this.#places.get(account);
    if (place === undefined) return;
    this.#places.delete(account);
    const last = this.#accounts.pop()!;
    if (last !== account) this.#settle(last, place);
    this.#weight -= account.weight;
    if (this.#weight <= this.#largest * ROUNDED_AWAY) this.#addUp();
  }

  /** Whether `a` is nearer to the top than `b`. */
  before(a: Account, b: Account): boolean {
    return this.#key(a) < this.#key(b);
  }

  #addUp(): void {
    this.#weight = 0;
    for (const { weight } of this) this.#weight += weight;
    this.#largest = this.#weight;
  }

  /** Puts an account up or down from a place that is free. */
  #settle(account: Account, place: number): void {
    const accounts = this.#accounts;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!this.before(account, accounts[above]!)) break;
      this.#set(place, accounts[above]!);
      place = above;
    }
    for (let below = 2 * place + 1; below < accounts.length; below = 2 * place + 1) {
      const other = below + 1;
      if (other < accounts.length && this.before(accounts[other]!, accounts[below]!)) below = other;
      if (!this.before(accounts[below]!, account)) break;
      this.#set(place, accounts[below]!);
      place = below;
    }
    if (accounts[place] !== account) this.#set(place, account);
  }

  #set(place: number, account: Account): void {
    this.#accounts[place] = account;
    this.#places.set(account, place);
  }
}
