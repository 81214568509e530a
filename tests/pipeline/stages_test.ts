import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Chan, ManualClock, pipeline, TokenBucket } from "../../mod.ts";
import { assertNobodyWaits, range, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";
import { Gate } from "../pool/support.ts";

async function* later<T>(values: Iterable<T>): AsyncGenerator<T> {
  for (const value of values) yield await Promise.resolve(value);
}

testWithin("pipeline: without stages the values come out as they went in", async () => {
  const chan = new Chan<number>(3);
  for (const n of range(3)) chan.trySend(n);
  chan.close();
  for (const source of [range(3), range(3).values(), later(range(3)), chan]) {
    assertEquals(await pipeline(source).collect(), range(3));
  }
  assertEquals(await pipeline("añ🙂").collect(), ["a", "ñ", "🙂"]);
  assertEquals(await pipeline([]).collect(), []);
});

testWithin("map stage: one value comes of each, waited for or not", async () => {
  assertEquals(await pipeline(range(5)).map("double", (n) => n * 2).collect(), [0, 2, 4, 6, 8]);
  const slow = pipeline(range(5)).map("double", async (n) => await Promise.resolve(n * 2));
  assertEquals(await slow.collect(), [0, 2, 4, 6, 8]);
  const thenable = pipeline([1]).map("wait", (n) => ({
    then: (resolve: (value: string) => void) => resolve(`got ${n}`),
  } as PromiseLike<string>));
  assertEquals(await thenable.collect(), ["got 1"]);
});

testWithin("map stage: undefined, null and arrays are values like any other", async () => {
  const values = [undefined, null, [], [1], { then: 1 }];
  assertEquals(await pipeline(values).map("same", (value) => value).collect(), values);
});

testWithin("filter stage: what is kept stays the same, in order", async () => {
  const even = pipeline(range(7)).filter("even", (n) => n % 2 === 0);
  assertEquals(await even.collect(), [0, 2, 4, 6]);
  const late = pipeline(range(7)).filter("even", async (n) => await Promise.resolve(n % 2 === 0), {
    workers: 3,
    ordered: true,
  });
  assertEquals(await late.collect(), [0, 2, 4, 6]);
});

testWithin("filter stage: a type guard narrows the type of what follows", async () => {
  const mixed: (string | number)[] = ["a", 1, "b"];
  const texts = pipeline(mixed).filter("texts", (value) => typeof value === "string");
  const upper: Promise<string[]> = texts.map("upper", (text) => text.toUpperCase()).collect();
  assertEquals(await upper, ["A", "B"]);
});

testWithin("flatMap stage: none, one or many values come of each", async () => {
  const times = (n: number) => new Array<number>(n).fill(n);
  const kinds = [
    times,
    async (n: number) => await Promise.resolve(times(n)),
    (n: number) => later(times(n)),
  ];
  for (const kind of kinds) {
    for (const workers of [1, 3]) {
      const many = pipeline(range(4)).flatMap("repeat", kind, { workers, ordered: true });
      assertEquals(await many.collect(), [1, 2, 2, 3, 3, 3]);
    }
  }
});

testWithin(
  "flatMap stage: an endless iterable is read no faster than its values are used",
  async () => {
    let made = 0;
    const endless = function* () {
      for (;;) yield made++;
    };
    const seen: number[] = [];
    for await (const n of pipeline([0]).flatMap("count", endless, { buffer: 2 })) {
      seen.push(n);
      await turn();
      assert(made <= n + 5, `${made} made at ${n}`);
      if (n === 20) break;
    }
    assertEquals(seen, range(21));
  },
);

testWithin("batch stage: full arrays, and what is left at the end", async () => {
  assertEquals(await pipeline(range(7)).batch("threes", 3).collect(), [[0, 1, 2], [3, 4, 5], [6]]);
  assertEquals(await pipeline(range(4)).batch("twos", 2).collect(), [[0, 1], [2, 3]]);
  assertEquals(await pipeline([]).batch("none", 2).collect(), []);
});

testWithin("batch stage: a batch goes when its first value has waited long enough", async () => {
  const clock = new ManualClock();
  const source = new Chan<string>();
  const batches: [number, string[]][] = [];
  const ended = pipeline(source, { clock })
    .batch("gather", 3, { maxWaitMs: 100 })
    .forEach("note", (batch) => batches.push([clock.now(), batch]));
  await source.send("a");
  await clock.advance(60);
  await source.send("b");
  await clock.advance(60);
  await source.send("c");
  await clock.advance(90);
  for (const value of ["d", "e", "f"]) await source.send(value);
  await clock.advance(500);
  source.close();
  await ended;
  assertEquals(batches, [[100, ["a", "b"]], [210, ["c", "d", "e"]], [310, ["f"]]]);
  assertEquals(clock.pending, 0);
  assertNobodyWaits(source);
});

testWithin("forEach: the last stage sees every value, with workers of its own", async () => {
  const seen: number[] = [];
  await pipeline(range(20)).forEach("see", async (n) => {
    await Promise.resolve();
    seen.push(n);
  }, { workers: 4 });
  assertEquals(seen.sort((a, b) => a - b), range(20));
});

testWithin("run: everything goes through, and nothing is kept", async () => {
  let count = 0;
  await pipeline(range(30)).map("count", () => count++).run();
  assertEquals(count, 30);
});

testWithin("workers: so many values are worked on at once, and no more", async () => {
  for (const ordered of [false, true]) {
    let now = 0;
    let most = 0;
    const ids = new Set<number>();
    await pipeline(range(60)).map("work", async (n, { workerId }) => {
      most = Math.max(most, ++now);
      ids.add(workerId);
      for (const _ of range(n % 5)) await turn();
      now--;
    }, { workers: 4, ordered }).run();
    assertEquals(most, 4);
    assertEquals([...ids].sort(), [1, 2, 3, 4]);
  }
});

testWithin(
  "ordered: results keep the order of their values; otherwise they come when ready",
  async () => {
    for (const ordered of [false, true]) {
      const gate = new Gate<number>();
      const seen: number[] = [];
      const ended = pipeline(range(3))
        .map("work", (n) => gate.work(n, { signal: new AbortController().signal, workerId: 0 }), {
          workers: 3,
          ordered,
        })
        .forEach("see", (n) => seen.push(n));
      await turn();
      for (const n of [2, 0, 1]) {
        gate.finish(n, n);
        await turn();
      }
      await ended;
      assertEquals(seen, ordered ? [0, 1, 2] : [2, 0, 1]);
    }
  },
);

testWithin("ordered: a slow value holds up a bounded number of others", async () => {
  const [workers, buffer] = [3, 2];
  const gate = new Gate<number>();
  for (const n of range(50)) if (n > 0) gate.finish(n, n);
  const values = pipeline(range(50)).map(
    "work",
    (n, { signal, workerId }) => gate.work(n, { signal, workerId }),
    { workers, buffer, ordered: true },
  ).collect();
  await turn();
  // The slow one is being read; behind it wait as many as may.
  assertEquals(gate.begun.length, 1 + workers + buffer);
  gate.finish(0, 0);
  assertEquals(await values, range(50));
});

testWithin("ordered: many values of each, with little room, do not block each other", async () => {
  const values = await pipeline(range(20)).flatMap("repeat", async (n) => {
    await turn();
    return new Array<number>(10).fill(n);
  }, { workers: 4, buffer: 0, ordered: true }).collect();
  assertEquals(values, range(20).flatMap((n) => new Array<number>(10).fill(n)));
});

testWithin("limiter: a stage waits for it before each call", async () => {
  const clock = new ManualClock();
  const limiter = new TokenBucket({ limit: 10, burst: 1, clock });
  const times: number[] = [];
  const ended = pipeline(range(5), { clock })
    .forEach("call", () => times.push(clock.now()), { limiter, workers: 3 });
  await clock.advance(1_000);
  await ended;
  assertEquals(times, [0, 100, 200, 300, 400]);
});

testWithin("retry stage: a call is made again after a growing wait, then given up", async () => {
  const clock = new ManualClock();
  const calls: [value: string, attempt: number, at: number][] = [];
  const results = pipeline(["works", "flaky", "broken"], { clock })
    .map("fetch", (value, { attempt }) => {
      calls.push([value, attempt, clock.now()]);
      if (value === "broken" || (value === "flaky" && attempt < 3)) throw new Error(`${value}!`);
      return attempt;
    }, { retry: { maxAttempts: 3, baseMs: 100, jitter: 0 } })
    .collectResults();
  await clock.advance(10_000);
  assertEquals(
    (await results).map((result) => result.ok ? result.value : result.error.message),
    [1, 3, 'Cannot process a value in stage "fetch": broken!'],
  );
  assertEquals(calls, [
    ["works", 1, 0],
    ["flaky", 1, 0],
    ["flaky", 2, 100],
    ["flaky", 3, 300],
    ["broken", 1, 300],
    ["broken", 2, 400],
    ["broken", 3, 600],
  ]);
  assertEquals(clock.pending, 0);
});

testWithin("retry stage: ending the pipeline ends the wait between two attempts", async () => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const ended = pipeline([1], { clock, signal: controller.signal }).map("fetch", () => {
    throw new Error("busy");
  }, { retry: { maxAttempts: Infinity } }).run();
  const outcome = assertRejects(() => ended, Error, "enough");
  await clock.advance(1);
  assertEquals(clock.pending, 1);
  controller.abort(new Error("enough"));
  await outcome;
  assertEquals(clock.pending, 0);
});

