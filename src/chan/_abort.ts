/** Something that waits and gives up when a signal aborts. */
export interface Abortable {
  abort(reason: unknown): void;
}

/** Those who wait on one signal. The set keeps the order in which they came. */
interface Watch {
  readonly waiters: Set<Abortable>;
  readonly onAbort: () => void;
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
    const waiters = new Set<Abortable>();
    const onAbort = () => {
      watches.delete(signal);
      for (const each of waiters) each.abort(signal.reason);
    };
    found = { waiters, onAbort };
    watches.set(signal, found);
    signal.addEventListener("abort", onAbort, { once: true });
  }
  found.waiters.add(waiter);
}

/** Forgets `waiter`; the last one to leave takes the signal's listener with it. */
export function unwatch(signal: AbortSignal, waiter: Abortable): void {
  const found = watches.get(signal);
  if (found === undefined || !found.waiters.delete(waiter)) return;
  if (found.waiters.size > 0) return;
  watches.delete(signal);
  signal.removeEventListener("abort", found.onAbort);
}
