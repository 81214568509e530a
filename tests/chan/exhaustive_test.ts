import { assert, assertEquals } from "@std/assert";
import { chooseBy } from "../../src/chan/_choice.ts";
import { testWithin } from "../support/watchdog.ts";
import { type Action, Model } from "./model/model.ts";
import { assertAlike, Real } from "./model/real.ts";
import { turn } from "./support.ts";

/**
 * Every program of up to six operations over two channels of capacity 0 to 2, with every choice
 * that its selects could make, is run on real channels, which at its end must be as the model says.
 * (A program's beginnings are programs too, so nothing between is missed.) What is left out equals
 * something that is run:
 *
 * - Programs that differ only in which channel is which: of the capacities only `a <= b` is run,
 *   and when they are equal, only programs that do not begin with `b`.
 * - Programs that differ only in the order of two neighbouring operations on different channels
 *   while no select waits: only the order with `a` first is run.
 * - An operation that finds nothing to do, as a send to a closed channel, is always the last one:
 *   it leaves everything as it was, which is checked.
 * - Of the programs of five operations that lead to the same state (buffers, who waits, in which
 *   order) only one is continued by a sixth.
 */
const LENGTH = 6;
const MERGED_AT = 5;

type Step =
  | { readonly does: "start"; readonly cases: readonly Direction[] }
  | { readonly does: "close"; readonly chan: number }
  | { readonly does: "cancel" };

interface Direction {
  readonly chan: number;
  readonly sends: boolean;
}

const receiveA: Direction = { chan: 0, sends: false };
const receiveB: Direction = { chan: 1, sends: false };
const sendA: Direction = { chan: 0, sends: true };
const sendB: Direction = { chan: 1, sends: true };

const STEPS: readonly Step[] = [
  { does: "start", cases: [receiveA] },
  { does: "start", cases: [sendA] },
  { does: "close", chan: 0 },
  { does: "start", cases: [receiveB] },
  { does: "start", cases: [sendB] },
  { does: "close", chan: 1 },
  { does: "start", cases: [receiveA, receiveB] },
  { does: "start", cases: [sendA, sendB] },
  { does: "start", cases: [sendA, receiveA] },
  { does: "start", cases: [receiveA, sendB] },
  { does: "cancel" },
];

interface Program {
  readonly steps: readonly Step[];
  readonly actions: readonly Action[];
  /** What its selects chose, in order. */
  readonly choices: readonly number[];
  /** The model after it. */
  readonly model: Model;
}

/** All programs that go on from `program`, each after its own beginnings. */
function* continuations(program: Program, mergedStates: Set<string>): Generator<Program> {
  const { steps, actions, choices, model } = program;
  for (const step of STEPS) {
    const action = actionOf(step, program);
    if (action === null || isMirrored(program, step) || isSwapped(program, step)) continue;
    // The first run says how many choices the step has.
    for (let choice = 0, count = 1; choice < count; choice++) {
      const after = model.clone();
      const chosen: number[] = [];
      after.take(action, (ready) => {
        count = ready;
        chosen.push(choice);
        return choice;
      });
      const longer: Program = {
        steps: [...steps, step],
        actions: [...actions, action],
        choices: [...choices, ...chosen],
        model: after,
      };
      yield longer;
      if (longer.steps.length < LENGTH && hasEffect(longer) && isFirst(longer, mergedStates)) {
        yield* continuations(longer, mergedStates);
      }
    }
  }
}

function isMirrored({ steps, model: { chans } }: Program, step: Step): boolean {
  return steps.length === 0 && chans[0]!.capacity === chans[1]!.capacity && onlyChan(step) === 1;
}

function isSwapped({ steps, model }: Program, step: Step): boolean {
  const previous = steps.at(-1);
  return previous !== undefined && onlyChan(previous) === 1 && onlyChan(step) === 0 &&
    model.pending.every(({ cases }) => cases.length === 1);
}

function isFirst({ steps, model }: Program, mergedStates: Set<string>): boolean {
  if (steps.length < MERGED_AT) return true;
  const state = JSON.stringify([
    model.chans.map(({ buffer, closed }) => [buffer.length, closed]),
    model.pending.map(({ cases }) => cases.map(({ chan, send }) => [chan, send === undefined])),
  ]);
  return mergedStates.size < mergedStates.add(state).size;
}

/** The channel that a step touches, or null unless it is one. */
function onlyChan(step: Step): number | null {
  if (step.does === "cancel") return null;
  if (step.does === "close") return step.chan;
  return step.cases.length === 1 ? step.cases[0]!.chan : null;
}

/** The step as an action in the state that the program so far leads to; null if there is none. */
function actionOf(step: Step, { actions, model }: Program): Action | null {
  switch (step.does) {
    case "close":
      return { does: "close", chan: step.chan, failed: false };
    case "cancel":
      return model.pending[0] === undefined ? null : { does: "cancel", id: model.pending[0].id };
    case "start": {
      // What is sent is the number of the operation.
      const id = actions.length;
      const cases = step.cases.map(({ chan, sends }) => sends ? { chan, send: id } : { chan });
      const form = cases.length === 1 ? "call" : "select";
      return { does: "start", operation: { id, form, cases } };
    }
  }
}

/** Whether the last action of a program found something to do. */
function hasEffect({ actions, model }: Program): boolean {
  const last = actions.at(-1)!;
  return last.does !== "start" || !/closed|end/.test(model.outcomes.get(last.operation.id) ?? "");
}

/** Runs a program on real channels. */
function run({ actions, choices, model }: Program): Real {
  const cancelled = new Set(actions.map((action) => action.does === "cancel" ? action.id : -1));
  const real = new Real(model.chans, (id) => cancelled.has(id));
  let chosen = 0;
  using _choices = chooseBy(() => choices[chosen++]!);
  for (const action of actions) real.take(action);
  assertEquals(chosen, choices.length);
  return real;
}

for (const [a, b] of [[0, 0], [0, 1], [0, 2], [1, 1], [1, 2], [2, 2]]) {
  testWithin(`every program of six operations, capacities ${a} and ${b}`, async () => {
    const model = new Model([{ capacity: a! }, { capacity: b! }]);
    let count = 0;
    for (
      const program of continuations({ steps: [], actions: [], choices: [], model }, new Set())
    ) {
      await assertAlike(program.model, run(program));
      if (++count % 50 === 0) await turn();
    }
    assert(count > 70_000, `Only ${count} programs were run`);
  }, 60_000);
}
