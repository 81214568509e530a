import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { Chan, DurationSketch, ManualClock, pipeline, Throughput } from "../../mod.ts";
import { range, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";

testWithin("stage metrics: they follow the run while it lasts", async () => {
  const clock = new ManualClock();
  const source = new Chan<number>(100);
  const pipe = pipeline(source, { clock })
    .map("quick", (ms) => ms, { buffer: 4 })
    .map("slow", async (ms) => {
      await clock.sleep(ms);
      if (ms === 30) throw new Error("30!");
    });
  assertEquals(pipe.metrics, []);
  const ended = pipe.collectResults();
  for (const ms of [10, 20, 30, 40]) await source.send(ms);
  await clock.advance(35);
  assertEquals(pipe.metrics.map(({ name }) => name), ["quick", "slow"]);
  const [quick, slow] = pipe.metrics;
  assertEquals(quick, {
    name: "quick",
    processed: 4,
    errors: 0,
    active: 0,
    queueDepth: 0,
    averageMs: 0,
    p50Ms: 0,
    p99Ms: 0,
    throughput: 4 * 1_000 / 35,
    lastUpdate: 0,
  });
  assertEquals({ ...slow, p50Ms: 0, p99Ms: 0, throughput: 0 }, {
    name: "slow",
    processed: 2,
    errors: 0,
    active: 1,
    queueDepth: 1,
    averageMs: 15,
    p50Ms: 0,
    p99Ms: 0,
    throughput: 0,
    lastUpdate: 30,
  });
  await clock.advance(965);
  const end = pipe.metrics[1]!;
  assertEquals([end.processed, end.errors, end.averageMs, end.lastUpdate], [4, 1, 25, 100]);
  assertEquals([end.active, end.queueDepth, end.throughput], [0, 0, 4]);
  assertAlmostEquals(end.p50Ms!, 20, 0.2);
  assertAlmostEquals(pipe.metrics[1]!.p99Ms!, 30, 0.3);
  source.close();
  assertEquals((await ended).length, 4);
});

testWithin("stage metrics: waiting for the next stage is not the stage's time", async () => {
  for (const ordered of [false, true]) {
    const clock = new ManualClock();
    const pipe = pipeline(range(4), { clock })
      .flatMap("quick", (n) => [n, n], { buffer: 0, workers: 2, ordered })
      .map("slow", () => clock.sleep(100), { buffer: 0 });
    const ended = pipe.run();
    await clock.advance(1_000);
    await ended;
    const [quick, slow] = pipe.metrics;
    assertEquals([quick?.averageMs, slow?.averageMs], [0, 100]);
    assertEquals([quick?.processed, slow?.processed], [4, 8]);
  }
});

testWithin("stage metrics: a base tells of the run of the pipeline made from it", async () => {
  const base = pipeline(range(3)).map("a", (n) => n);
  await base.batch("b", 2).run();
  assertEquals(base.metrics.map(({ name, processed }) => [name, processed]), [["a", 3], ["b", 2]]);
  await turn();
});

Deno.test("duration sketch: any quantile is within 1% of the exact one", () => {
  const duration = fc.oneof(
    fc.constant(0),
    fc.double({ min: 0.001, max: 100, noNaN: true }),
    fc.double({ min: 1, max: 1e9, noNaN: true }),
  );
  const durations = fc.array(duration, { minLength: 1, maxLength: 200 });
  fc.assert(fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (all, q) => {
    const sketch = new DurationSketch();
    for (const ms of all) sketch.record(ms);
    const exact = all.toSorted((a, b) => a - b)[Math.floor(q * (all.length - 1))]!;
    const estimate = sketch.quantile(q)!;
    assert(Math.abs(estimate - exact) <= 0.010001 * exact, `${estimate} for ${exact}`);
    assertEquals(sketch.count, all.length);
    assertAlmostEquals(sketch.mean!, all.reduce((a, b) => a + b) / all.length, 1);
  }));
});

Deno.test("duration sketch: empty, out of bounds, and wrong quantiles", () => {
  const sketch = new DurationSketch();
  assertEquals([sketch.count, sketch.mean, sketch.quantile(0.5)], [0, undefined, undefined]);
  for (const ms of [-1, 1e-9, 1e12]) sketch.record(ms);
  assertEquals(sketch.quantile(0), 0);
  assertAlmostEquals(sketch.quantile(1)!, 1e9, 1e7);
  for (const q of [-0.1, 1.1, NaN]) {
    assertThrows(() => sketch.quantile(q), RangeError, "q must be between 0 and 1");
  }
});

Deno.test("throughput: what happened in the last ten seconds, whatever came before", () => {
  const moments = fc.array(fc.nat(30_000), { maxLength: 100 });
  fc.assert(fc.property(moments, fc.nat(3_000), (unsorted, rest) => {
    const times = unsorted.sort((a, b) => a - b);
    const now = (times.at(-1) ?? 0) + rest;
    const throughput = new Throughput(0);
    for (const time of times) throughput.add(time);
    // Nine whole seconds and the one that is under way.
    const from = Math.max(0, (Math.floor(now / 1_000) - 9) * 1_000);
    const count = times.filter((time) => time >= from).length;
    assertAlmostEquals(
      throughput.perSecond(now),
      now === 0 ? 0 : count * 1_000 / (now - from),
      1e-9,
    );
  }));
});
