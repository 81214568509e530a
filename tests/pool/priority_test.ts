import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { ManualClock, PriorityQueue, WorkerPool } from "../../mod.ts";
import { assertPending, range, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";
import { Gate } from "./support.ts";

Deno.test("priority queue: it is a stable sort by priority, whatever is pushed and popped", () => {
  const operation = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: -3, max: 3 }) },
    { weight: 2, arbitrary: fc.constant("pop" as const) },
  );
  fc.assert(fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
    const queue = new PriorityQueue<number>();
    let model: { value: number; priority: number }[] = [];
    for (const [value, operation] of operations.entries()) {
      if (operation === "pop") {
        assertEquals(queue.peek(), model[0]?.value);
        assertEquals(queue.pop(), model.shift()?.value);
      } else {
        queue.push(value, operation);
        model.push({ value, priority: operation });
        model = model.toSorted((a, b) => b.priority - a.priority);
      }
      assertEquals(queue.size, model.length);
    }
    assertEquals([...queue.drain()], model.map(({ value }) => value));
    assertEquals(queue.pop(), undefined);
  }));
});

Deno.test("priority queue: with aging the order at any moment is by priority plus age", async () => {
  const agingMs = 8;
  const push = fc.record({ priority: fc.integer({ min: 0, max: 9 }), afterMs: fc.nat(40) });
  await fc.assert(
    fc.asyncProperty(fc.array(push, { maxLength: 30 }), fc.nat(500), async (pushes, restMs) => {
      const clock = new ManualClock();
      const queue = new PriorityQueue<number>({ agingMs, clock });
      const pushed: { value: number; priority: number; at: number }[] = [];
      for (const [value, { priority, afterMs }] of pushes.entries()) {
        await clock.advance(afterMs);
        queue.push(value, priority);
        pushed.push({ value, priority, at: clock.now() });
      }
      await clock.advance(restMs);
      const age = (at: number) => (clock.now() - at) / agingMs;
      const expected = pushed.toSorted((a, b) => b.priority + age(b.at) - (a.priority + age(a.at)));
      assertEquals([...queue.drain()], expected.map(({ value }) => value));
    }),
    { numRuns: 30 },
  );
});

Deno.test("priority queue: infinite priorities are allowed, NaN is not", () => {
  const queue = new PriorityQueue<string>();
  for (const [value, priority] of [["last", -Infinity], ["b", 0], ["first", Infinity]] as const) {
    queue.push(value, priority);
  }
  assertThrows(() => queue.push("x", NaN), RangeError, "priority must be a number, got NaN");
  assertEquals([...queue.drain()], ["first", "b", "last"]);
  for (const agingMs of [0, -1, NaN]) {
    assertThrows(() => new PriorityQueue({ agingMs }), RangeError, "agingMs must be more than 0");
  }
});

testWithin("pool priority: the most urgent job goes first, and equals in their order", async () => {
  const begun: string[] = [];
  const pool = new WorkerPool((job: string) => void begun.push(job), {
    workers: 1,
    priority: true,
  });
  pool.pause();
  for (const job of ["low 1", "high 1", "mid 1", "low 2", "high 2", "none", "mid 2"]) {
    const priority = { low: -1, mid: 1, high: 2 }[job.split(" ")[0]!];
    await pool.submit(job, { priority });
  }
  await pool.shutdown();
  assertEquals(begun, ["high 1", "high 2", "mid 1", "mid 2", "none", "low 1", "low 2"]);
});

testWithin(
  "pool priority: it can be found from the job, and what submit says comes first",
  async () => {
    const begun: number[] = [];
    const pool = new WorkerPool((job: number) => void begun.push(job), {
      workers: 2,
      priority: (job) => job,
    });
    pool.pause();
    await pool.pull([1, 3, 2]);
    await pool.submit(0, { priority: 2.5 });
    await pool.shutdown();
    assertEquals(begun, [3, 0, 2, 1]);
  },
);

testWithin(
  "pool priority: the queue is bounded, and those that wait come in by turns",
  async () => {
    const gate = new Gate<number, void>();
    const pool = new WorkerPool(gate.work, { workers: 1, queue: 2, priority: (job) => job });
    const submits = [1, 2, 3, 9, 4].map((job) => pool.submit(job));
    await Promise.all(submits.slice(0, 3));
    await assertPending(submits[3]!);
    assertEquals(pool.stats.queued, 2);
    assertEquals(pool.trySubmit(100), false);
    gate.finish(1);
    await submits[3];
    await assertPending(submits[4]!);
    // The one that came in as the worker got free was the most urgent, so it went straight on.
    assertEquals(gate.begun, [1, 9]);
    for (const job of [2, 3, 4, 9]) gate.finish(job);
    await pool.shutdown().catch(() => {});
    await Promise.allSettled(submits);
    assertEquals(gate.begun.slice(2), [3, 2]);
  },
);

testWithin("pool priority: with a queue of 0 submitters come in one by one", async () => {
  const begun: number[] = [];
  const pool = new WorkerPool((job: number) => void begun.push(job), {
    workers: 1,
    queue: 0,
    priority: true,
  });
  await pool.pull(range(20));
  await pool.shutdown();
  assertEquals(begun, range(20));
});

testWithin("pool priority: aging lets a job that waits long overtake urgent ones", async () => {
  const clock = new ManualClock();
  const begun: string[] = [];
  const pool = new WorkerPool(async (job: string) => {
    begun.push(job);
    await clock.sleep(10);
  }, { workers: 1, priority: true, agingMs: 20, clock });
  await pool.submit("first");
  await pool.submit("patient", { priority: 0 });
  const urgent = (async () => {
    for (const i of range(6)) {
      await pool.submit(`urgent ${i}`, { priority: 2 });
      await clock.sleep(10);
    }
  })();
  await clock.advance(200);
  await urgent;
  await pool.shutdown();
  // It gains a step every 20 ms, so after 40 ms it is level with one that has just come.
  assertEquals(begun.indexOf("patient"), 5);
});

testWithin("pool priority: a pool without priorities takes none, and NaN is refused", async () => {
  const plain = new WorkerPool(() => {}, { name: "plain" });
  await assertRejects(
    () => plain.submit(undefined, { priority: 1 }),
    TypeError,
    'the option priority of pool "plain" must be set, got a job of priority 1',
  );
  const pool = new WorkerPool(() => {}, { priority: true });
  await assertRejects(() => pool.submit(undefined, { priority: NaN }), RangeError, "got NaN");
  const broken = new WorkerPool(() => {}, {
    priority: () => {
      throw new Error("no priority");
    },
  });
  await assertRejects(() => broken.submit(undefined), Error, "no priority");
  await assertRejects(() => broken.run(undefined), Error, "no priority");
  await turn();
  for (const each of [plain, pool, broken]) await each.shutdown();
});
