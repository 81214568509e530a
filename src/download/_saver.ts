import type { Clock } from "../clock/mod.ts";

/** How much work SIGKILL may cost. */
const SAVE_MS = 1_000;

/** Calls `save` once a second, one call at a time, until it is stopped. */
export class Saver implements AsyncDisposable {
  readonly #save: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #clock: Clock;
  #cancel: () => void = () => {};
  #saving: Promise<void> = Promise.resolve();
  #stopped = false;

  /** Begins to wait; what `save` rejects with goes to `onError`. */
  constructor(save: () => Promise<void>, onError: (error: unknown) => void, clock: Clock) {
    this.#save = save;
    this.#onError = onError;
    this.#clock = clock;
    this.#arm();
  }

  /** Calls no more, and waits for a call that is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#saving;
  }

  #arm(): void {
    this.#cancel = this.#clock.schedule(SAVE_MS, () => {
      this.#saving = this.#save().catch(this.#onError).then(() => {
        if (!this.#stopped) this.#arm();
      });
    });
  }
}
