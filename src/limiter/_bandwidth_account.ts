/** A take that waits. */
export interface Take {
  readonly account: Account;
  readonly bytes: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * One user of a bandwidth limiter: what it waits for, and how far it is paid.
 *
 * That is told in virtual time, the bytes that each unit of weight was paid so far. So one addition
 * to the time pays everyone; see `FairQueue`, which keeps these fields.
 */
export class Account {
  readonly weight: number;
  /** When this user last asked for bytes, or got some; on the clock, in milliseconds. */
  lastActive = -Infinity;
  /** The takes that wait, first come first. A set, so that one can leave from anywhere at once. */
  readonly takes = new Set<Take>();
  /** When the first take began to be paid. */
  startAt = 0;
  /** When the first take is paid. */
  dueAt = 0;
  /** When all takes are paid; from then on it saves. */
  paidAt = 0;
  /** When it had saved all that it may. It is not paid from then on, until it takes again. */
  fullAt: number | undefined;

  constructor(weight: number) {
    this.weight = weight;
  }

  get hungry(): boolean {
    return this.takes.size > 0;
  }

  /** Moves it in virtual time. */
  shift(by: number): void {
    this.startAt += by;
    this.dueAt += by;
    this.paidAt += by;
    if (this.fullAt !== undefined) this.fullAt += by;
  }
}
