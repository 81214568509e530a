import type { Clock, ManualClock } from "../../src/clock/mod.ts";

/** A manual clock whose timers fire late, on whole multiples of a grain, as real ones do. */
export class CoarseClock implements Clock {
  readonly #clock: ManualClock;
  readonly #grainMs: number;

  constructor(clock: ManualClock, grainMs: number) {
    this.#clock = clock;
    this.#grainMs = grainMs;
  }

  now(): number {
    return this.#clock.now();
  }

  sleep(ms: number, options?: { signal?: AbortSignal | undefined }): Promise<void> {
    return this.#clock.sleep(this.#late(ms), options);
  }

  schedule(ms: number, fire: () => void): () => void {
    return this.#clock.schedule(this.#late(ms), fire);
  }

  #late(ms: number): number {
    const due = this.now() + ms;
    return (Math.floor(due / this.#grainMs) + 1) * this.#grainMs - this.now();
  }
}

/** Collects, for each promise by name, the clock's reading when it settled. */
export class Log {
  readonly entries: string[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes "name@time" when the promise resolves, "name!error@time" when it rejects. */
  watch(name: string, promise: Promise<void>): void {
    promise.then(
      () => this.#note(name),
      (error: unknown) => this.#note(`${name}!${error instanceof Error ? error.name : error}`),
    );
  }

  #note(what: string): void {
    this.entries.push(`${what}@${Math.round(this.#clock.now() * 1_000) / 1_000}`);
  }
}

/** Lets every promise that can settle do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A signal that knows how many listeners it has. */
export function countedSignal(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners.add(args[1]);
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners.delete(args[1]);
    remove(...args);
  };
  return { controller, listeners: () => listeners.size };
}

/**
 * Measures again, up to three times, if `measure` throws: a machine that stalls spoils one
 * measurement of real time, a limiter that is wrong all of them.
 */
export async function measureAgain(measure: () => Promise<void>): Promise<void> {
  for (let time = 1;; time++) {
    try {
      return await measure();
    } catch (error) {
      if (time === 3) throw error;
    }
  }
}
