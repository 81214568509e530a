import { assert, assertEquals, AssertionError, assertRejects, assertThrows } from "@std/assert";
import {
  assertSpyCall,
  assertSpyCalls,
  MockError,
  resolvesNext,
  returnsNext,
  spy,
  stub,
} from "@std/testing/mock";
import { FakeTime, TimeError } from "@std/testing/time";
import {
  assertType,
  type Has,
  type IsAny,
  type IsExact,
  type IsNever,
  type IsNullable,
  type IsUnknown,
  type NotHas,
} from "@std/testing/types";

class Counter {
  total = 0;
  add(by: number): number {
    if (by < 0) throw new RangeError("negative");
    return this.total += by;
  }
}

Deno.test("a spy records and passes on", () => {
  const add = spy((a: number, b: number) => a + b);
  assertEquals(add(1, 2), 3);
  assertSpyCalls(add, 1);
  assertSpyCall(add, 0, { args: [1, 2], returned: 3 });
  assertThrows(() => assertSpyCalls(add, 2), AssertionError, "not called as much");
  assertThrows(() => assertSpyCalls(add, 0), AssertionError, "called more than");
  assertThrows(() => assertSpyCall(add, 1), AssertionError);
  assertThrows(() => assertSpyCall(add, 0, { args: [1, 3] }), AssertionError, "expected args");
  assertThrows(() => assertSpyCall(add, 0, { returned: 4 }), AssertionError);
  assertThrows(() => add.restore(), MockError);
  const nothing = spy();
  assertEquals(nothing(1), undefined);
  assertEquals(nothing.calls.length, 1);
});

Deno.test("a method spy is in the method's place until it is restored", () => {
  const counter = new Counter();
  {
    using add = spy(counter, "add");
    assertEquals(counter.add(2), 2);
    assertThrows(() => counter.add(-1), RangeError);
    assertSpyCall(add, 0, { args: [2], self: counter, returned: 2 });
    assertSpyCall(add, 1, { error: { Class: RangeError, msgIncludes: "neg" } });
    assertThrows(() => spy(counter, "add"), MockError, "already spying");
  }
  assert(!Object.hasOwn(counter, "add"));
  assertEquals(counter.add(1), 3);
});

Deno.test("a class spy records constructions", () => {
  const Spied = spy(Counter);
  const counter = new Spied();
  assertEquals(counter.add(1), 1);
  assert(counter instanceof Counter);
  assertSpyCalls(Spied, 1);
});

Deno.test("a stub runs instead of the method until it is restored", () => {
  const counter = new Counter();
  const add = stub(counter, "add", returnsNext([10, new TypeError("out")]));
  assertEquals(counter.add(1), 10);
  assertThrows(() => counter.add(1), TypeError, "out");
  assertThrows(() => counter.add(1), MockError);
  assertEquals([counter.total, add.restored], [0, false]);
  add.restore();
  assertEquals([counter.add(1), add.restored], [1, true]);
  assertThrows(() => add.restore(), MockError);
});

Deno.test("resolvesNext() resolves and rejects in turn", async () => {
  const next = resolvesNext<number>([1, new RangeError("two")]);
  assertEquals(await next(), 1);
  await assertRejects(() => next(), RangeError, "two");
  await assertRejects(() => next(), MockError);
});

Deno.test("FakeTime fires timers in their order", () => {
  using time = new FakeTime(1_000);
  const fired: string[] = [];
  setTimeout(() => fired.push("b"), 20);
  setTimeout(() => fired.push("c"), 20);
  setTimeout((name: string) => fired.push(name), 10, "a");
  const cleared = setTimeout(() => fired.push("never"), 5);
  clearTimeout(cleared);
  const interval = setInterval(() => fired.push(`every@${Date.now()}`), 15);
  time.tick(9);
  assertEquals(fired, []);
  time.tick(21);
  assertEquals(fired, ["a", "every@1015", "b", "c", "every@1030"]);
  assertEquals([time.now, Date.now(), new Date().getTime(), time.start], [1030, 1030, 1030, 1000]);
  clearInterval(interval);
  assertEquals(time.next(), false);
  assertThrows(() => time.now = 5, RangeError);
});

Deno.test("FakeTime lets promises run between timers", async () => {
  using time = new FakeTime();
  const log: number[] = [];
  const worker = async () => {
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      log.push(i);
    }
  };
  const done = worker();
  await time.tickAsync(100);
  await time.runMicrotasks();
  assertEquals(log, [0]);
  assertEquals(await time.nextAsync(), true);
  await time.runAllAsync();
  await done;
  assertEquals(log, [0, 1, 2]);
});

Deno.test("FakeTime fakes AbortSignal.timeout and gives everything back", async () => {
  const before = [Date, setTimeout, clearTimeout, setInterval, clearInterval, AbortSignal.timeout];
  const time = new FakeTime();
  assertThrows(() => new FakeTime(), TimeError);
  const signal = AbortSignal.timeout(50);
  time.tick(50);
  assertEquals([signal.aborted, signal.reason.name], [true, "TimeoutError"]);
  assertEquals(await FakeTime.restoreFor(() => setTimeout === before[1]), true);
  assert(setTimeout !== before[1]);
  time.restore();
  assertThrows(() => time.restore(), TimeError);
  assertEquals(
    [Date, setTimeout, clearTimeout, setInterval, clearInterval, AbortSignal.timeout],
    before,
  );
});

Deno.test("types are compared exactly", () => {
  assertType<IsExact<{ a: string; b?: number }, { a: string; b?: number }>>(true);
  assertType<IsExact<{ a: string }, { a: unknown }>>(false);
  assertType<IsExact<string | number, number | string>>(true);
  // deno-lint-ignore no-explicit-any
  type Any = any;
  assertType<IsExact<Any, string>>(false);
  assertType<IsExact<{ a: Any }, { a: string }>>(false);
  assertType<IsExact<(a: string) => void, (a: number) => void>>(false);
  assertType<Has<string | number, number>>(true);
  assertType<NotHas<string, number>>(true);
  assertType<IsNullable<string | null>>(true);
  assertType<IsAny<unknown>>(false);
  assertType<IsNever<never>>(true);
  assertType<IsUnknown<unknown>>(true);
});
