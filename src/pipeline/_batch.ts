import { after, Chan, type ReceiveChan, receiveFrom, select } from "../chan/mod.ts";
import type { StageMonitor } from "./_monitor.ts";
import type { Run } from "./_run.ts";
import { Sender } from "./_sender.ts";
import type { StageResult } from "./stage_result.ts";

/** What a stage that gathers values does. */
export interface BatchPlan {
  readonly name: string;
  readonly size: number;
  readonly maxWaitMs: number | undefined;
  readonly buffer: number;
}

/** Starts a stage that gathers values and returns its output. */
export function startBatch<T>(
  run: Run,
  input: ReceiveChan<StageResult<T>>,
  plan: BatchPlan,
): ReceiveChan<StageResult<T[]>> {
  const output = new Chan<StageResult<T[]>>(plan.buffer, { name: plan.name });
  const batcher = new Batcher(run, input, new Sender(run, output), plan);
  run.group.go(async () => {
    await batcher.run();
    output.close();
  });
  return output;
}

class Batcher<T> {
  readonly #run: Run;
  readonly #input: ReceiveChan<StageResult<T>>;
  readonly #sender: Sender<T[]>;
  readonly #plan: BatchPlan;
  readonly #monitor: StageMonitor;
  #batch: T[] = [];
  #begun = 0;

  constructor(
    run: Run,
    input: ReceiveChan<StageResult<T>>,
    sender: Sender<T[]>,
    plan: BatchPlan,
  ) {
    this.#run = run;
    this.#input = input;
    this.#sender = sender;
    this.#plan = plan;
    this.#monitor = run.watch(plan.name, input);
  }

  async run(): Promise<void> {
    try {
      await this.#gather();
    } finally {
      if (this.#batch.length > 0) this.#monitor.abandon();
    }
  }

  async #gather(): Promise<void> {
    for (;;) {
      const received = await this.#receive();
      if (received === "late") {
        await this.#flush();
        continue;
      }
      const [item, ok] = received;
      if (!ok) break;
      if (item.ok) await this.#add(item.value);
      else await this.#sender.pass(item);
    }
    if (this.#batch.length > 0) await this.#flush();
  }

  /** Waits for a value, the end, or the time at which the batch must go. */
  async #receive(): Promise<
    readonly [StageResult<T>, true] | readonly [undefined, false] | "late"
  > {
    const { clock, signal } = this.#run;
    const { maxWaitMs } = this.#plan;
    if (this.#batch.length === 0 || maxWaitMs === undefined) {
      return this.#input.tryReceive() ?? await this.#input.receive({ signal });
    }
    const late = after(this.#begun + maxWaitMs - clock.now(), { clock });
    const cases = { late, item: receiveFrom(this.#input) };
    const got = await select(cases, { signal, biased: true });
    if (got.key === "late") return "late";
    return got.ok ? [got.value, true] : [undefined, false];
  }

  async #add(value: T): Promise<void> {
    if (this.#batch.length === 0) this.#begun = this.#monitor.begin();
    this.#batch.push(value);
    if (this.#batch.length === this.#plan.size) await this.#flush();
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#monitor.end(this.#begun, 0, false);
    await this.#sender.send(batch);
  }
}
