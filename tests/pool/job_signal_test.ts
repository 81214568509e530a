import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { ManualClock, WorkerPool } from "../../mod.ts";
import { assertPending, range, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertEnded, countListeners, Gate, untilAborted } from "./support.ts";

testWithin("job signal: one that has aborted keeps the job out", async () => {
  const pool = new WorkerPool(() => {});
  const signal = AbortSignal.abort(new Error("no"));
  await assertRejects(() => pool.submit(undefined, { signal }), Error, "no");
  await assertRejects(() => pool.run(undefined, { signal }), Error, "no");
  assertEquals(pool.stats.submitted, 0);
  await pool.shutdown();
});

testWithin(
  "job signal: it stops a job that waits for room, is queued, or is in flight",
  async () => {
    const controllers = range(3).map(() => new AbortController());
    const listeners = controllers.map(({ signal }) => countListeners(signal));
    const pool = new WorkerPool(untilAborted, { workers: 1, queue: 1 });
    const jobs = controllers.map(({ signal }, job) => pool.run(job, { signal }));
    await turn();
    for (const [job, controller] of [...controllers.entries()].reverse()) {
      const reason = new Error(`stop ${job}`);
      controller.abort(reason);
      assertStrictEquals(await assertRejects(() => jobs[job]!), reason);
    }
    await pool.shutdown();
    const { submitted, cancelled, failed } = pool.stats;
    assertEquals({ submitted, cancelled, failed }, { submitted: 2, cancelled: 2, failed: 0 });
    await turn();
    for (const listener of listeners) assertEquals(listener.now, 0);
    assertEnded(pool);
  },
);

testWithin(
  "job signal: a queued job that is stopped never begins, and has its result",
  async () => {
    const gate = new Gate<number, number>();
    const controller = new AbortController();
    const pool = new WorkerPool(gate.work, { workers: 1, results: "ordered" });
    await pool.submit(0);
    await pool.submit(1, { signal: controller.signal });
    await pool.submit(2);
    const reason = new Error("not that one");
    controller.abort(reason);
    for (const job of [0, 2]) gate.finish(job, job);
    await pool.shutdown();
    const results = await Array.fromAsync(pool.results);
    assertEquals(results.map((result) => result.ok ? result.value : result.error), [0, reason, 2]);
    assertEquals(results[1]?.durationMs, 0);
    assertEquals(gate.begun, [0, 2]);
  },
);

testWithin(
  "job signal: run rejects at once, but the worker stays until the work returns",
  async () => {
    const gate = new Gate<string, string>();
    const controller = new AbortController();
    const pool = new WorkerPool(gate.work, { workers: 1 });
    const first = pool.run("a", { signal: controller.signal });
    const second = pool.run("b");
    await turn();
    controller.abort(new Error("stop"));
    await assertRejects(() => first, Error, "stop");
    await assertPending(second);
    assertEquals(gate.begun, ["a"]);
    gate.finish("a", "ignored");
    gate.finish("b", "done");
    assertEquals(await second, "done");
    assertEquals(pool.stats.cancelled, 1);
    await pool.shutdown();
  },
);

testWithin("job signal: thousands of jobs with one signal have one listener", async () => {
  const controller = new AbortController();
  const listeners = countListeners(controller.signal);
  const pool = new WorkerPool(untilAborted, { workers: 1, queue: Infinity });
  const jobs = range(5_000).map((job) => pool.run(job, { signal: controller.signal }));
  await turn();
  assertEquals(listeners.most, 1);
  controller.abort(new Error("all"));
  const outcomes = await Promise.allSettled(jobs);
  assertEquals(new Set(outcomes.map(({ status }) => status)), new Set(["rejected"]));
  await pool.shutdown();
  assertEquals(pool.stats.cancelled, 5_000);
});

testWithin("job signal: a job that waits for room leaves the line when it is stopped", async () => {
  const gate = new Gate<number, void>();
  const pool = new WorkerPool(gate.work, { workers: 1, queue: 0 });
  const controllers = range(4).map(() => new AbortController());
  await pool.submit(100);
  const submits = controllers.map(({ signal }, job) => pool.submit(job, { signal }));
  for (const job of [2, 0]) {
    controllers[job]!.abort(new Error(`stop ${job}`));
    await assertRejects(() => submits[job]!, Error, `stop ${job}`);
  }
  for (const job of [100, 1, 3]) gate.finish(job);
  await Promise.all([submits[1], submits[3]]);
  await pool.shutdown();
  assertEquals(gate.begun, [100, 1, 3]);
  assertEquals(pool.stats.submitted, 3);
});

