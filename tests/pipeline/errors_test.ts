import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Chan, inspect, pipeline, StageError } from "../../mod.ts";
import { assertNobodyWaits, range, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";
import { untilAborted } from "../pool/support.ts";

const oddOnly = (n: number) => {
  if (n % 2 === 0) throw new Error(`error processing ${n}`);
  return n * 2;
};

testWithin("errors as values: half of ten fail, half succeed, none is lost", async () => {
  const numbers = new Chan<number>(10);
  for (const n of range(10)) await numbers.send(n + 1);
  numbers.close();
  const results = await pipeline(numbers).map("odd only", oddOnly).collectResults();
  const errors = results.filter((result) => !result.ok);
  assertEquals([errors.length, results.length - errors.length], [5, 5]);
});

testWithin(
  "errors as values: each says its stage and value, and later stages do not see it",
  async () => {
    for (const workers of [1, 3]) {
      const seen: number[] = [];
      const results = await pipeline(range(6))
        .map("odd only", oddOnly, { workers, ordered: true })
        .filter("any", () => true)
        .flatMap("wrap", (n) => [n])
        .map("see", (n) => {
          seen.push(n);
          if (n === 6) throw "not six";
          return n;
        }, { workers, ordered: true })
        .collectResults();
      assertEquals(seen, [2, 6, 10]);
      assertEquals(
        results.map((result) =>
          result.ok ? result.value : [result.error.stage, result.error.value, result.error.message]
        ),
        [
          ["odd only", 0, 'Cannot process a value in stage "odd only": error processing 0'],
          2,
          ["odd only", 2, 'Cannot process a value in stage "odd only": error processing 2'],
          ["see", 6, 'Cannot process a value in stage "see": not six'],
          ["odd only", 4, 'Cannot process a value in stage "odd only": error processing 4'],
          10,
        ],
      );
    }
  },
);

testWithin("errors as values: a batch is made of the values, and the errors pass it", async () => {
  const results = await pipeline(range(5))
    .map("odd only", (n) => Promise.resolve(oddOnly(n)))
    .batch("all", 10)
    .collectResults();
  assertEquals(
    results.map((result) => result.ok ? result.value : result.error.value),
    [0, 2, 4, [2, 6]],
  );
});

testWithin("errors as values: an iterable that breaks off has sent what came before", async () => {
  const half = function* (n: number) {
    yield n;
    throw new Error("broke off");
  };
  const results = await pipeline(range(2)).flatMap("half", half).collectResults();
  assertEquals(
    results.map((result) => result.ok ? result.value : result.error.message),
    range(2).flatMap((n) => [n, 'Cannot process a value in stage "half": broke off']),
  );
});

testWithin("errors as values: they can be read one by one", async () => {
  const seen = [];
  for await (const result of pipeline(range(4)).map("odd only", oddOnly).results()) {
    seen.push(result.ok);
  }
  assertEquals(seen, [false, true, false, true]);
});

testWithin(
  "fail-fast: the first error ends the pipeline and is thrown with its cause",
  async () => {
    const cause = new Error("three!");
    const source = new Chan<number>(100);
    for (const n of range(100)) source.trySend(n);
    const begun: number[] = [];
    const ended = pipeline(source).map("work", (n) => {
      begun.push(n);
      if (n === 3) throw cause;
      return Promise.resolve(n);
    }, { buffer: 0 }).collect();
    const error = await assertRejects(() => ended, StageError);
    assertStrictEquals(error.cause, cause);
    assertEquals([error.stage, error.value], ["work", 3]);
    assertEquals(begun, range(4));
    assert(source.length > 90, `${source.length} left`);
    assertNobodyWaits(source);
  },
);

testWithin("fail-fast: every sink throws it", async () => {
  const make = () => pipeline(range(10)).map("work", oddOnly);
  const sinks = [
    () => make().collect(),
    () => make().run(),
    () => make().forEach("see", () => {}),
    () => Array.fromAsync(make()),
  ];
  for (const sink of sinks) {
    const error = await assertRejects(sink, StageError, 'stage "work": error processing 0');
    assertEquals(error.value, 0);
  }
  const inSink = pipeline(range(10)).forEach("sink", oddOnly);
  await assertRejects(() => inSink, StageError, 'stage "sink"');
});

testWithin("fail-fast: calls in flight are told by their signal, and waited for", async () => {
  const log: string[] = [];
  const ended = pipeline(range(3)).map("work", async (n, context) => {
    if (n === 2) throw new Error("two!");
    await untilAborted(n, context).catch(() => {});
    await turn();
    log.push(`${n} has cleaned up`);
  }, { workers: 3 }).run();
  await assertRejects(() => ended, StageError, "two!");
  assertEquals(log, ["0 has cleaned up", "1 has cleaned up"]);
});

testWithin(
  "fail-fast: an error of work that was told to stop is not the pipeline's error",
  async () => {
    for (const ordered of [false, true]) {
      const pipe = pipeline(range(4)).map("work", async (n, context) => {
        if (n === 3) throw new Error("the first");
        await untilAborted(n, context).catch(() => {
          throw new Error("a consequence");
        });
      }, { workers: 4, ordered });
      await assertRejects(() => pipe.run(), StageError, "the first");
      assertEquals(
        pipe.metrics.map(({ processed, errors, active }) => [processed, errors, active]),
        [
          [1, 1, 0],
        ],
      );
    }
  },
);

testWithin("source: an error in it ends the pipeline in both ways", async () => {
  const broken = function* () {
    yield 1;
    throw new Error("cannot read");
  };
  for (const kind of ["collect", "collectResults"] as const) {
    const error = await assertRejects(
      () => pipeline(broken()).map("same", (n) => n)[kind](),
      StageError,
      'stage "source": cannot read',
    );
    assertEquals(error.value, undefined);
  }
  const failed = new Chan<number>(1);
  await failed.send(1);
  failed.close(new Error("failed upstream"));
  await assertRejects(() => pipeline(failed).collect(), StageError, "failed upstream");
  assertEquals(inspect(failed).waiting, []);
});
