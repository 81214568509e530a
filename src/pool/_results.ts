import { Chan, type ReceiveChan } from "../chan/mod.ts";

/**
 * Where results go. A worker is held until `deliver` has settled: that is how a slow reader slows
 * the pool down.
 */
export interface Results<R> {
  readonly chan: ReceiveChan<R>;
  /** Numbers a job that starts. */
  begin(): number;
  /** Passes the result of a numbered job on; a promise means that the worker must wait. */
  deliver(order: number, result: R): Promise<void> | undefined;
  /** Closes the channel once everything delivered is in it. */
  end(): Promise<void> | undefined;
  /** Closes the channel at once; readers get the cause after what is in its buffer. */
  abandon(cause: unknown): void;
}

/** Results as the jobs complete: the channel alone. */
class CompletedResults<R> implements Results<R> {
  readonly chan: Chan<R>;

  constructor(capacity: number) {
    this.chan = new Chan<R>(capacity, { name: "results" });
  }

  begin(): number {
    return 0;
  }

  deliver(_order: number, result: R): Promise<void> | undefined {
    return this.chan.trySend(result) ? undefined : this.chan.send(result);
  }

  end(): undefined {
    this.chan.close();
  }

  abandon(cause: unknown): void {
    this.chan.close(cause);
  }
}

/**
 * Results in the order in which their jobs started.
 *
 * One that is ready too early is parked. There are as many parking places as the channel has room;
 * a worker that finds none is held, so a slow job costs bounded memory: in the end the others wait
 * for it.
 */
class OrderedResults<R> implements Results<R> {
  readonly chan: Chan<R>;
  readonly #parked = new Map<number, R>();
  /** Counts the places taken: a send takes one, a receive gives one back. */
  readonly #places: Chan<void>;
  #begun = 0;
  #next = 0;
  #sending: Promise<void> | undefined;

  constructor(capacity: number) {
    this.chan = new Chan<R>(capacity, { name: "results" });
    this.#places = new Chan<void>(capacity);
  }

  begin(): number {
    return this.#begun++;
  }

  deliver(order: number, result: R): Promise<void> | undefined {
    this.#parked.set(order, result);
    const held = this.#places.trySend() ? undefined : this.#places.send();
    this.#forward();
    return held;
  }

  end(): Promise<void> | undefined {
    if (this.#sending !== undefined) return this.#sending.then(() => this.end());
    if (!this.chan.closed) this.chan.close();
    return undefined;
  }

  abandon(cause: unknown): void {
    this.#parked.clear();
    this.#places.close();
    this.chan.close(cause);
  }

  /** Moves what is due from its parking place to the channel. */
  #forward(): void {
    while (this.#sending === undefined) {
      const due = this.#parked.get(this.#next);
      if (due === undefined) return;
      if (this.chan.trySend(due)) this.#moved();
      else this.#sending = this.#send(due);
    }
  }

  async #send(due: R): Promise<void> {
    try {
      await this.chan.send(due);
    } catch {
      // Abandoned while it waited for a reader: nothing is parked any more.
    }
    this.#sending = undefined;
    this.#moved();
    this.#forward();
  }

  #moved(): void {
    this.#parked.delete(this.#next++);
    this.#places.tryReceive();
  }
}

/** Results as the option says; undefined if they are not kept. */
export function makeResults<R>(
  kind: "none" | "completed" | "ordered",
  capacity: number,
): Results<R> | undefined {
  if (kind === "completed") return new CompletedResults(capacity);
  if (kind === "ordered") return new OrderedResults(capacity);
  return undefined;
}
