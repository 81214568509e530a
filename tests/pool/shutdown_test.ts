import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { ManualClock, PoolClosedError, ShutdownTimeoutError, WorkerPool } from "../../mod.ts";
import { assertNobodyWaits, assertPending, range, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertEnded, countListeners, Gate, untilAborted } from "./support.ts";

testWithin("pool shutdown: it does what is queued, then closes the results", async () => {
  const clock = new ManualClock();
  const pool = new WorkerPool(async (ms: number) => {
    await clock.sleep(ms);
    return clock.now();
  }, { workers: 2, clock, results: "completed" });
  await pool.pull([10, 10, 10, 10]);
  const ended = pool.shutdown();
  assert(pool.closed);
  await clock.advance(20);
  await ended;
  assert(pool.results.closed);
  const results = await Array.fromAsync(pool.results);
  assertEquals(results.map((result) => result.ok && result.value), [10, 10, 20, 20]);
  assertEnded(pool);
});

testWithin("pool shutdown: an idle pool ends at once, again and again", async () => {
  const pool = new WorkerPool(() => {});
  await Promise.all([pool.shutdown(), pool.shutdown()]);
  await pool.shutdown();
  await pool.done;
  assertEnded(pool);
});

testWithin(
  "pool shutdown: no more jobs are taken, and those that wait for room come back",
  async () => {
    const gate = new Gate<number, void>();
    const pool = new WorkerPool(gate.work, { workers: 1, queue: 1 });
    await pool.pull([1, 2]);
    const waiting = pool.submit(3);
    const ended = pool.shutdown();
    assertEquals((await assertRejects(() => waiting, PoolClosedError)).job, 3);
    assertEquals((await assertRejects(() => pool.submit(4), PoolClosedError)).job, 4);
    assertThrows(() => pool.trySubmit(5), PoolClosedError, "Cannot submit a job: the pool is shut");
    await assertRejects(() => pool.run(6), PoolClosedError);
    gate.finish(1);
    gate.finish(2);
    await ended;
    assertEquals(gate.begun, [1, 2]);
  },
);

testWithin("pool shutdown: a paused pool is resumed", async () => {
  const pool = new WorkerPool((n: number) => n, { workers: 1 });
  pool.pause();
  const values = range(3).map((n) => pool.run(n));
  await pool.shutdown();
  assertEquals(await Promise.all(values), range(3));
  pool.pause();
  assertEquals(pool.paused, false);
});

testWithin(
  "pool shutdown: the queue can be dropped, and only what is in flight is done",
  async () => {
    const gate = new Gate<number, string>();
    const pool = new WorkerPool(gate.work, { workers: 1 });
    const inFlight = pool.run(1);
    await turn();
    const queued = pool.run(2);
    await pool.submit(3);
    const ended = pool.shutdownWithTimeout(1_000, { queued: "drop" });
    const error = await assertRejects(() => queued, PoolClosedError, "shut down before it began");
    assertEquals(error.job, 2);
    gate.finish(1, "one");
    assertEquals(await inFlight, "one");
    assertEquals(await ended, { completed: 1, failed: 0, cancelled: [], dropped: [2, 3] });
    assertEquals(pool.stats.dropped, 2);
    assertEnded(pool);
  },
);

testWithin(
  "pool shutdown: within its time it reports what was done and leaves no timer",
  async () => {
    const clock = new ManualClock();
    const pool = new WorkerPool((ms: number) => clock.sleep(ms), { workers: 2, clock });
    await pool.pull([10, 20, 30]);
    const ended = pool.shutdownWithTimeout(1_000);
    await clock.advance(40);
    assertEquals(await ended, { completed: 3, failed: 0, cancelled: [], dropped: [] });
    assertEquals(clock.pending, 0);
  },
);

