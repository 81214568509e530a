import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { inspect, type JobResult, ManualClock, WorkerPool } from "../../mod.ts";
import { assertNobodyWaits, assertPending, range, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertAddsUp, assertEnded, Gate } from "./support.ts";

testWithin("pool results: they come as the jobs complete, with worker and duration", async () => {
  const clock = new ManualClock();
  const pool = new WorkerPool(async (ms: number) => {
    await clock.sleep(ms);
    return `${ms} ms`;
  }, { workers: 3, results: "completed", clock });
  await pool.pull([30, 10, 20]);
  const ended = pool.shutdown();
  const results = Array.fromAsync(pool.results);
  await clock.advance(30);
  assertEquals(await results, [
    { ok: true, job: 10, value: "10 ms", workerId: 2, durationMs: 10 },
    { ok: true, job: 20, value: "20 ms", workerId: 3, durationMs: 20 },
    { ok: true, job: 30, value: "30 ms", workerId: 1, durationMs: 30 },
  ]);
  await ended;
  assertNobodyWaits(pool.results);
});

testWithin("pool results: an error is a result like another, and the worker goes on", async () => {
  const pool = new WorkerPool((n: number) => {
    if (n % 2 === 0) throw new Error(`cannot do ${n}`);
    return n * 2;
  }, { workers: 1, results: "completed" });
  await pool.pull(range(10));
  await pool.shutdown();
  const results = await Array.fromAsync(pool.results);
  assertEquals(
    results.map((result) => result.ok ? result.value : String(result.error)),
    range(10).map((n) => n % 2 === 0 ? `Error: cannot do ${n}` : n * 2),
  );
  const { completed, failed } = pool.stats;
  assertEquals({ completed, failed }, { completed: 5, failed: 5 });
});

for (const results of ["completed", "ordered"] as const) {
  testWithin(`pool results: a slow reader slows a pool down (${results})`, async () => {
    const begun: number[] = [];
    const pool = new WorkerPool((job: number) => void begun.push(job), {
      workers: 2,
      queue: 1,
      results,
      resultsBuffer: 3,
    });
    const fed = pool.pull(range(100)).then(() => pool.shutdown());
    await turn();
    // In the channel, parked where results are ordered, and held by the workers.
    const most = results === "completed" ? 3 + 2 : 3 + 3 + 2;
    assertEquals(begun.length, most);
    assertEquals(pool.stats.active, 2);
    assertAddsUp(pool.stats);

    for (const taken of [1, 2, 3]) {
      await pool.results.receive();
      await turn();
      assertEquals(begun.length, most + taken);
    }
    assertEquals((await Array.fromAsync(pool.results)).length, 97);
    await fed;
    assertEquals(begun, range(100));
    assertNobodyWaits(pool.results);
    assertEnded(pool);
  });

  testWithin(
    `pool results: none is lost or doubled when nothing is buffered (${results})`,
    async () => {
      const pool = new WorkerPool((n: number) => n, { workers: 3, queue: 0, results });
      const fed = pool.pull(range(50)).then(() => pool.shutdown());
      const jobs = (await Array.fromAsync(pool.results)).map(({ job }) => job);
      assertEquals(jobs.sort((a, b) => a - b), range(50));
      await fed;
    },
  );

  testWithin(`pool results: what run returns stays out of them (${results})`, async () => {
    const pool = new WorkerPool((n: number) => n, { results, resultsBuffer: 0 });
    assertEquals(await Promise.all(range(20).map((n) => pool.run(n))), range(20));
    const ended = pool.shutdown();
    assertEquals(await Array.fromAsync(pool.results), []);
    await ended;
  });
}

testWithin("pool results: ordered results come in the order of the jobs, errors too", async () => {
  const gate = new Gate<number, string>();
  const pool = new WorkerPool(gate.work, { workers: 4, results: "ordered" });
  await pool.pull(range(4));
  const reader = pool.results[Symbol.asyncIterator]();
  const first = reader.next();
  gate.finish(3, "three");
  gate.fail(1, "one");
  gate.finish(2, "two");
  await assertPending(first);
  gate.finish(0, "zero");
  const seen = [(await first).value];
  for (const _ of range(3)) seen.push((await reader.next()).value);
  assertEquals(
    seen.map((result?: JobResult<number, string>) => result?.ok ? result.value : result?.error),
    ["zero", "one", "two", "three"],
  );
  await pool.shutdown();
});

