/** Something that waits and gives up when a signal aborts. */
export interface Abortable {
  abort(reason: unknown): void;
}

/** Those who wait on one signal, in the order in which they came; often there is only one. */
class Watch {
  readonly #signal: AbortSignal;
  #first: Abortable | undefined;
  #others: Set<Abortable> | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(waiter: Abortable): void {
    if (this.#first === undefined && !this.#others?.size) this.#first = waiter;
    else (this.#others ??= new Set()).add(waiter);
  }

  /** Forgets `waiter`; true if nobody is left because of that. */
  delete(waiter: Abortable): boolean {
    if (this.#first === waiter) this.#first = undefined;
    else if (!this.#others?.delete(waiter)) return false;
    return this.#first === undefined && !this.#others?.size;
  }

  /** Called when the signal aborts. */
  handleEvent(): void {
    watches.delete(this.#signal);
    this.#signal.removeEventListener("abort", this);
    const { reason } = this.#signal;
    this.#first?.abort(reason);
    for (const each of this.#others ?? []) each.abort(reason);
  }
}

const watches = new WeakMap<AbortSignal, Watch>();

/**
 * Calls `waiter.abort` when `signal` aborts, unless {@linkcode unwatch} comes first.
 *
 * A signal that thousands wait on has one listener and not thousands: adding and removing event
 * listeners is linear in their number.
 */
export function watch(signal: AbortSignal, waiter: Abortable): void {
  let found = watches.get(signal);
  if (found === undefined) {
    found = new Watch(signal);
    watches.set(signal, found);
    signal.addEventListener("abort", found);
  }
  found.add(waiter);
}

/** Forgets `waiter`; the last one to leave takes the signal's listener with it. */
export function unwatch(signal: AbortSignal, waiter: Abortable): void {
  const found = watches.get(signal);
  if (found === undefined || !found.delete(waiter)) return;
  watches.delete(signal);
  signal.removeEventListener("abort", found);
}
