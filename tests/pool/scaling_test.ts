import { assert, assertEquals } from "@std/assert";
import { ManualClock, WorkerPool } from "../../mod.ts";
import { range, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertEnded, Gate } from "./support.ts";

const ids = (pool: { workers: readonly { id: number }[] }) => pool.workers.map(({ id }) => id);

testWithin(
  "pool scaling: a worker comes for each job that would wait, up to the maximum",
  async () => {
    const gate = new Gate<number, void>();
    const pool = new WorkerPool(gate.work, { workers: { min: 1, max: 4 } });
    for (const [job, size] of [1, 2, 3, 4, 4, 4].entries()) {
      await pool.submit(job);
      assertEquals(pool.stats.workers, size);
    }
    await turn();
    assertEquals(gate.begun, range(4));
    for (const job of range(6)) gate.finish(job);
    await pool.shutdown();
    assertEnded(pool);
  },
);

testWithin(
  "pool scaling: growAt is the depth of the queue that brings another worker",
  async () => {
    const gate = new Gate<number, void>();
    const pool = new WorkerPool(gate.work, { workers: { min: 1, max: 3, growAt: 4 } });
    const sizes = [];
    for (const job of range(10)) {
      await pool.submit(job);
      sizes.push([pool.stats.workers, pool.stats.queued]);
    }
    assertEquals(sizes, [
      [1, 0], // taken at once
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 3], // the fourth to wait brings a worker, who takes the first that waited
      [3, 3],
      [3, 4],
      [3, 5],
      [3, 6],
      [3, 7],
    ]);
    await turn();
    assertEquals(gate.begun, [0, 1, 2]);
    for (const job of range(10)) gate.finish(job);
    await pool.shutdown();
    assertEquals(gate.begun, range(10));
  },
);

testWithin("pool scaling: a full queue brings a worker even before growAt", async () => {
  for (const queue of [0, 2]) {
    const gate = new Gate<number, void>();
    const pool = new WorkerPool(gate.work, { workers: { min: 1, max: 3, growAt: 50 }, queue });
    for (const job of range(3 + queue)) assert(pool.trySubmit(job), `job ${job}`);
    assertEquals(pool.trySubmit(99), false);
    assertEquals(pool.stats.workers, 3);
    for (const job of range(3 + queue)) gate.finish(job);
    await pool.shutdown();
    assertEquals(gate.begun, range(3 + queue));
  }
});

testWithin(
  "pool scaling: a pool that may have no worker has one as soon as there is a job",
  async () => {
    const clock = new ManualClock();
    const pool = new WorkerPool((n: number) => n, {
      workers: { min: 0, max: 2, growAt: 10, idleMs: 100 },
      clock,
    });
    assertEquals(pool.workers, []);
    assertEquals(await pool.run(7), 7);
    assertEquals(pool.stats.workers, 1);
    await clock.advance(99);
    assertEquals(pool.stats.workers, 1);
    await clock.advance(1);
    assertEquals(pool.stats.workers, 0);
    assertEquals(await pool.run(8), 8);
    await pool.shutdown();
    assertEquals(clock.pending, 0);
  },
);

testWithin(
  "pool scaling: whoever is not needed leaves after idleMs, down to the minimum",
  async () => {
    const clock = new ManualClock();
    const pool = new WorkerPool((ms: number) => clock.sleep(ms), {
      workers: { min: 1, max: 5, idleMs: 1_000 },
      clock,
    });
    await pool.pull([100, 200, 300, 400, 500]);
    const seen: [at: number, workers: number][] = [];
    for (let at = 100; at <= 1_700; at += 100) {
      await clock.advance(100);
      const { workers } = pool.stats;
      if (seen.at(-1)?.[1] !== workers) seen.push([at, workers]);
    }
    assertEquals(seen, [[100, 5], [1_100, 4], [1_200, 3], [1_300, 2], [1_400, 1]]);
    assertEquals(clock.pending, 0);
    await pool.shutdown();
  },
);

testWithin("pool scaling: light work keeps few workers, whose numbers are used again", async () => {
  const clock = new ManualClock();
  const pool = new WorkerPool((ms: number) => clock.sleep(ms), {
    workers: { min: 1, max: 4, idleMs: 50 },
    clock,
  });
  await pool.pull([10, 10, 10, 10]);
  for (const _ of range(20)) {
    await clock.advance(10);
    await pool.submit(5);
  }
  assertEquals(pool.stats.workers, 1);
  await clock.advance(5);
  for (const _ of range(3)) await pool.submit(5);
  assertEquals(ids(pool).length, 3);
  assert(Math.max(...ids(pool)) <= 4, `${ids(pool)}`);
  await clock.advance(5);
  await pool.shutdown();
  assertEquals(clock.pending, 0);
});

testWithin("pool resize: more workers start on the queue at once", async () => {
  const gate = new Gate<number, void>();
  const pool = new WorkerPool(gate.work, { workers: 1 });
  await pool.pull(range(6));
  await turn();
  assertEquals(gate.begun, [0]);
  pool.resize(4);
  await turn();
  assertEquals(gate.begun, [0, 1, 2, 3]);
  for (const job of range(6)) gate.finish(job);
  await pool.shutdown();
});

testWithin("pool resize: the idle leave at once and the busy after their job", async () => {
  const gate = new Gate<number, void>();
  const pool = new WorkerPool(gate.work, { workers: 5 });
  for (const job of range(3)) await pool.submit(job);
  await turn();
  pool.resize(2);
  assertEquals(pool.stats, { ...pool.stats, workers: 3, active: 3, idle: 0 });
  await pool.submit(3);
  gate.finish(1);
  await turn();
  assertEquals(ids(pool), [1, 3]);
  assertEquals(gate.begun, [0, 1, 2]);
  gate.finish(0);
  await turn();
  assertEquals(gate.begun, [0, 1, 2, 3]);
  pool.resize(3);
  assertEquals(ids(pool), [1, 2, 3]);
  for (const job of [2, 3]) gate.finish(job);
  await pool.shutdown();
});

testWithin("pool resize: submitters that wait for room find the new workers", async () => {
  const gate = new Gate<number, void>();
  const pool = new WorkerPool(gate.work, { workers: 1, queue: 0 });
  const submits = range(4).map((job) => pool.submit(job));
  await submits[0];
  pool.resize(3);
  await Promise.all(submits.slice(0, 3));
  assertEquals(gate.begun, [0, 1, 2]);
  pool.resize({ min: 0, max: 8 });
  await submits[3];
  for (const job of range(4)) gate.finish(job);
  await pool.shutdown();
  pool.resize(5);
  assertEquals(pool.stats.workers, 0);
});

testWithin("pool resize: a paused pool stays paused", async () => {
  const gate = new Gate<number, void>();
  const pool = new WorkerPool(gate.work, { workers: 1 });
  pool.pause();
  await pool.pull(range(3));
  pool.resize(3);
  await turn();
  assertEquals(gate.begun, []);
  for (const job of range(3)) gate.finish(job);
  await pool.shutdown();
  assertEquals(gate.begun, range(3));
});
