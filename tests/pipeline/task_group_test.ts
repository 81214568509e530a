import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Chan, TaskGroup } from "../../mod.ts";
import { assertPending, range, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";
import { countListeners, Gate } from "../pool/support.ts";

const unused = { signal: new AbortController().signal, workerId: 0 };

testWithin("task group: wait waits for every task", async () => {
  const gate = new Gate<number>();
  const group = new TaskGroup();
  for (const n of range(3)) group.go(() => gate.work(n, unused));
  const ended = group.wait();
  await assertPending(ended);
  for (const n of [2, 0]) gate.finish(n, n);
  await assertPending(ended);
  gate.finish(1, 1);
  await ended;
  assertEquals(group.signal.aborted, true);
});

testWithin("task group: without tasks wait is over at once, and again", async () => {
  const group = new TaskGroup();
  await group.wait();
  await group.wait();
});

testWithin(
  "task group: the first error cancels the others and is thrown when all have ended",
  async () => {
    const gate = new Gate<number>();
    const group = new TaskGroup();
    const reasons: unknown[] = [];
    for (const n of range(2)) {
      group.go(async (signal) => {
        signal.addEventListener("abort", () => reasons.push(signal.reason));
        await gate.work(n, unused);
        throw new Error(`later ${n}`);
      });
    }
    const first = new Error("first");
    group.go(() => Promise.reject(first));
    const outcome = assertRejects(() => group.wait());
    await turn();
    assertEquals(reasons, [first, first]);
    await assertPending(outcome);
    for (const n of range(2)) gate.finish(n, n);
    assertStrictEquals(await outcome, first);
    assertStrictEquals(await assertRejects(() => group.wait()), first);
  },
);

testWithin("task group: a task that throws at once fails like any other", async () => {
  const group = new TaskGroup();
  const started = group.go(() => {
    throw new Error("at once");
  });
  await started;
  await assertRejects(() => group.wait(), Error, "at once");
});

testWithin("task group: a task never runs inside the call that gives it", async () => {
  const group = new TaskGroup();
  let ran = false;
  group.go(() => ran = true);
  assertEquals(ran, false);
  assertEquals(group.tryGo(() => {}), true);
  await group.wait();
  assertEquals(ran, true);
});

testWithin(
  "task group: no more tasks run than the limit allows, in the order of the calls",
  async () => {
    const gate = new Gate<number>();
    const group = new TaskGroup({ limit: 2 });
    const starts = range(5).map((n) => group.go(() => gate.work(n, unused)));
    await Promise.all(starts.slice(0, 2));
    await turn();
    assertEquals(gate.begun, [0, 1]);
    await assertPending(starts[2]!);
    assertEquals(group.tryGo(() => {}), false);
    gate.finish(1, 1);
    await starts[2];
    await turn();
    assertEquals(gate.begun, [0, 1, 2]);
    for (const n of range(5)) gate.finish(n, n);
    await group.wait();
    assertEquals(gate.begun, range(5));
  },
);

testWithin("task group: after a failure what waits for its turn does not begin", async () => {
  const gate = new Gate<number>();
  const group = new TaskGroup({ limit: 1 });
  const starts = range(3).map((n) => group.go(() => gate.work(n, unused)));
  await turn();
  gate.fail(0, new Error("zero!"));
  await Promise.all(starts);
  await assertRejects(() => group.wait(), Error, "zero!");
  assertEquals(gate.begun, [0]);
  assertEquals(group.tryGo(() => {}), false);
});

testWithin(
  "task group: cancel aborts the signal; a task that was kept out makes wait throw",
  async () => {
    const seen: unknown[] = [];
    const group = new TaskGroup({ limit: 1 });
    group.go((signal) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => resolve(void seen.push(signal.reason)));
      return promise;
    });
    await turn();
    const kept = group.go(() => seen.push("never"));
    const reason = new Error("stop");
    group.cancel(reason);
    await kept;
    assertStrictEquals(await assertRejects(() => group.wait()), reason);
    assertEquals(seen, [reason]);

    const heedless = new TaskGroup();
    heedless.go(turn);
    heedless.cancel(reason);
    await heedless.wait();
    const done = new TaskGroup();
    done.go(() => {});
    await turn();
    done.cancel(reason);
    await done.wait();
  },
);

testWithin("task group: its parent's signal cancels it, and is let go at the end", async () => {
  const controller = new AbortController();
  const listeners = countListeners(controller.signal);
  const ended = new TaskGroup({ signal: controller.signal });
  ended.go(() => {});
  assertEquals(listeners.now, 1);
  await ended.wait();
  assertEquals(listeners.now, 0);

  const silent = new Chan<number>();
  const group = new TaskGroup({ signal: controller.signal });
  group.go((signal) => silent.receive({ signal }));
  const outcome = assertRejects(() => group.wait());
  await turn();
  const reason = new Error("stop");
  controller.abort(reason);
  assertStrictEquals(await outcome, reason);

  const late = new TaskGroup({ signal: controller.signal });
  late.go(() => {});
  assertStrictEquals(await assertRejects(() => late.wait()), reason);
});

Deno.test("task group: the limit is checked", () => {
  for (const limit of [0, -1, NaN]) {
    assertThrows(() => new TaskGroup({ limit }), RangeError, `got ${limit}`);
  }
  assertThrows(() => new TaskGroup({ limit: 1.5 }), RangeError);
});
