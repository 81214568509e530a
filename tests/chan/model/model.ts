/**
 * Go's channels in the plainest way that could be right: arrays that are searched, no linked
 * lists, no promises. The real ones are compared with it.
 *
 * Every operation is a select, as in Go: `send` and `receive` have one case, the `try` forms
 * have a default.
 */

/** A case: a send if it has a value, and over a nil channel if `chan` is null. */
export interface ModelCase {
  readonly chan: number | null;
  readonly send?: number | undefined;
}

/** Which call of the real thing performs an operation. The model cares for the `try` forms only. */
export type Form = "call" | "next" | "many" | "select" | "biased" | "try" | "trySelect";

export interface Operation {
  readonly id: number;
  readonly form: Form;
  readonly cases: readonly ModelCase[];
  /** How many values a `many` takes at most. */
  readonly max?: number | undefined;
}

/** Something that a program does. */
export type Action =
  | { readonly does: "start"; readonly operation: Operation }
  | { readonly does: "close"; readonly chan: number; readonly failed: boolean }
  | { readonly does: "cancel"; readonly id: number };

export interface ModelChanOptions {
  readonly capacity: number;
  readonly overflow?: "wait" | "dropOldest" | "dropNewest" | undefined;
}

interface ModelChan extends ModelChanOptions {
  buffer: number[];
  closed: boolean;
  /** Set when it was closed with a cause. */
  failed: boolean;
  dropped: number[];
}

/** Picks one of `count` ready cases. */
export type Pick = (count: number) => number;

export class Model {
  readonly chans: ModelChan[];
  /** Those who wait, the longest first. */
  pending: Operation[] = [];
  /** What became of each operation that is over, in words. */
  readonly outcomes: Map<number, string> = new Map<number, string>();

  constructor(chans: readonly ModelChanOptions[]) {
    this.chans = chans.map((options) => ({
      ...options,
      buffer: [],
      closed: false,
      failed: false,
      dropped: [],
    }));
  }

  clone(): Model {
    const copy = new Model([]);
    copy.chans.push(...this.chans.map((chan) => ({
      ...chan,
      buffer: [...chan.buffer],
      dropped: [...chan.dropped],
    })));
    copy.pending = [...this.pending];
    for (const [id, outcome] of this.outcomes) copy.outcomes.set(id, outcome);
    return copy;
  }

  take(action: Action, pick: Pick): void {
    if (action.does === "start") this.#start(action.operation, pick);
    else if (action.does === "cancel") this.#cancel(action.id);
    else this.#close(action.chan, action.failed);
  }

  #start(operation: Operation, pick: Pick): void {
    const ready = this.#readyCases(operation);
    if (ready.length > 0) {
      const index = operation.form === "biased" || ready.length === 1 ? 0 : pick(ready.length);
      this.#perform(operation, ready[index]!);
    } else if (operation.form === "try" || operation.form === "trySelect") {
      this.outcomes.set(operation.id, "would wait");
    } else {
      this.pending.push(operation);
    }
  }

  #readyCases(operation: Operation): number[] {
    return operation.cases.keys().filter((index) => this.#isReady(operation.cases[index]!))
      .toArray();
  }

  #cancel(id: number): void {
    if (!this.pending.some((operation) => operation.id === id)) return;
    this.pending = this.pending.filter((operation) => operation.id !== id);
    this.outcomes.set(id, "cancelled");
  }

  #close(index: number, failed: boolean): void {
    const chan = this.chans[index]!;
    if (chan.closed) return;
    chan.closed = true;
    chan.failed = failed;
    for (let waiting = this.#anyWaiting(index); waiting; waiting = this.#anyWaiting(index)) {
      const [operation, caseIndex] = waiting;
      const { send } = operation.cases[caseIndex]!;
      this.#finish(operation, caseIndex, send === undefined ? this.#end(chan) : `back ${send}`);
    }
  }

  #isReady({ chan: index, send }: ModelCase): boolean {
    if (index === null) return false;
    const chan = this.chans[index]!;
    if (chan.closed) return true;
    if (send === undefined) return chan.buffer.length > 0 || this.#waiting(index, true) !== null;
    return this.#waiting(index, false) !== null || chan.buffer.length < chan.capacity ||
      (chan.overflow ?? "wait") !== "wait";
  }

  #perform(operation: Operation, caseIndex: number): void {
    const { chan, send } = operation.cases[caseIndex]!;
    if (send !== undefined) {
      this.#finish(operation, caseIndex, this.#give(chan!, send));
      return;
    }
    const outcomes = [this.#take(chan!)];
    while (outcomes.length < (operation.max ?? 1) && this.#hasValue(chan!)) {
      outcomes.push(this.#take(chan!));
    }
    this.#finish(operation, caseIndex, outcomes.join(" "));
  }

  #give(index: number, value: number): string {
    const chan = this.chans[index]!;
    if (chan.closed) return "closed";
    const receiver = this.#waiting(index, false);
    if (receiver !== null) this.#finish(...receiver, `${value}`);
    else if (chan.buffer.length < chan.capacity) chan.buffer.push(value);
    else if (chan.overflow === "dropNewest" || chan.capacity === 0) chan.dropped.push(value);
    else {
      chan.dropped.push(chan.buffer.shift()!);
      chan.buffer.push(value);
    }
    return "sent";
  }

  #take(index: number): string {
    const chan = this.chans[index]!;
    const sender = this.#waiting(index, true);
    if (sender !== null) {
      const [operation, caseIndex] = sender;
      chan.buffer.push(operation.cases[caseIndex]!.send!);
      this.#finish(operation, caseIndex, "sent");
    }
    return chan.buffer.length > 0 ? `${chan.buffer.shift()}` : this.#end(chan);
  }

  #hasValue(index: number): boolean {
    return this.chans[index]!.buffer.length > 0 || this.#waiting(index, true) !== null;
  }

  #end(chan: ModelChan): string {
    return chan.failed ? "failed" : "end";
  }

  /** The operation that waits longest to send to, or to receive from, a channel. */
  #waiting(index: number, sending: boolean): [Operation, number] | null {
    for (const operation of this.pending) {
      const caseIndex = operation.cases.findIndex(({ chan, send }) =>
        chan === index && (send !== undefined) === sending
      );
      if (caseIndex >= 0) return [operation, caseIndex];
    }
    return null;
  }

  /** Receivers first, as nobody can tell the difference unless one select has both. */
  #anyWaiting(index: number): [Operation, number] | null {
    return this.#waiting(index, false) ?? this.#waiting(index, true);
  }

  #finish(operation: Operation, caseIndex: number, outcome: string): void {
    this.pending = this.pending.filter((other) => other !== operation);
    // An error does not say which case it comes from.
    const key = operation.cases.length > 1 && !/closed|failed|back/.test(outcome);
    this.outcomes.set(operation.id, key ? `${caseIndex}: ${outcome}` : outcome);
  }
}
