import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ManualClock, PoolClosedError, WorkerPool } from "../../mod.ts";
import { assertPending, range, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertAddsUp, assertEnded, Gate } from "./support.ts";

const timings = [
  { name: "single worker, sequential", workers: 1, jobs: 10, tookMs: 100 },
  { name: "multiple workers, parallel", workers: 5, jobs: 10, tookMs: 20 },
  { name: "more jobs than workers", workers: 3, jobs: 30, tookMs: 100 },
  { name: "more workers than jobs", workers: 10, jobs: 3, tookMs: 10 },
  { name: "jobs that do not divide evenly", workers: 4, jobs: 10, tookMs: 30 },
  { name: "no jobs", workers: 5, jobs: 0, tookMs: 0 },
];

for (const { name, workers, jobs, tookMs } of timings) {
  testWithin(`worker pool: ${jobs} jobs of 10 ms take ${tookMs} ms (${name})`, async () => {
    const clock = new ManualClock();
    const pool = new WorkerPool((ms: number) => clock.sleep(ms), { workers, queue: jobs, clock });
    for (const _ of range(jobs)) await pool.submit(10);
    let endedAt = NaN;
    const ended = pool.shutdown().then(() => endedAt = clock.now());
    await clock.advance(1_000);
    await ended;
    assertEquals(endedAt, tookMs);
    assertEquals(pool.stats.completed, jobs);
    assertEquals(clock.pending, 0);
    assertEnded(pool);
  });
}

for (const workers of [1, 2, 4, 8, 16]) {
  testWithin(`worker pool: ${workers} workers are ${workers} times as fast as one`, async () => {
    const clock = new ManualClock();
    const jobs = 480;
    const pool = new WorkerPool(() => clock.sleep(10), { workers, clock });
    const fed = pool.pull(range(jobs)).then(() => pool.shutdown()).then(() => clock.now());
    await clock.advance(jobs * 10);
    assertEquals(await fed, jobs * 10 / workers);
  });
}

for (const work of ["instant", "waiting"] as const) {
  testWithin(`worker pool: 100 ${work} jobs are spread evenly over 5 workers`, async () => {
    const jobsOf = new Map<number, number>();
    const pool = new WorkerPool((_: number, { workerId }) => {
      jobsOf.set(workerId, (jobsOf.get(workerId) ?? 0) + 1);
      return work === "instant" ? undefined : Promise.resolve();
    }, { workers: 5 });
    for (const job of range(100)) assert(pool.trySubmit(job));
    await pool.shutdown();
    assertEquals(jobsOf, new Map([1, 2, 3, 4, 5].map((id) => [id, 20])));
  });
}

testWithin(
  "worker pool: a fixed pool gives a job to the worker that has been idle longest",
  async () => {
    const pool = new WorkerPool((_: number, { workerId }) => workerId, { workers: 3 });
    const ids = [];
    for (const job of range(6)) ids.push(await pool.run(job));
    assertEquals(ids, [1, 2, 3, 1, 2, 3]);
    await pool.shutdown();
  },
);

testWithin("worker pool: jobs begin in the order in which they were submitted", async () => {
  const begun: number[] = [];
  const pool = new WorkerPool((job: number) => void begun.push(job), { workers: 3, queue: 2 });
  await pool.pull(range(50));
  await pool.shutdown();
  assertEquals(begun, range(50));
});

testWithin("worker pool: no more jobs are in flight than there are workers", async () => {
  let now = 0;
  let most = 0;
  const pool = new WorkerPool(async (turns: number) => {
    most = Math.max(most, ++now);
    for (const _ of range(turns)) await Promise.resolve();
    now--;
  }, { workers: 7 });
  await pool.pull(range(200).map((i) => i % 11));
  await pool.shutdown();
  assertEquals({ now, most }, { now: 0, most: 7 });
});

testWithin("worker pool: work never runs inside the call that submits it", async () => {
  let ran = false;
  const pool = new WorkerPool(() => void (ran = true));
  pool.trySubmit(undefined);
  assertEquals(ran, false);
  await pool.shutdown();
  assertEquals(ran, true);
});

testWithin("worker pool: work may submit more work", async () => {
  const seen: number[] = [];
  const pool = new WorkerPool((n: number) => {
    seen.push(n);
    if (n > 0) assert(pool.trySubmit(n - 1));
  }, { workers: 2 });
  await pool.submit(1_000);
  while (seen.length <= 1_000) await turn();
  await pool.shutdown();
  assertEquals(seen, range(1_001).reverse());
});

