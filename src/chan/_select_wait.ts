import { type Abortable, unwatch, watch } from "./_abort.ts";
import { wake } from "./_turn.ts";

/** A case of a waiting select, wherever it waits. */
export interface Parked {
  /** Stops waiting there; does nothing if it waits no more. */
  leave(): void;
  /** The next case of the same select. */
  sibling: Parked | null;
}

/** What a select yields: which case happened, and what came of it. */
export interface Outcome {
  readonly key: string;
  readonly value?: unknown;
  readonly ok?: boolean;
}

/** A select that found nothing ready. The first of its cases to happen takes the others away. */
export class SelectWait implements Abortable {
  readonly promise: Promise<Outcome>;
  #resolve!: (outcome: Outcome) => void;
  #reject!: (reason: unknown) => void;
  readonly #signal: AbortSignal | undefined;
  #parked: Parked | null = null;

  constructor(signal: AbortSignal | undefined) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#signal = signal;
    if (signal !== undefined) watch(signal, this);
  }

  add(parked: Parked): void {
    parked.sibling = this.#parked;
    this.#parked = parked;
  }

  finish(outcome: Outcome): void {
    this.#leave();
    wake(this.#resolve, outcome);
  }

  fail(error: unknown): void {
    this.#leave();
    this.#reject(error);
  }

  abort(reason: unknown): void {
    this.fail(reason);
  }

  #leave(): void {
    for (let parked = this.#parked; parked !== null; parked = parked.sibling) parked.leave();
    if (this.#signal !== undefined) unwatch(this.#signal, this);
  }
}
