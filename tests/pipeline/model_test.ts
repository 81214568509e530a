import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { type Pipeline, pipeline, StageError, type StageOptions } from "../../mod.ts";
import { range } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";

/** A stage, told so that a plain array can do the same. */
interface Stage {
  readonly kind: "map" | "filter" | "flatMap" | "batch";
  readonly workers: number;
  readonly buffer: number;
  readonly ordered: boolean;
  /** Values that leave this remainder by seven fail. */
  readonly fails: number;
  /** How long a value takes, in microtasks. */
  readonly slowness: number;
}

const stage: fc.Arbitrary<Stage> = fc.record({
  kind: fc.constantFrom("map", "map", "filter", "flatMap", "batch"),
  workers: fc.integer({ min: 1, max: 4 }),
  buffer: fc.nat(3),
  ordered: fc.boolean(),
  fails: fc.nat(13),
  slowness: fc.nat(5),
});

const flow = fc.record({
  count: fc.nat(40),
  stages: fc.array(stage, { minLength: 1, maxLength: 5 }),
});

type Outcome = { readonly value: number } | { readonly stage: string; readonly failed: number };

function fails(stage: Stage, value: number): boolean {
  return stage.kind !== "batch" && value % 7 === stage.fails;
}

/** What a stage makes of one value. A batch is unpacked at once, so it changes nothing. */
function outputs(stage: Stage, value: number): number[] {
  switch (stage.kind) {
    case "map":
      return [value + 3];
    case "filter":
      return value % 3 === 0 ? [] : [value];
    case "flatMap":
      return range(value % 4).map((n) => value + n);
    case "batch":
      return [value];
  }
}

function expected(count: number, stages: readonly Stage[]): Outcome[] {
  let outcomes: Outcome[] = range(count).map((value) => ({ value }));
  for (const [i, stage] of stages.entries()) {
    outcomes = outcomes.flatMap((outcome): Outcome[] => {
      if (!("value" in outcome)) return [outcome];
      const { value } = outcome;
      if (fails(stage, value)) return [{ stage: `${i}`, failed: value }];
      return outputs(stage, value).map((value) => ({ value }));
    });
  }
  return outcomes;
}

function build(count: number, stages: readonly Stage[]): Pipeline<number> {
  let pipe: Pipeline<number> = pipeline(range(count));
  for (const [i, stage] of stages.entries()) pipe = withStage(pipe, `${i}`, stage);
  return pipe;
}

function withStage(pipe: Pipeline<number>, name: string, stage: Stage): Pipeline<number> {
  const { kind, workers, buffer, ordered } = stage;
  const options: StageOptions = { workers, buffer, ordered };
  const begin = (value: number): void | Promise<void> => {
    const check = () => {
      if (fails(stage, value)) throw new Error(`cannot do ${value}`);
    };
    return stage.slowness === 0 ? check() : idle(value % stage.slowness).then(check);
  };
  const after = <T>(value: number, make: () => T): T | Promise<T> => {
    const begun = begin(value);
    return begun === undefined ? make() : begun.then(make);
  };
  switch (kind) {
    case "map":
      return pipe.map(name, (n) => after(n, () => n + 3), options);
    case "filter":
      return pipe.filter(name, (n) => after(n, () => n % 3 !== 0), options);
    case "flatMap":
      return pipe.flatMap(name, (n) => after(n, () => outputs(stage, n)), options);
    case "batch":
      return pipe.batch(name, workers, { buffer }).flatMap(`${name} unpacked`, (batch) => batch);
  }
}

async function idle(microtasks: number): Promise<void> {
  for (const _ of range(microtasks)) await Promise.resolve();
}

const inOrder = (stages: readonly Stage[]) =>
  stages.every(({ kind, workers, ordered }) => kind === "batch" || workers === 1 || ordered);

const sorted = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => JSON.stringify(outcome)).sort();

testWithin("pipeline: random stages make of random values what a plain array does", async () => {
  await fc.assert(
    fc.asyncProperty(flow, async ({ count, stages }) => {
      const results = await build(count, stages).collectResults();
      const actual = results.map((result): Outcome =>
        result.ok
          ? { value: result.value }
          : { stage: result.error.stage, failed: Number(result.error.value) }
      );
      const model = expected(count, stages);
      assertEquals(sorted(actual), sorted(model));
      if (!inOrder(stages)) return;
      const values = (outcomes: readonly Outcome[]) => outcomes.filter((each) => "value" in each);
      assertEquals(values(actual), values(model));
    }),
    { numRuns: 300 },
  );
}, 30_000);

testWithin(
  "pipeline: it fails fast exactly if some value fails, with an error of one",
  async () => {
    await fc.assert(
      fc.asyncProperty(flow, async ({ count, stages }) => {
        const failures = expected(count, stages).filter((outcome) => "stage" in outcome);
        const pipe = build(count, stages);
        if (failures.length === 0) {
          assertEquals((await pipe.collect()).length, expected(count, stages).length);
        } else {
          const { stage, value } = await assertRejects(() => pipe.collect(), StageError);
          assert(failures.some((each) => each.stage === stage && each.failed === value));
        }
        for (const { active, queueDepth: _, name } of pipe.metrics) assertEquals(active, 0, name);
      }),
      { numRuns: 300 },
    );
  },
  30_000,
);

testWithin(
  "pipeline: aborted at any moment, it ends with the reason and nothing at work",
  async () => {
    await fc.assert(
      fc.asyncProperty(flow, fc.nat(300), async ({ count, stages }, microtasks) => {
        const controller = new AbortController();
        const source = range(count);
        let pipe: Pipeline<number> = pipeline(source, { signal: controller.signal });
        for (const [i, stage] of stages.entries()) pipe = withStage(pipe, `${i}`, stage);
        const ended = pipe.collectResults().then(() => "ended", (error) => error);
        await idle(microtasks);
        const reason = new Error("stop");
        controller.abort(reason);
        const outcome = await ended;
        assert(outcome === "ended" || outcome === reason, String(outcome));
        for (const { active, name } of pipe.metrics) assertEquals(active, 0, name);
      }),
      { numRuns: 300 },
    );
  },
  30_000,
);
