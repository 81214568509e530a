import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { chooseBy } from "../../src/chan/_choice.ts";
import { testWithin } from "../support/watchdog.ts";
import { type Action, type Form, Model, type ModelChanOptions } from "./model/model.ts";
import { assertAlike, Real } from "./model/real.ts";
import { turn } from "./support.ts";

/** A step of a random program. Its numbers are taken modulo what they choose from. */
type Step =
  | {
    readonly does: "start";
    readonly form: Form;
    readonly cases: CaseStep[];
    readonly max: number;
  }
  | { readonly does: "close"; readonly chan: number; readonly failed: boolean }
  | { readonly does: "cancel"; readonly index: number };

interface CaseStep {
  /** Null for a nil channel. */
  readonly chan: number | null;
  readonly sends: boolean;
}

const index = fc.nat(11);
const caseStep = fc.record({ chan: index, sends: fc.boolean() });
const anyCaseStep = fc.record({ chan: fc.option(index, { freq: 8 }), sends: fc.boolean() });
const max = fc.integer({ min: 1, max: 4 });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      does: fc.constant("start"),
      form: fc.constantFrom("call", "call", "try"),
      cases: fc.tuple(caseStep),
      max: fc.constant(1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant("start"),
      form: fc.constantFrom("next", "many"),
      cases: fc.tuple(fc.record({ chan: index, sends: fc.constant(false) })),
      max,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant("start"),
      form: fc.constantFrom("select", "select", "biased", "trySelect"),
      cases: fc.array(anyCaseStep, { minLength: 1, maxLength: 4 }),
      max: fc.constant(1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant("close"), chan: index, failed: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("cancel"), index }) },
);

const chans: fc.Arbitrary<ModelChanOptions[]> = fc.array(
  fc.record({
    capacity: fc.nat(3),
    overflow: fc.constantFrom("wait", "wait", "wait", "dropOldest", "dropNewest"),
  }),
  { minLength: 1, maxLength: 3 },
);

/** A model and real channels that take the same actions and make the same choices. */
class Twins {
  readonly model: Model;
  readonly real: Real;
  #operations = 0;

  constructor(chans: readonly ModelChanOptions[]) {
    this.model = new Model(chans);
    this.real = new Real(chans, () => true);
  }

  /** Takes a step in both. Settles when what it started is over. */
  take(step: Step, choice: number): Promise<void> {
    const action = this.#actionOf(step);
    if (action === null) return Promise.resolve();
    const counts: number[] = [];
    this.model.take(action, (count) => {
      counts.push(count);
      return choice % count;
    });
    using _choices = chooseBy((count) => {
      assertEquals(count, counts.shift(), "the number of ready cases");
      return choice % count;
    });
    const over = this.real.take(action);
    assertEquals(counts, [], "a choice that was not made");
    return over;
  }

  #actionOf(step: Step): Action | null {
    const chanOf = (number: number) => number % this.model.chans.length;
    switch (step.does) {
      case "close":
        return { ...step, chan: chanOf(step.chan) };
      case "cancel": {
        const { pending } = this.model;
        // An iterator's next takes no signal.
        const operation = pending[step.index % Math.max(1, pending.length)];
        if (operation === undefined || operation.form === "next") return null;
        return { does: "cancel", id: operation.id };
      }
      case "start": {
        const id = this.#operations++;
        // What is sent says which operation sent it, and from which case.
        const cases = step.cases.map(({ chan, sends }, index) => ({
          chan: chan === null ? null : chanOf(chan),
          send: sends ? id * 10 + index : undefined,
        }));
        return {
          does: "start",
          operation: { id, form: step.form, cases, max: step.form === "many" ? step.max : 1 },
        };
      }
    }
  }
}

testWithin("random programs do what the model says, after every step", async () => {
  await fc.assert(
    fc.asyncProperty(
      chans,
      fc.array(fc.tuple(step, fc.nat(11)), { maxLength: 40, size: "max" }),
      async (chans, steps) => {
        const twins = new Twins(chans);
        for (const [step, choice] of steps) {
          twins.take(step, choice);
          await assertAlike(twins.model, twins.real);
        }
        await turn();
      },
    ),
    { numRuns: 3_000 },
  );
}, 30_000);

testWithin("random loops do what the model says, however they are interleaved", async () => {
  const loop = fc.array(fc.tuple(step, fc.nat(11)), { maxLength: 12, size: "max" });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      chans,
      fc.array(loop, { minLength: 2, maxLength: 6 }),
      async (scheduler, chans, loops) => {
        const twins = new Twins(chans);
        const errors: unknown[] = [];
        const run = async (steps: [Step, number][]) => {
          for (const [step, choice] of steps) {
            await scheduler.schedule(Promise.resolve());
            await twins.take(step, choice);
          }
        };
        for (const steps of loops) run(steps).catch((error) => errors.push(error));
        // A loop whose operation waits for ever is no longer scheduled.
        while (scheduler.count() > 0) {
          await scheduler.waitOne();
          await turn();
        }
        assertEquals(errors, []);
        await assertAlike(twins.model, twins.real);
      },
    ),
    { numRuns: 2_000 },
  );
}, 30_000);
