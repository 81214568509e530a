import { type Clock, systemClock } from "../clock/mod.ts";
import { Branch } from "./_branch.ts";
import type { Outcome, Parked, SelectWait } from "./_select_wait.ts";
import type { Case, KeyOnly } from "./case.ts";

/**
 * Where the time comes from.
 *
 * @example Letting an hour pass in a test
 * ```ts
 * import { after, ManualClock, select } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new ManualClock();
 * const got = select({ late: after(3_600_000, { clock }) });
 * await clock.advance(3_600_000);
 * assertEquals(await got, { key: "late" });
 * ```
 */
export interface TimeOptions {
  /** The clock to go by; the system's unless given. */
  readonly clock?: Clock | undefined;
}

/**
 * The case of `ms` milliseconds having passed since this call, as Go's `time.After`.
 *
 * Made in the select it limits one wait; made before a loop it limits the whole loop. It happens at
 * most once. A timer runs only while a select waits for it.
 *
 * @throws {RangeError} if `ms` is not a number. Zero and less are over at once; `Infinity`
 * never is.
 *
 * @example A deadline for a whole loop
 * ```ts
 * import { after, Chan, receiveFrom, select } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const lines = new Chan<string>(2);
 * await lines.send("one");
 * await lines.send("two");
 *
 * const seen: string[] = [];
 * const deadline = after(20);
 * for (;;) {
 *   const got = await select({ line: receiveFrom(lines), deadline }, { biased: true });
 *   if (got.key === "deadline" || !got.ok) break;
 *   seen.push(got.value);
 * }
 * assertEquals(seen, ["one", "two"]);
 * ```
 */
export function after(ms: number, options?: TimeOptions): Case<KeyOnly> {
  if (Number.isNaN(ms)) throw new RangeError("Cannot wait: ms must be a number, got NaN");
  const clock = options?.clock ?? systemClock;
  return new AfterBranch(clock, clock.now() + ms);
}

class AfterBranch extends Branch<KeyOnly> {
  readonly #clock: Clock;
  readonly #due: number;
  #happened = false;

  constructor(clock: Clock, due: number) {
    super();
    this.#clock = clock;
    this.#due = due;
  }

  ready(): boolean {
    return !this.#happened && this.#clock.now() >= this.#due;
  }

  happen(key: string): Outcome {
    this.#happened = true;
    return { key };
  }

  park(wait: SelectWait, key: string): void {
    if (this.#happened || this.#due === Infinity) return;
    const cancel = this.#clock.schedule(this.#due - this.#clock.now(), () => {
      if (!this.#happened) wait.finish(this.happen(key));
    });
    wait.add(new ParkedTimer(cancel));
  }
}

class ParkedTimer implements Parked {
  sibling: Parked | null = null;
  readonly leave: () => void;

  constructor(cancel: () => void) {
    this.leave = cancel;
  }
}
