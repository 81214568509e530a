interface Group<Member> {
  readonly members: Set<Member>;
  readonly onAbort: () => void;
}

/**
 * Listens to signals on behalf of many: one listener a signal, however many jobs were submitted
 * with it, since adding and removing a listener costs time in the number of listeners.
 */
export class AbortHub<Member> {
  readonly #onAbort: (member: Member, reason: unknown) => void;
  readonly #groups = new Map<AbortSignal, Group<Member>>();

  /** Calls `onAbort` for each member whose signal aborts. */
  constructor(onAbort: (member: Member, reason: unknown) => void) {
    this.#onAbort = onAbort;
  }

  /** Has `member` told when `signal` aborts, unless it leaves first. */
  join(signal: AbortSignal, member: Member): void {
    let group = this.#groups.get(signal);
    if (group === undefined) {
      group = this.#listen(signal);
      this.#groups.set(signal, group);
    }
    group.members.add(member);
  }

  /** Forgets `member`; the last to leave takes the listener with it. */
  leave(signal: AbortSignal, member: Member): void {
    const group = this.#groups.get(signal);
    if (group === undefined) return;
    group.members.delete(member);
    if (group.members.size > 0) return;
    this.#groups.delete(signal);
    signal.removeEventListener("abort", group.onAbort);
  }

  #listen(signal: AbortSignal): Group<Member> {
    const members = new Set<Member>();
    const onAbort = () => {
      this.#groups.delete(signal);
      for (const member of members) this.#onAbort(member, signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    return { members, onAbort };
  }
}