testWithin(
  "pool shutdown: at the deadline it cancels, throws, and tells what was left",
  async () => {
    const clock = new ManualClock();
    const pool = new WorkerPool(
      (ms: number, { signal }) => clock.sleep(ms, { signal }),
      { workers: 5, clock, name: "sleepers" },
    );
    await pool.pull([500, ...range(9).map((i) => 5_000 + i)]);
    let endedAt = NaN;
    const ended = pool.shutdownWithTimeout(1_000).finally(() => endedAt = clock.now());
    ended.catch(() => {});
    await clock.advance(2_000);
    assertEquals(endedAt, 1_000);
    const error = await assertRejects(() => ended, ShutdownTimeoutError<number>);
    assertEquals(
      error.message,
      'Cannot shut down pool "sleepers": every job must be done within 1000 ms, got 9 that are not',
    );
    assertEquals(error.report, {
      completed: 1,
      failed: 0,
      cancelled: [5_004, 5_000, 5_001, 5_002, 5_003],
      dropped: [5_005, 5_006, 5_007, 5_008],
    });
    await pool.done;
    assertEquals(clock.pending, 0);
    assertEnded(pool);
  },
);

testWithin(
  "pool shutdown: work that ignores its signal does not hold the deadline up",
  async () => {
    const clock = new ManualClock();
    const gate = new Gate<string, string>();
    const pool = new WorkerPool(gate.work, { workers: 1, clock, results: "completed" });
    const run = pool.run("stubborn");
    const ended = pool.shutdownWithTimeout(100);
    const outcome = assertRejects(() => ended, ShutdownTimeoutError);
    const rejected = assertRejects(() => run, ShutdownTimeoutError);
    await clock.advance(100);
    assertStrictEquals(await rejected, await outcome);
    assertStrictEquals(gate.contexts.get("stubborn")!.signal.reason, await outcome);
    await assertPending(pool.done);
    assertEquals(pool.stats.active, 1);
    gate.finish("stubborn", "too late");
    await pool.done;
    assertEquals(pool.stats.cancelled, 1);
    await pool.shutdown();
    assertEnded(pool);
  },
);

testWithin("pool shutdown: a deadline of 0 still lets a pool that is done end well", async () => {
  const pool = new WorkerPool(() => {});
  assertEquals(await pool.shutdownWithTimeout(0), {
    completed: 0,
    failed: 0,
    cancelled: [],
    dropped: [],
  });
  await assertRejects(() => pool.shutdownWithTimeout(NaN), RangeError, "ms must be 0 or more");
});

testWithin(
  "pool shutdown: a deadline that finds the pool cancelled says so all the same",
  async () => {
    const clock = new ManualClock();
    const gate = new Gate<number, void>();
    const pool = new WorkerPool(gate.work, { workers: 1, clock });
    await pool.submit(1);
    await turn();
    pool.cancel();
    const outcome = assertRejects(() => pool.shutdownWithTimeout(5), ShutdownTimeoutError<number>);
    await clock.advance(5);
    assertEquals((await outcome).report.cancelled, [1]);
    gate.finish(1);
    await pool.done;
  },
);

testWithin("pool shutdown: results that nobody reads are given up at the deadline", async () => {
  for (const results of ["completed", "ordered"] as const) {
    const clock = new ManualClock();
    const pool = new WorkerPool((n: number) => n, {
      workers: 2,
      results,
      resultsBuffer: 1,
      clock,
    });
    await pool.pull(range(10));
    const outcome = assertRejects(() => pool.shutdownWithTimeout(50), ShutdownTimeoutError);
    await clock.advance(50);
    await outcome;
    await pool.done;
    const seen: number[] = [];
    await assertRejects(async () => {
      for await (const { job } of pool.results) seen.push(job);
    }, ShutdownTimeoutError);
    assertEquals(seen, [0]);
    // What was parked is done; what a worker was held with found no reader.
    const { completed, cancelled, dropped } = pool.stats;
    assertEquals([completed, cancelled, dropped], results === "completed" ? [1, 2, 7] : [2, 2, 6]);
    assertNobodyWaits(pool.results);
    assertEnded(pool);
  }
});

