/** A take that waits. */
export interface Take {
  readonly account: Account;
  readonly bytes: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** What one user of a bandwidth limiter was paid and what it waits for. */
export class Account {
  readonly weight: number;
  /** Bytes that were paid in and not used up by a finished take. */
  credit = 0;
  /** When this user last asked for bytes, or got some. */
  lastActive = -Infinity;
  /** The takes that wait, first come first. A set, so that one can leave from anywhere at once. */
  readonly takes = new Set<Take>();
  #wanted = 0;

  constructor(weight: number) {
    this.weight = weight;
  }

  get hungry(): boolean {
    return this.takes.size > 0;
  }

  /** Bytes that it can still be paid: for its takes, and `allowance` ahead. */
  room(allowance: number): number {
    return Math.max(0, this.#wanted + allowance - this.credit);
  }

  /** Bytes that its first take lacks. */
  get missing(): number {
    const [first] = this.takes;
    return first === undefined ? 0 : first.bytes - this.credit;
  }

  add(take: Take): void {
    this.takes.add(take);
    this.#wanted += take.bytes;
  }

  remove(take: Take): void {
    this.takes.delete(take);
    this.#wanted = this.hungry ? this.#wanted - take.bytes : 0;
  }

  /** Takes out, in order, those takes that are paid for but for `rounding` bytes. */
  *finish(rounding: number): Generator<Take> {
    for (const take of this.takes) {
      if (this.credit < take.bytes - rounding) return;
      this.credit -= take.bytes;
      this.remove(take);
      yield take;
    }
  }
}
