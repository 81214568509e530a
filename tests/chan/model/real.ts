import { assertEquals, assertThrows } from "@std/assert";
import {
  type Cases,
  Chan,
  ChanClosedError,
  inspect,
  receiveFrom,
  select,
  sendTo,
  trySelect,
  UndeliveredError,
  type WaitOptions,
} from "../../../mod.ts";
import { turn } from "../support.ts";
import type { Action, Model, ModelChanOptions, Operation } from "./model.ts";

/** What channels that fail are closed with. */
const failure = new Error("failure");

/** What cancelled operations reject with. */
const stop = new Error("stop");

/** Performs the model's operations on real channels, and says what became of them. */
export class Real {
  readonly chans: Chan<number>[];
  readonly dropped: number[][];
  readonly outcomes: Map<number, string> = new Map<number, string>();
  readonly #aborts = new Map<number, AbortController>();

  readonly #cancellable: (id: number) => boolean;

  /** Only the operations that are `cancellable` are given a signal. */
  constructor(chans: readonly ModelChanOptions[], cancellable: (id: number) => boolean) {
    this.#cancellable = cancellable;
    this.dropped = chans.map(() => []);
    this.chans = chans.map(({ capacity, overflow }, index) =>
      new Chan<number>(capacity, { overflow, onDrop: (value) => this.dropped[index]!.push(value) })
    );
  }

  /** Settles when what the action started is over; at once if it started nothing. */
  async take(action: Action): Promise<void> {
    if (action.does === "start") await this.#start(action.operation);
    else if (action.does === "cancel") this.#aborts.get(action.id)?.abort(stop);
    else this.#close(action.chan, action.failed);
  }

  #start(operation: Operation): Promise<void> | void {
    let options: WaitOptions | undefined;
    if (this.#cancellable(operation.id)) {
      const abort = new AbortController();
      this.#aborts.set(operation.id, abort);
      options = { signal: abort.signal };
    }
    const note = (outcome: string) => void this.outcomes.set(operation.id, outcome);
    if (operation.form === "try" || operation.form === "trySelect") {
      note(this.#attempt(operation));
    } else {
      return this.#perform(operation, options).then(note, (error) => note(inWords(error)));
    }
  }

  #close(index: number, failed: boolean): void {
    const chan = this.chans[index]!;
    if (chan.closed) assertThrows(() => chan.close(failure), ChanClosedError);
    else chan.close(failed ? failure : undefined);
  }

  async #perform(operation: Operation, options: WaitOptions | undefined): Promise<string> {
    const { form, cases: [first], max } = operation;
    const chan = first?.chan == null ? undefined : this.chans[first.chan];
    if (form === "select" || form === "biased") {
      return keyed(
        operation,
        await select(this.#cases(operation), { ...options, biased: form === "biased" }),
      );
    }
    if (first?.send !== undefined) {
      await chan!.send(first.send, options);
      return "sent";
    }
    if (form === "next") {
      const { value, done } = await chan![Symbol.asyncIterator]().next();
      return done ? "end" : `${value}`;
    }
    if (form === "many") return (await chan!.receiveMany(max!, options)).join(" ") || "end";
    return received(await chan!.receive(options));
  }

  #attempt(operation: Operation): string {
    try {
      if (operation.form === "trySelect") {
        const selected = trySelect(this.#cases(operation));
        return selected ? keyed(operation, selected) : "would wait";
      }
      const { chan, send } = operation.cases[0]!;
      if (send !== undefined) return this.chans[chan!]!.trySend(send) ? "sent" : "would wait";
      const result = this.chans[chan!]!.tryReceive();
      return result ? received(result) : "would wait";
    } catch (error) {
      return inWords(error);
    }
  }

  #cases(operation: Operation): Cases {
    const chanOf = (index: number | null) => index === null ? null : this.chans[index];
    return Object.fromEntries(
      operation.cases.map(({ chan, send }, index) => [
        `case ${index}`,
        send === undefined ? receiveFrom(chanOf(chan)) : sendTo(chanOf(chan), send),
      ]),
    );
  }
}

interface AnySelected {
  readonly key: string;
  readonly value?: unknown;
  readonly ok?: unknown;
}

function keyed(operation: Operation, selected: AnySelected): string {
  const prefix = operation.cases.length > 1 ? `${selected.key.slice("case ".length)}: ` : "";
  if (!("ok" in selected)) return `${prefix}sent`;
  return `${prefix}${selected.ok ? selected.value : "end"}`;
}

function received([value, ok]: readonly [unknown, boolean]): string {
  return ok ? `${value}` : "end";
}

function inWords(error: unknown): string {
  if (error === stop) return "cancelled";
  if (error === failure) return "failed";
  if (error instanceof UndeliveredError) return `back ${error.value}`;
  if (error instanceof ChanClosedError) return "closed";
  throw error;
}

/** Fails unless the real channels are as the model says. */
export async function assertAlike(model: Model, real: Real): Promise<void> {
  // As many microtasks as an operation and the calls around it take to settle.
  for (let i = 0; i < 4; i++) await null;
  const expected = pictureOfModel(model);
  // Once in a long while a wake-up waits for the event loop to come round.
  if (pictureOf(real) !== expected) await turn();
  assertEquals(pictureOf(real), expected);
}

function pictureOf({ chans, dropped, outcomes }: Real): string {
  let picture = outcomesInOrder(outcomes);
  for (const [index, chan] of chans.entries()) {
    const { length, closed, waiting } = inspect(chan);
    const senders = waiting.filter(({ operation }) => operation === "send").length;
    picture += `\n${length} of ${chan.capacity}, closed: ${closed}, dropped: ${dropped[index]}, ` +
      `waiting: ${senders} send, ${waiting.length - senders} receive`;
  }
  return picture;
}

function pictureOfModel({ chans, pending, outcomes }: Model): string {
  let picture = outcomesInOrder(outcomes);
  for (const [index, { buffer, capacity, closed, dropped }] of chans.entries()) {
    const waiting = pending.flatMap(({ cases }) => cases.filter(({ chan }) => chan === index));
    const senders = waiting.filter(({ send }) => send !== undefined).length;
    picture += `\n${buffer.length} of ${capacity}, closed: ${closed}, dropped: ${dropped}, ` +
      `waiting: ${senders} send, ${waiting.length - senders} receive`;
  }
  return picture;
}

function outcomesInOrder(outcomes: ReadonlyMap<number, string>): string {
  let text = "";
  const last = Math.max(-1, ...outcomes.keys());
  for (let id = 0; id <= last; id++) text += `${id}: ${outcomes.get(id)}\n`;
  return text;
}
