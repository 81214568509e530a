import type { Outcome, SelectWait } from "./_select_wait.ts";
import { Case } from "./case.ts";

/** The working side of a {@linkcode Case}: what a select asks of each. */
export abstract class Branch<R> extends Case<R> {
  /** Whether it could happen now. Asking changes nothing. */
  abstract ready(): boolean;
  /** Makes it happen. It must be ready. What this throws is what the select rejects with. */
  abstract happen(key: string): Outcome;
  /** Waits for it: `wait` is told when it happens. It must not be ready. */
  abstract park(wait: SelectWait, key: string): void;
}
