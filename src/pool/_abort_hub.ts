/** Something that a signal stops. */
export interface Abortable {
  abort(reason: unknown): void;
}

interface Group {
  readonly members: Set<Abortable>;
  readonly onAbort: () => void;
}

/**
 * Listens to signals on behalf of many: one listener a signal, however many jobs were submitted
 * with it, since adding and removing a listener costs time in the number of listeners.
 */
export class AbortHub {
  readonly #groups = new Map<AbortSignal, Group>();

  /** Has `member` aborted when `signal` is, unless it leaves first. */
  join(signal: AbortSignal, member: Abortable): void {
    let group = this.#groups.get(signal);
    if (group === undefined) {
      const members = new Set<Abortable>();
      const onAbort = () => {
        this.#groups.delete(signal);
        for (const each of members) each.abort(signal.reason);
      };
      group = { members, onAbort };
      this.#groups.set(signal, group);
      signal.addEventListener("abort", onAbort, { once: true });
    }
    group.members.add(member);
  }

  /** Forgets `member`; the last to leave takes the listener with it. */
  leave(signal: AbortSignal, member: Abortable): void {
    const group = this.#groups.get(signal);
    if (group === undefined) return;
    group.members.delete(member);
    if (group.members.size > 0) return;
    this.#groups.delete(signal);
    signal.removeEventListener("abort", group.onAbort);
  }
}