testWithin("job signal: the listener goes when the last job has gone", async () => {
  const controller = new AbortController();
  const listeners = countListeners(controller.signal);
  const pool = new WorkerPool((n: number) => n, { workers: 2, queue: 1 });
  await Promise.all(range(20).map((n) => pool.run(n, { signal: controller.signal })));
  assertEquals([listeners.now, listeners.most], [0, 1]);
  pool.pause();
  pool.trySubmit(1, { signal: controller.signal });
  assertEquals(pool.trySubmit(2, { signal: controller.signal }), false);
  assertEquals(listeners.now, 1);
  await pool.cancel();
  assertEquals(listeners.now, 0);
});

testWithin("job timeout: the job has failed and its signal aborts, at its time", async () => {
  const clock = new ManualClock();
  const pool = new WorkerPool(
    (ms: number, { signal }) => clock.sleep(ms, { signal }),
    { workers: 1, results: "completed", jobTimeoutMs: 50, clock },
  );
  await pool.submit(40);
  await pool.submit(60);
  await pool.submit(60, { timeoutMs: 70 });
  const ended = pool.shutdown();
  await clock.advance(200);
  await ended;
  const results = await Array.fromAsync(pool.results);
  assertEquals(
    results.map(({ ok, durationMs }) => [ok, durationMs]),
    [[true, 40], [false, 50], [true, 60]],
  );
  const late = results[1];
  const error = late?.ok === false && late.error instanceof DOMException ? late.error : undefined;
  assertEquals(error?.name, "TimeoutError");
  assertEquals(
    error?.message,
    "Cannot finish the job: it must end within 50 ms, and has not",
  );
  assertEquals(pool.stats.failed, 1);
  assertEquals(clock.pending, 0);
});

testWithin(
  "job timeout: work that ignores its signal keeps its worker, and its value is late",
  async () => {
    const clock = new ManualClock();
    const gate = new Gate<string, string>();
    const pool = new WorkerPool(gate.work, { workers: 1, clock });
    const late = assertRejects(
      () => pool.run("a", { timeoutMs: 10 }),
      DOMException,
      "within 10 ms",
    );
    const next = pool.run("b");
    await clock.advance(10);
    await late;
    assertEquals(gate.begun, ["a"]);
    gate.finish("a", "too late");
    gate.finish("b", "in time");
    assertEquals(await next, "in time");
    assertEquals([pool.stats.failed, pool.stats.completed], [1, 1]);
    assertEquals(clock.pending, 0);
    await pool.shutdown();
  },
);

testWithin("job timeout: what happened first counts", async () => {
  const clock = new ManualClock();
  const gate = new Gate<string, string>();
  const pool = new WorkerPool(gate.work, { jobTimeoutMs: 10, results: "ordered", clock });
  const late = new AbortController();
  const stopped = new AbortController();
  await pool.submit("late", { signal: late.signal });
  await pool.submit("stopped", { signal: stopped.signal });
  await pool.submit("done");
  await clock.advance(5);
  stopped.abort("stop");
  gate.finish("done", "in time");
  await clock.advance(5);
  late.abort("after its time");
  for (const job of ["late", "stopped"]) gate.finish(job, "ignored");
  await pool.shutdown();
  const results = await Array.fromAsync(pool.results);
  assertEquals(results.map((result) => result.ok ? result.value : String(result.error)), [
    "TimeoutError: Cannot finish the job: it must end within 10 ms, and has not",
    "stop",
    "in time",
  ]);
  const { completed, failed, cancelled } = pool.stats;
  assertEquals({ completed, failed, cancelled }, { completed: 1, failed: 1, cancelled: 1 });
});

testWithin("job timeout: a job that is done in time leaves no timer", async () => {
  const clock = new ManualClock();
  const pool = new WorkerPool(
    (fails: boolean) => fails ? Promise.reject(new Error("no")) : Promise.resolve(),
    { jobTimeoutMs: 10, clock },
  );
  await pool.run(false);
  await assertRejects(() => pool.run(true), Error, "no");
  assertEquals(clock.pending, 0);
  await pool.shutdown();
});

testWithin("job context: a signal that is asked for late tells the same", async () => {
  const controller = new AbortController();
  const proceed = Promise.withResolvers<void>();
  const pool = new WorkerPool(async (_: number, context) => {
    await proceed.promise;
    return [context.signal.aborted, context.signal.reason, context.signal === context.signal];
  }, { workers: 2, results: "completed" });
  const reason = new Error("stop");
  await pool.submit(1, { signal: controller.signal });
  const other = pool.run(2);
  await turn();
  controller.abort(reason);
  proceed.resolve();
  assertEquals(await other, [false, undefined, true]);
  await pool.shutdown();
  const [stopped] = await Array.fromAsync(pool.results);
  assertEquals(stopped?.ok === false && stopped.error, reason);
});