testWithin(
  "pool results: while the first ordered job is slow, the others stop at the bound",
  async () => {
    const gate = new Gate<number, number>();
    const buffer = 4;
    const workers = 3;
    const pool = new WorkerPool(gate.work, { workers, results: "ordered", resultsBuffer: buffer });
    for (const job of range(50)) if (job > 0) gate.finish(job, job);
    const fed = pool.pull(range(50)).then(() => pool.shutdown());
    await turn();
    // The slow one, those parked, and those that the other workers are held with.
    assertEquals(gate.begun.length, 1 + buffer + (workers - 1));
    assertEquals(pool.results.length, 0);
    gate.finish(0, 0);
    const jobs = (await Array.fromAsync(pool.results)).map(({ job }) => job);
    assertEquals(jobs, range(50));
    await fed;
  },
);

testWithin("pool results: results that were not asked for cannot be read", async () => {
  const pool = new WorkerPool(() => {});
  assertThrows(() => pool.results, TypeError, "Cannot read results: the option results");
  await pool.shutdown();
});

testWithin(
  "pool results: without them shutdown throws the first error that nobody was told",
  async () => {
    const pool = new WorkerPool((n: number) => {
      if (n % 3 === 0) throw new Error(`cannot do ${n}`);
    });
    await assertRejects(() => pool.run(3), Error, "cannot do 3");
    for (const job of [1, 6, 2, 9, 4]) await pool.submit(job);
    await assertRejects(() => pool.shutdown(), Error, "cannot do 6");
    await assertRejects(() => pool.shutdown(), Error, "cannot do 6");
    assertEquals(pool.stats.completed, 3);
    assertEquals(pool.stats.failed, 3);
  },
);

testWithin(
  "pool results: with onError first the first error ends the pool and its readers",
  async () => {
    const gate = new Gate<number, number>();
    const pool = new WorkerPool(gate.work, {
      workers: 2,
      results: "completed",
      onError: "first",
      name: "parsers",
    });
    const fed = pool.pull(range(5));
    await fed;
    gate.finish(1, 11);
    await turn();
    gate.fail(0, new Error("broken"));
    const seen: unknown[] = [];
    const error = await assertRejects(
      async () => {
        for await (const result of pool.results) seen.push(result.ok ? result.value : "failed");
      },
      Error,
      "broken",
    );
    assertEquals(seen, [11, "failed"]);
    const inFlight = gate.contexts.get(2)!.signal;
    assertEquals([inFlight.aborted, inFlight.reason], [true, error]);
    assertEquals(gate.contexts.get(0)!.signal.aborted, false);
    await assertRejects(() => pool.submit(6), Error, 'pool "parsers" is shut down');
    await assertPending(pool.done);
    gate.finish(2, 22);
    await assertRejects(() => pool.shutdown(), Error, "broken");
    const { completed, failed, cancelled, dropped } = pool.stats;
    assertEquals({ completed, failed, cancelled, dropped }, {
      completed: 1,
      failed: 1,
      cancelled: 1,
      dropped: 2,
    });
    assertEnded(pool);
  },
);

testWithin(
  "pool results: the first error ends the pool even if its result finds no reader",
  async () => {
    for (const results of ["completed", "ordered"] as const) {
      const pool = new WorkerPool((n: number) => {
        throw new Error(`cannot do ${n}`);
      }, { workers: 1, results, resultsBuffer: 0, onError: "first" });
      await pool.submit(1);
      await assertRejects(() => pool.shutdown(), Error, "cannot do 1");
      assertEquals(pool.stats.failed, 1);
      assertEquals(inspect(pool.results).waiting, []);
      assertEnded(pool);
    }
  },
);
