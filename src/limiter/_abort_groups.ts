interface Group<T> {
  readonly members: Set<T>;
  readonly onAbort: () => void;
}

/**
 * Members that end together when their signal aborts, with one listener a signal.
 *
 * Thousands of waiters often share one signal. A listener for each would cost the platform a
 * search through all of them each time one is added or removed.
 */
export class AbortGroups<T> {
  readonly #groups = new Map<AbortSignal, Group<T>>();
  readonly #abort: (members: Set<T>, reason: unknown) => void;

  /** `abort` gets, once, all members whose signal aborts, in the order in which they joined. */
  constructor(abort: (members: Set<T>, reason: unknown) => void) {
    this.#abort = abort;
  }

  join(signal: AbortSignal, member: T): void {
    let group = this.#groups.get(signal);
    if (group === undefined) {
      const members = new Set<T>();
      const onAbort = () => {
        this.#groups.delete(signal);
        this.#abort(members, signal.reason);
      };
      group = { members, onAbort };
      this.#groups.set(signal, group);
      signal.addEventListener("abort", onAbort, { once: true });
    }
    group.members.add(member);
  }

  leave(signal: AbortSignal, member: T): void {
    const group = this.#groups.get(signal);
    if (!group?.members.delete(member) || group.members.size > 0) return;
    this.#groups.delete(signal);
    signal.removeEventListener("abort", group.onAbort);
  }
}