testWithin("worker pool: status and statistics follow the jobs", async () => {
  const clock = new ManualClock(1_000);
  const gate = new Gate<string, void>();
  const pool = new WorkerPool(gate.work, { workers: 2, clock });
  const idle = { state: "idle", job: undefined, completed: 0, failed: 0, since: 1_000 } as const;
  assertEquals(pool.workers, [{ id: 1, ...idle }, { id: 2, ...idle }]);

  await clock.advance(5);
  for (const job of ["a", "b", "c"]) await pool.submit(job);
  await clock.advance(20);
  assertEquals(pool.workers, [
    { id: 1, state: "busy", job: "a", completed: 0, failed: 0, since: 1_005 },
    { id: 2, state: "busy", job: "b", completed: 0, failed: 0, since: 1_005 },
  ]);

  gate.fail("b", new Error("no"));
  await turn();
  gate.finish("c");
  await turn();
  assertEquals(pool.workers, [
    { id: 1, state: "busy", job: "a", completed: 0, failed: 0, since: 1_005 },
    { id: 2, state: "idle", job: undefined, completed: 1, failed: 1, since: 1_025 },
  ]);
  const { throughput, ...counts } = pool.stats;
  assertEquals(counts, {
    workers: 2,
    active: 1,
    idle: 1,
    queued: 0,
    submitted: 3,
    completed: 1,
    failed: 1,
    cancelled: 0,
    dropped: 0,
  });
  assertEquals(throughput, 2 / 0.025);
  gate.finish("a");
  await assertRejects(() => pool.shutdown(), Error, "no");
  assertEnded(pool);
});

testWithin("worker pool: submit waits while the queue is full, in order", async () => {
  const gate = new Gate<number, void>();
  const pool = new WorkerPool(gate.work, { workers: 1, queue: 1 });
  await pool.submit(0);
  await pool.submit(1);
  assertEquals(pool.trySubmit(9), false);
  const third = pool.submit(2);
  const fourth = pool.submit(3);
  await assertPending(third);
  assertEquals(pool.stats.queued, 1);
  gate.finish(0);
  await third;
  await assertPending(fourth);
  for (const job of [1, 2, 3]) gate.finish(job);
  await fourth;
  await pool.shutdown();
  assertEquals(gate.begun, [0, 1, 2, 3]);
});

testWithin("worker pool: with a queue of 0 only an idle worker takes a job", async () => {
  const gate = new Gate<number, void>();
  const pool = new WorkerPool(gate.work, { workers: 2, queue: 0 });
  assertEquals([0, 1, 2].map((job) => pool.trySubmit(job)), [true, true, false]);
  const waiting = pool.submit(3);
  await assertPending(waiting);
  assertAddsUp(pool.stats);
  gate.finish(1);
  await waiting;
  assertEquals(gate.begun, [0, 1, 3]);
  gate.finish(0);
  gate.finish(3);
  await pool.shutdown();
});

testWithin("worker pool: a paused pool starts nothing and goes on where it stopped", async () => {
  const gate = new Gate<number, void>();
  const pool = new WorkerPool(gate.work, { workers: 1, queue: 2 });
  await pool.submit(0);
  await turn();
  pool.pause();
  assert(pool.paused);
  gate.finish(0);
  await pool.submit(1);
  await pool.submit(2);
  const waiting = pool.submit(3);
  await assertPending(waiting);
  assertEquals(gate.begun, [0]);
  assertEquals(pool.stats.idle, 1);
  pool.resume();
  await waiting;
  for (const job of [1, 2, 3]) gate.finish(job);
  await pool.shutdown();
  assertEquals(gate.begun, [0, 1, 2, 3]);
});

testWithin(
  "worker pool: run resolves to the value and rejects with the error of its job",
  async () => {
    await using pool = new WorkerPool((text: string): unknown => JSON.parse(text), { workers: 2 });
    assertEquals(await pool.run("[1]"), [1]);
    await assertRejects(() => pool.run("["), SyntaxError);
    assertEquals(await Promise.all(range(50).map((n) => pool.run(String(n)))), range(50));
  },
);

