/** How much work SIGKILL may cost. */
const SAVE_MS = 1_000;

/** Writes down how far a transfer has come, about once a second and once at a time. */
export class Saver {
  readonly #save: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #savedMs: number | undefined;
  #saving: Promise<void> | undefined;

  /** What `save` rejects with goes to `onError`. */
  constructor(save: () => Promise<void>, onError: (error: unknown) => void) {
    this.#save = save;
    this.#onError = onError;
  }

  /** Saves if it is time to; to be called several times a second. The first look begins a second. */
  look(nowMs: number): void {
    this.#savedMs ??= nowMs;
    if (this.#saving || nowMs - this.#savedMs < SAVE_MS) return;
    this.#savedMs = nowMs;
    this.#saving = this.#save().catch(this.#onError).finally(() => this.#saving = undefined);
  }

  /** The save that is under way, if there is one. */
  get saving(): Promise<void> | undefined {
    return this.#saving;
  }
}
