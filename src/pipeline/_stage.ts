import { Chan, type ReceiveChan } from "../chan/mod.ts";
import { consume } from "../pool/mod.ts";
import type { StageContext } from "./options.ts";
import type { StageMonitor } from "./_monitor.ts";
import { isPromiseLike } from "./_promise_like.ts";
import type { Run } from "./_run.ts";
import { Sender } from "./_sender.ts";
import { StageError, type StageResult } from "./stage_result.ts";

/** What a stage does with a value. */
export interface StagePlan<In, Result, Out> {
  readonly name: string;
  readonly workers: number;
  readonly buffer: number;
  readonly ordered: boolean;
  /** The stage's own function, with its limiter and retries. */
  readonly call: (value: In, context: StageContext) => Result | PromiseLike<Result>;
  /** Sends what becomes of a result: one value, none or many. */
  readonly emit: (
    result: Result,
    value: In,
    send: (out: Out) => Promise<void> | undefined,
  ) => Promise<void> | undefined;
}

/** A value on its way to a worker, and where what becomes of it goes. */
interface Ticket<In, Out> {
  readonly item: StageResult<In>;
  readonly out: Chan<StageResult<Out>>;
}

/** Starts a stage on `input` and returns its output, which the stage closes at the end. */
export function startStage<In, Result, Out>(
  run: Run,
  input: ReceiveChan<StageResult<In>>,
  plan: StagePlan<In, Result, Out>,
): ReceiveChan<StageResult<Out>> {
  const stage = new Stage(run, input, plan);
  if (plan.ordered && plan.workers > 1) stage.startOrdered();
  else stage.start();
  return stage.output;
}

class Stage<In, Result, Out> {
  readonly output: Chan<StageResult<Out>>;
  readonly #run: Run;
  readonly #input: ReceiveChan<StageResult<In>>;
  readonly #plan: StagePlan<In, Result, Out>;
  readonly #monitor: StageMonitor;

  constructor(
    run: Run,
    input: ReceiveChan<StageResult<In>>,
    plan: StagePlan<In, Result, Out>,
  ) {
    this.#run = run;
    this.#input = input;
    this.#plan = plan;
    this.#monitor = run.watch(plan.name, input);
    this.output = new Chan(plan.buffer, { name: plan.name });
  }

  /** Each worker takes the next value when it is free, and the last one closes the output. */
  start(): void {
    const { group, signal } = this.#run;
    const { workers } = this.#plan;
    let working = workers;
    for (let id = 1; id <= workers; id++) {
      const context = { signal, workerId: id, attempt: 1 };
      const sender = new Sender(this.#run, this.output);
      group.go(async () => {
        await consume(this.#input, (item) => this.#process(item, sender, context), { signal });
        if (--working === 0) this.output.close();
      });
    }
  }

  /**
   * Each value gets a channel of its own for what becomes of it. Those channels are queued in the
   * values' order, and read one after the other.
   */
  startOrdered(): void {
    const { group, signal } = this.#run;
    const { workers, buffer, name } = this.#plan;
    const tickets = new Chan<Ticket<In, Out>>(0, { name: `${name}: tickets` });
    const outs = new Chan<Chan<StageResult<Out>>>(workers + buffer, { name: `${name}: outs` });
    group.go(async () => {
      await consume(this.#input, async (item) => {
        const out = new Chan<StageResult<Out>>(1);
        await outs.send(out, { signal });
        await tickets.send({ item, out }, { signal });
      }, { signal });
      tickets.close();
      outs.close();
    });
    for (let id = 1; id <= workers; id++) {
      const context = { signal, workerId: id, attempt: 1 };
      group.go(() =>
        consume(tickets, async ({ item, out }) => {
          await this.#process(item, new Sender(this.#run, out), context);
          out.close();
        }, { signal })
      );
    }
    group.go(async () => {
      const sender = new Sender(this.#run, this.output);
      await consume(outs, (out) => consume(out, (result) => sender.pass(result), { signal }), {
        signal,
      });
      this.output.close();
    });
  }

  /** Does a value and sends what becomes of it; a promise only if something has to wait. */
  #process(
    item: StageResult<In>,
    sender: Sender<Out>,
    context: StageContext,
  ): Promise<void> | undefined {
    if (!item.ok) return sender.pass(item);
    const { value } = item;
    const { call, emit } = this.#plan;
    sender.heldMs = 0;
    const begun = this.#monitor.begin();
    const succeed = () => this.#monitor.end(begun, sender.heldMs, false);
    const fail = (cause: unknown) => this.#fail(cause, value, sender, begun);
    let rest: Promise<void> | undefined;
    try {
      const result = call(value, context);
      rest = isPromiseLike(result)
        ? Promise.resolve(result).then((result) => emit(result, value, sender.send))
        : emit(result, value, sender.send);
    } catch (cause) {
      return fail(cause);
    }
    if (rest !== undefined) return rest.then(succeed, fail);
    succeed();
    return undefined;
  }

  #fail(
    cause: unknown,
    value: In,
    sender: Sender<Out>,
    begun: number,
  ): Promise<void> | undefined {
    const { signal, failFast } = this.#run;
    // What fails because the run ends is not the stage's fault.
    if (signal.aborted) this.#monitor.abandon();
    signal.throwIfAborted();
    this.#monitor.end(begun, sender.heldMs, true);
    const error = new StageError(this.#plan.name, value, cause);
    if (failFast) throw error;
    return sender.pass({ ok: false, error });
  }
}
