import {
  assertEquals,
  assertGreaterOrEqual,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { abortable, deadline, delay, MuxAsyncIterator, pooledMap } from "@std/async";
import { FakeTime } from "@std/testing/time";
import { testWithin } from "../../support/watchdog.ts";

testWithin("delay() resolves no sooner than asked", async () => {
  const start = performance.now();
  await delay(20);
  assertGreaterOrEqual(performance.now() - start, 19);
});

testWithin("delay() rejects with the signal's reason, before or while it waits", async () => {
  const reason = new Error("enough");
  assertStrictEquals(
    await assertRejects(() => delay(60_000, { signal: AbortSignal.abort(reason) })),
    reason,
  );
  const controller = new AbortController();
  const waiting = delay(60_000, { signal: controller.signal });
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => waiting), reason);
});

testWithin("delay() waits longer than one timer can", async () => {
  using time = new FakeTime();
  let over = false;
  const ms = 2 ** 31 + 5_000;
  const waiting = delay(ms).then(() => over = true);
  await time.tickAsync(ms - 1);
  await time.runMicrotasks();
  assertEquals(over, false);
  await time.tickAsync(1);
  await waiting;
});

testWithin("deadline() passes on what comes in time", async () => {
  assertEquals(await deadline(Promise.resolve(5), 60_000), 5);
  await assertRejects(() => deadline(Promise.reject(new RangeError("x")), 60_000), RangeError);
});

testWithin("deadline() gives up on what is late or aborted", async () => {
  const never = new Promise(() => {});
  const late = await assertRejects(() => deadline(never, 10), DOMException);
  assertEquals(late.name, "TimeoutError");
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  assertStrictEquals(await assertRejects(() => deadline(never, 60_000, { signal })), reason);
});

testWithin("abortable() ends a promise and an iteration with the signal's reason", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();
  const promise = abortable(new Promise(() => {}), controller.signal);
  const seen: number[] = [];
  let returned = false;
  async function* numbers(): AsyncGenerator<number> {
    try {
      yield 1;
      yield 2;
    } finally {
      returned = true;
    }
  }
  const iterate = async () => {
    for await (const value of abortable(numbers(), controller.signal)) {
      seen.push(value);
      controller.abort(reason);
    }
  };
  assertStrictEquals(await assertRejects(iterate), reason);
  assertStrictEquals(await assertRejects(() => promise), reason);
  assertEquals([seen, returned], [[1], true]);
  const whole = abortable(numbers(), new AbortController().signal);
  assertEquals(await Array.fromAsync(whole), [1, 2]);
});

testWithin("pooledMap() keeps the order and the limit", async () => {
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const started: number[] = [];
  const results = pooledMap(2, [0, 1, 2, 3], async (index) => {
    started.push(index);
    await gates[index]?.promise;
    return index * 10;
  });
  const all = Array.fromAsync(results);
  await delay(0);
  assertEquals(started, [0, 1]);
  gates[1]?.resolve();
  await delay(0);
  assertEquals(started, [0, 1, 2]);
  for (const gate of gates) gate.resolve();
  assertEquals(await all, [0, 10, 20, 30]);
});

testWithin("pooledMap() gathers the errors after the results", async () => {
  const seen: number[] = [];
  const failure = await assertRejects(async () => {
    const results = pooledMap(2, [1, 2, 3, 4], async (value) => {
      await delay(value === 1 ? 5 : 0);
      if (value === 2) throw new Error("two");
      return value;
    });
    for await (const value of results) seen.push(value);
  }, AggregateError);
  assertEquals([seen, failure.errors.map((one) => one.message)], [[1], ["two"]]);
  assertThrows(() => pooledMap(0, [1], () => Promise.resolve(1)), RangeError);
});

testWithin("MuxAsyncIterator merges and passes errors on", async () => {
  async function* values(...list: number[]): AsyncGenerator<number> {
    yield* list;
  }
  const mux = new MuxAsyncIterator<number>();
  mux.add(values(1, 2));
  mux.add(values(3));
  assertEquals((await Array.fromAsync(mux)).toSorted(), [1, 2, 3]);
  async function* broken(): AsyncGenerator<number> {
    yield 1;
    throw new RangeError("broken");
  }
  const failing = new MuxAsyncIterator<number>();
  failing.add(broken());
  await assertRejects(() => Array.fromAsync(failing), RangeError, "broken");
});
