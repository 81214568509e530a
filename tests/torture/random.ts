/** Random numbers that come again with the same seed: Tommy Ettinger's mulberry32. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least 0 and less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let word = this.#state;
    word = Math.imul(word ^ (word >>> 15), word | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` up to, but not including, `high`. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low));
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.between(0, choices.length)];
    if (choice === undefined) throw new RangeError("Cannot pick: there must be a choice");
    return choice;
  }
}

/** The seed of this run: `DLM_TORTURE_SEED`, or another one every time. */
const SEED = Number(Deno.env.get("DLM_TORTURE_SEED") ?? Date.now() % 1_000_000_007);

/** Runs a test whose failure says how to have it again. */
export async function withSeed(
  lane: number,
  body: (random: Random) => Promise<void>,
): Promise<void> {
  try {
    await body(new Random(SEED + lane * 1_000_003));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`with DLM_TORTURE_SEED=${SEED}: ${message}`, { cause: error });
  }
}
