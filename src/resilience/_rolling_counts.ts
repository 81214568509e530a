/** How many slots a window is divided into. The oldest is dropped as a whole. */
const SLOTS = 10;

/** Counts calls and failures over the last `windowMs` milliseconds, to a tenth of it. */
export class RollingCounts {
  readonly #slotMs: number;
  readonly #calls = new Array<number>(SLOTS).fill(0);
  readonly #failures = new Array<number>(SLOTS).fill(0);
  /** The number of the current slot since time 0. */
  #slot = -Infinity;

  constructor(windowMs: number) {
    this.#slotMs = windowMs / SLOTS;
  }

  add(failed: boolean, now: number): void {
    this.#advance(now);
    const index = ((this.#slot % SLOTS) + SLOTS) % SLOTS;
    this.#calls[index]! += 1;
    if (failed) this.#failures[index]! += 1;
  }

  totals(now: number): { calls: number; failures: number } {
    this.#advance(now);
    return { calls: sum(this.#calls), failures: sum(this.#failures) };
  }

  clear(): void {
    this.#calls.fill(0);
    this.#failures.fill(0);
  }

  #advance(now: number): void {
    const slot = Math.floor(now / this.#slotMs);
    if (slot - this.#slot >= SLOTS) this.clear();
    else {
      for (let each = this.#slot + 1; each <= slot; each++) {
        const index = ((each % SLOTS) + SLOTS) % SLOTS;
        this.#calls[index] = this.#failures[index] = 0;
      }
    }
    this.#slot = slot;
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