testWithin(
  "pool shutdown: a deadline during the last ordered results ends their delivery",
  async () => {
    const clock = new ManualClock();
    const pool = new WorkerPool((n: number) => n, {
      workers: 1,
      results: "ordered",
      resultsBuffer: 2,
      clock,
    });
    await pool.pull(range(4));
    const outcome = assertRejects(() => pool.shutdownWithTimeout(50), ShutdownTimeoutError);
    await turn();
    assertEquals(pool.stats.workers, 0);
    await assertPending(pool.done);
    await clock.advance(50);
    await outcome;
    await pool.done;
    assertNobodyWaits(pool.results);
  },
);

testWithin("pool cancel: everything ends for the reason that is given", async () => {
  const reason = new Error("enough");
  const pool = new WorkerPool(untilAborted, { workers: 1, queue: 1, results: "completed" });
  const inFlight = pool.run("in flight");
  const queued = pool.run("queued");
  const waiting = pool.run("waiting");
  await turn();
  const cancelled = pool.cancel(reason);
  assertStrictEquals(await assertRejects(() => inFlight), reason);
  assertStrictEquals(await assertRejects(() => queued), reason);
  await assertRejects(() => waiting, PoolClosedError);
  assertStrictEquals(await assertRejects(() => pool.results.receive()), reason);
  assertEquals(await cancelled, {
    completed: 0,
    failed: 0,
    cancelled: ["in flight"],
    dropped: ["queued"],
  });
  assertEquals(await pool.cancel(new Error("again")), await cancelled);
  await pool.shutdown();
  assertEnded(pool);
});

testWithin("pool cancel: jobs that were about to begin are dropped and never begin", async () => {
  const gate = new Gate<number, void>();
  const pool = new WorkerPool(gate.work, { workers: 2 });
  for (const job of range(3)) await pool.submit(job);
  const fresh = new WorkerPool(gate.work, { workers: 2 });
  for (const job of range(3)) fresh.trySubmit(job + 10);
  const { dropped } = await fresh.cancel();
  assertEquals(dropped, [10, 11, 12]);
  assertEquals(gate.begun, [0, 1]);
  const cancelled = pool.cancel();
  assertEquals(gate.contexts.get(0)!.signal.reason.name, "AbortError");
  gate.finish(0);
  gate.fail(1, new Error("ignored"));
  assertEquals((await cancelled).cancelled, [0, 1]);
  await pool.shutdown();
});

testWithin(
  "pool cancel: the pool's signal cancels it, with one listener that is removed",
  async () => {
    const controller = new AbortController();
    const listeners = countListeners(controller.signal);
    const pool = new WorkerPool(untilAborted, { signal: controller.signal });
    const jobs = range(3).map((n) => pool.run(n));
    await turn();
    assertEquals(listeners.most, 1);
    controller.abort(new Error("stop"));
    for (const job of jobs) await assertRejects(() => job, Error, "stop");
    await pool.done;

    const other = new AbortController();
    const left = countListeners(other.signal);
    const quick = new WorkerPool(() => {}, { signal: other.signal });
    await quick.shutdown();
    await turn();
    assertEquals(left.now, 0);

    const late = new WorkerPool(() => {}, { signal: AbortSignal.abort(new Error("never")) });
    await assertRejects(() => late.submit(undefined), PoolClosedError);
    await late.done;
  },
);

testWithin(
  "pool: await using shuts down and passes on the error that nobody was told",
  async () => {
    const done: number[] = [];
    {
      await using pool = new WorkerPool((n: number) => void done.push(n), { workers: 2 });
      await pool.pull(range(10));
    }
    assertEquals(done, range(10));
    await assertRejects(
      async () => {
        await using pool = new WorkerPool(() => {
          throw new Error("untold");
        });
        await pool.submit(undefined);
      },
      Error,
      "untold",
    );
  },
);
