import type { SendChan } from "../chan/mod.ts";
import type { Run } from "./_run.ts";
import type { StageResult } from "./stage_result.ts";

/** Sends a stage's results, and knows how long it had to wait for the next stage. */
export class Sender<Out> {
  readonly #run: Run;
  readonly #out: SendChan<StageResult<Out>>;
  /** The milliseconds of waiting since it was set to 0 last. */
  heldMs = 0;

  constructor(run: Run, out: SendChan<StageResult<Out>>) {
    this.#run = run;
    this.#out = out;
  }

  /** Sends a value; a promise only if that has to wait. */
  readonly send = (value: Out): Promise<void> | undefined => this.pass({ ok: true, value });

  /** Sends a result; a promise only if that has to wait. */
  pass(result: StageResult<Out>): Promise<void> | undefined {
    return this.#out.trySend(result) ? undefined : this.#wait(result);
  }

  async #wait(result: StageResult<Out>): Promise<void> {
    const { clock, signal } = this.#run;
    const begun = clock.now();
    await this.#out.send(result, { signal });
    this.heldMs += clock.now() - begun;
  }
}
