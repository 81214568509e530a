import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  Chan,
  ChanClosedError,
  inspect,
  receiveFrom,
  select,
  UndeliveredError,
} from "../../mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertNobodyWaits, assertPending, range, stateOf } from "./support.ts";

testWithin("law 14: the buffer drains in order, then ok is false for ever", async () => {
  const chan = new Chan<number>(5);
  for (const i of range(5)) await chan.send(i);
  chan.close();
  for (const i of range(5)) assertEquals(await chan.receive(), [i, true]);
  for (const _ of range(3)) {
    assertEquals(await chan.receive(), [undefined, false]);
    assertEquals(chan.tryReceive(), [undefined, false]);
    assertEquals(await chan.receiveMany(2), []);
  }
});

testWithin("law 15: close wakes every waiting receiver", async () => {
  for (const capacity of [0, 3]) {
    const chan = new Chan<number>(capacity);
    const receives = range(5).map(() => chan.receive());
    const many = chan.receiveMany(3);
    const next = chan[Symbol.asyncIterator]().next();
    chan.close();
    for (const received of receives) assertEquals(await received, [undefined, false]);
    assertEquals(await many, []);
    assertEquals(await next, { value: undefined, done: true });
    assertNobodyWaits(chan);
  }
});

testWithin("law 16: send on a closed channel rejects with ChanClosedError", async () => {
  for (const capacity of [0, 3, Infinity]) {
    const chan = new Chan<number>(capacity, { name: "jobs" });
    chan.close();
    await assertRejects(() => chan.send(1), ChanClosedError, 'Cannot send: channel "jobs"');
    assertThrows(() => chan.trySend(1), ChanClosedError);
    assertEquals(chan.length, 0);
  }
});

testWithin("law 17: closing gives waiting senders their values back, undelivered", async () => {
  for (const capacity of [0, 2]) {
    const chan = new Chan<number>(capacity);
    for (const i of range(capacity)) await chan.send(i);
    const waiting = [10, 11, 12].map((value) => chan.send(value));
    chan.close();
    for (const [i, sent] of waiting.entries()) {
      const error = await assertRejects(() => sent, UndeliveredError<number>);
      assertEquals(error.value, 10 + i);
      assertEquals(error instanceof ChanClosedError, true);
    }
    assertEquals(await Array.fromAsync(chan), range(capacity));
    assertNobodyWaits(chan);
  }
});

testWithin("law 18: a second close throws, dispose may run twice", () => {
  const chan = new Chan<number>();
  chan.close();
  assertThrows(() => chan.close(), ChanClosedError, "Cannot close");
  chan[Symbol.dispose]();
  chan[Symbol.dispose]();

  let kept: Chan<number>;
  {
    using scoped = new Chan<number>();
    kept = scoped;
    assertEquals(scoped.closed, false);
  }
  assertEquals(kept.closed, true);
});

testWithin("law 19: tryReceive tells a value, nothing yet and the end apart", async () => {
  const chan = new Chan<undefined>(1);
  assertEquals(chan.tryReceive(), undefined);
  await chan.send(undefined);
  assertEquals(chan.tryReceive(), [undefined, true]);
  assertEquals(chan.tryReceive(), undefined);
  chan.close();
  assertEquals(chan.tryReceive(), [undefined, false]);
});

testWithin("law 20: a cause is readable at once, and surfaces after the drain", async () => {
  const cause = new Error("disk full");
  const chan = new Chan<number>(2);
  await chan.send(1);
  await chan.send(2);
  assertStrictEquals(chan.cause, undefined);
  chan.close(cause);
  assertStrictEquals(chan.cause, cause);
  assertEquals(await chan.receive(), [1, true]);
  assertEquals(await chan.receiveMany(9), [2]);
  for (const _ of range(2)) {
    assertStrictEquals(await assertRejects(() => chan.receive()), cause);
    assertStrictEquals(await assertRejects(() => chan.receiveMany(1)), cause);
    assertStrictEquals(assertThrows(() => chan.tryReceive()), cause);
    assertStrictEquals(await assertRejects(() => select({ v: receiveFrom(chan) })), cause);
    assertStrictEquals(await assertRejects(() => Array.fromAsync(chan)), cause);
  }
});