testWithin(
  "worker pool: run waits for room like submit, and tells when it is turned away",
  async () => {
    const gate = new Gate<number, string>();
    const pool = new WorkerPool(gate.work, { workers: 1, queue: 0 });
    const first = pool.run(1);
    const second = pool.run(2);
    gate.finish(1, "one");
    gate.finish(2, "two");
    assertEquals(await Promise.all([first, second]), ["one", "two"]);
    const third = pool.run(3);
    const turnedAway = pool.run(4);
    const ended = pool.shutdown();
    const error = await assertRejects(() => turnedAway, PoolClosedError);
    assertEquals(error.job, 4);
    gate.finish(3, "three");
    assertEquals(await third, "three");
    await ended;
  },
);

testWithin(
  "worker pool: thenables are waited for, and other values are passed on as they are",
  async () => {
    const thenable = { then: (resolve: (value: number) => void) => resolve(5) };
    const notThenable = { then: "soon" };
    await using pool = new WorkerPool((value: unknown): unknown => value);
    assertEquals(await pool.run(thenable), 5);
    assertEquals(await pool.run(notThenable), notThenable);
    assertEquals(await pool.run(null), null);
    const hostile = Object.defineProperty({}, "then", {
      get() {
        throw new Error("no then");
      },
    });
    await assertRejects(() => pool.run(hostile), Error, "no then");
    assertEquals(await pool.run(1), 1);
  },
);

testWithin(
  "worker pool: timers are served while jobs that never wait follow each other",
  async () => {
    for (const work of [() => {}, async () => {}]) {
      const pool = new WorkerPool((again: () => void) => {
        again();
        return work();
      }, { workers: 2 });
      let stopped = false;
      const timer = setTimeout(() => stopped = true, 1);
      const again = () => void (stopped || pool.trySubmit(again));
      pool.trySubmit(again);
      pool.trySubmit(again);
      while (!stopped) await turn();
      clearTimeout(timer);
      await pool.shutdown();
    }
  },
);

testWithin("worker pool: 200,000 jobs waiting in line are all done", async () => {
  let done = 0;
  const pool = new WorkerPool(() => void done++);
  const values = range(200_000).map((job) => pool.run(job));
  await Promise.all(values);
  assertEquals(done, 200_000);
  await pool.shutdown();
});

testWithin("worker pool: a job's options are checked", async () => {
  const pool = new WorkerPool(() => {});
  await assertRejects(
    () => pool.submit(undefined, { timeoutMs: -1 }),
    RangeError,
    "Cannot submit a job: timeoutMs must be 0 or more, got -1",
  );
  assertThrows(() => pool.trySubmit(undefined, { timeoutMs: NaN }), RangeError, "got NaN");
  assertThrows(() => pool.resize(0), RangeError, "workers must be a whole number from 1, got 0");
  assertEquals(pool.stats.submitted, 0);
  await pool.shutdown();
});

Deno.test("worker pool: options are checked", () => {
  const work = () => {};
  const wrong: [options: ConstructorParameters<typeof WorkerPool>[1], message: string][] = [
    [{ workers: 0 }, "workers must be a whole number from 1, got 0"],
    [{ workers: 1.5 }, "workers must be a whole number from 1, got 1.5"],
    [{ workers: Infinity }, "workers must be a whole number from 1, got Infinity"],
    [{ workers: NaN }, "workers must be a whole number from 1, got NaN"],
    [{ workers: { min: -1, max: 2 } }, "workers.min must be a whole number from 0, got -1"],
    [{ workers: { min: 0, max: 0 } }, "workers.max must be a whole number from 1, got 0"],
    [{ workers: { min: 3, max: 2 } }, "workers.max must be a whole number from 3, got 2"],
    [{ workers: { min: 1, max: 2, growAt: 0 } }, "workers.growAt must be a whole number from 1"],
    [{ workers: { min: 1, max: 2, idleMs: NaN } }, "workers.idleMs must be 0 or more, got NaN"],
    [{ queue: -1 }, "queue must be a whole number from 0, got -1"],
    [{ queue: 0.5 }, "queue must be a whole number from 0, got 0.5"],
    [{ resultsBuffer: NaN }, "resultsBuffer must be a whole number from 0, got NaN"],
    [{ jobTimeoutMs: -1 }, "jobTimeoutMs must be 0 or more, got -1"],
    [{ priority: true, agingMs: 0 }, "agingMs must be more than 0, got 0"],
  ];
  for (const [options, message] of wrong) {
    assertThrows(() => new WorkerPool(work, options), RangeError, message);
  }
  assertThrows(() => new WorkerPool(work, { agingMs: 5 }), TypeError, "priority must be set");
  for (const queue of [0, 1, Infinity]) new WorkerPool(work, { queue });
});