testWithin("pipeline: a long one of every kind of stage", async () => {
  const lines = await pipeline(range(100))
    .filter("even", (n) => n % 2 === 0, { workers: 2, ordered: true })
    .map("text", async (n) => await Promise.resolve(`${n}`), { workers: 3, ordered: true })
    .flatMap("letters", (text) => text, { workers: 2, ordered: true })
    .batch("rows", 9)
    .map("join", (row) => row.join(""))
    .collect();
  const expected = range(100).filter((n) => n % 2 === 0).join("").match(/.{1,9}/g);
  assertEquals(lines, [...expected!]);
});

testWithin("pipeline: it runs once, also by another name", async () => {
  const base = pipeline(range(3));
  const one = base.map("a", (n) => n);
  const other = base.map("b", (n) => n);
  assertEquals(await one.collect(), range(3));
  for (const pipe of [base, one, other]) {
    await assertRejects(() => pipe.collect(), TypeError, "Cannot run a pipeline");
  }
  await assertRejects(() => other.results().next(), TypeError, "got one that has run");
});

Deno.test("pipeline: names and numbers are checked when a stage is added", () => {
  const pipe = pipeline(range(3)).map("a", (n) => n);
  assertThrows(() => pipe.filter("a", () => true), TypeError, 'must be new, got "a"');
  const wrong: [add: () => unknown, message: string][] = [
    [() => pipe.map("b", (n) => n, { workers: 0 }), '"b": workers must be a whole number from 1'],
    [() => pipe.map("b", (n) => n, { buffer: -1 }), '"b": buffer must be a whole number from 0'],
    [() => pipe.batch("b", 0), '"b": size must be a whole number from 1, got 0'],
    [() => pipe.batch("b", 2, { maxWaitMs: NaN }), '"b": maxWaitMs must be 0 or more, got NaN'],
  ];
  for (const [add, message] of wrong) assertThrows(add, RangeError, message);
  pipe.map("b", (n) => n, { buffer: Infinity });
});