testWithin("law 20: a cause reaches those who wait, whichever way they do", async () => {
  const cause = new Error("disk full");
  const chan = new Chan<number>();
  const waits = [
    chan.receive(),
    chan.receiveMany(1),
    chan[Symbol.asyncIterator]().next(),
    select({ v: receiveFrom(chan) }),
  ];
  chan.close(cause);
  for (const wait of waits) assertStrictEquals(await assertRejects(() => wait), cause);
});

testWithin("law 20: a cause comes with the errors of the senders", async () => {
  const cause = new Error("disk full");
  const chan = new Chan<number>();
  const sent = chan.send(1);
  chan.close(cause);
  assertStrictEquals((await assertRejects(() => sent, UndeliveredError)).cause, cause);
  assertStrictEquals((await assertRejects(() => chan.send(1), ChanClosedError)).cause, cause);
  assertStrictEquals(assertThrows(() => chan.close(), ChanClosedError).cause, cause);
  const plain = new Chan<number>();
  plain.close();
  assertEquals("cause" in (await assertRejects(() => plain.send(1), ChanClosedError)), false);
});

testWithin("law 21: for await ends after close and drain", async () => {
  const chan = new Chan<number>(3);
  for (const i of range(3)) await chan.send(i);
  chan.close();
  assertEquals(await Array.fromAsync(chan), [0, 1, 2]);

  const live = new Chan<number>();
  const reading = Array.fromAsync(live);
  for (const i of range(3)) await live.send(i);
  live.close();
  assertEquals(await reading, [0, 1, 2]);
});

testWithin("law 22: break neither closes the channel nor loses a value", async () => {
  for (const capacity of [0, 1, 9]) {
    const chan = new Chan<number>(capacity);
    const producer = (async () => {
      for (const i of range(6)) await chan.send(i);
      chan.close();
    })();
    const seen: number[] = [];
    for (const stopAt of [1, 4]) {
      for await (const value of chan) {
        seen.push(value);
        if (value === stopAt) break;
      }
      assertEquals(inspect(chan).waiting.filter(({ operation }) => operation === "receive"), []);
    }
    for await (const value of chan) seen.push(value);
    assertEquals(seen, range(6));
    await producer;
  }
});

testWithin("law 23: return while next waits settles it and leaves no waiter", async () => {
  const chan = new Chan<number>();
  const iterator = chan[Symbol.asyncIterator]();
  const waits = [iterator.next(), iterator.next()];
  const other = chan.receive();
  await assertPending(waits[0]!);
  assertEquals(await iterator.return?.(), { value: undefined, done: true });
  for (const wait of waits) assertEquals(await wait, { value: undefined, done: true });
  assertEquals(await iterator.next(), { value: undefined, done: true });
  await chan.send(7);
  assertEquals(await other, [7, true]);
  assertNobodyWaits(chan);
});

testWithin("law 23: return ends only its own iterator", async () => {
  const chan = new Chan<number>();
  const left = chan[Symbol.asyncIterator]();
  const right = chan[Symbol.asyncIterator]();
  const waits = [left.next(), right.next(), left.next()];
  await left.return?.();
  assertEquals(await stateOf(waits[1]!), "pending");
  await chan.send(1);
  assertEquals(await waits[1], { value: 1, done: false });
  assertNobodyWaits(chan);
});

testWithin("an iterator can itself be looped over", async () => {
  const chan = new Chan<number>(3);
  for (const i of range(3)) await chan.send(i);
  chan.close();
  const iterator = chan[Symbol.asyncIterator]();
  assertEquals(await iterator.next(), { value: 0, done: false });
  assertEquals(await Array.fromAsync(iterator), [1, 2]);
});

testWithin("an iterator takes any number of nexts ahead, in order", async () => {
  const chan = new Chan<number>(1);
  const iterator = chan[Symbol.asyncIterator]();
  const nexts = range(4).map(() => iterator.next());
  for (const i of range(3)) await chan.send(i);
  chan.close();
  assertEquals(await Promise.all(nexts), [
    { value: 0, done: false },
    { value: 1, done: false },
    { value: 2, done: false },
    { value: undefined, done: true },
  ]);
});
