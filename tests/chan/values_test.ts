import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Chan, type Received } from "../../mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertNobodyWaits, assertPending, range, stateOf } from "./support.ts";

testWithin("law 1: unbuffered, a send settles only when a receive takes its value", async () => {
  const chan = new Chan<string>();
  const sent = chan.send("a");
  await assertPending(sent);
  assertEquals(await chan.receive(), ["a", true]);
  await sent;
  assertNobodyWaits(chan);
});

testWithin("law 1: unbuffered, a receive settles only when a send gives a value", async () => {
  const chan = new Chan<string>();
  const received = chan.receive();
  await assertPending(received);
  await chan.send("a");
  assertEquals(await received, ["a", true]);
  assertNobodyWaits(chan);
});

for (const capacity of [1, 2, 3, 128]) {
  testWithin(
    `law 2: with capacity ${capacity} that many sends settle, the next waits`,
    async () => {
      const chan = new Chan<number>(capacity);
      for (const i of range(capacity)) await chan.send(i);
      const next = chan.send(capacity);
      await assertPending(next);
      assertEquals(await chan.receive(), [0, true]);
      await next;
      assertEquals(chan.length, capacity);
    },
  );
}

testWithin("law 3: values leave in the order of sending, for capacities 0 to 200", async () => {
  for (const capacity of range(201)) {
    const chan = new Chan<number>(capacity);
    const values = range(2 * capacity + 50);
    const producer = (async () => {
      for (const value of values) await chan.send(value);
      chan.close();
    })();
    assertEquals(await Array.fromAsync(chan), values);
    await producer;
    assertNobodyWaits(chan);
  }
});

testWithin("law 4: waiting receivers are served first come, first served", async () => {
  for (const capacity of [0, 1, 5]) {
    const chan = new Chan<number>(capacity);
    const receives = range(20).map(() => chan.receive());
    for (const i of range(20)) await chan.send(i);
    for (const [i, received] of receives.entries()) assertEquals(await received, [i, true]);
  }
});

testWithin("law 5: waiting senders are served first come, first served", async () => {
  for (const capacity of [0, 1, 5]) {
    const chan = new Chan<number>(capacity);
    const settled: number[] = [];
    const sends = range(20).map((i) => chan.send(i).then(() => settled.push(i)));
    const received = [];
    for (const _ of range(20)) received.push((await chan.receive())[0]);
    await Promise.all(sends);
    assertEquals(received, range(20));
    assertEquals(settled, range(20));
  }
});

testWithin("law 6: a receive from a full buffer moves the first waiting sender up", async () => {
  const chan = new Chan<string>(2);
  await chan.send("a");
  await chan.send("b");
  const c = chan.send("c");
  const d = chan.send("d");
  assertEquals(chan.tryReceive(), ["a", true]);
  assertEquals(await stateOf(c), "fulfilled");
  assertEquals(await stateOf(d), "pending");
  assertEquals(chan.length, 2);
  assertEquals(chan.trySend("overtaker"), false);
  assertEquals(await chan.receiveMany(9), ["b", "c", "d"]);
  await d;
});

testWithin("law 7: a value never stays in the buffer while a receiver waits", async () => {
  const chan = new Chan<string>(3);
  const received = chan.receive();
  assertEquals(chan.trySend("a"), true);
  assertEquals(chan.length, 0);
  assertEquals(await received, ["a", true]);
});

testWithin("law 8: a sender never waits while the buffer has room", async () => {
  const chan = new Chan<number>(2);
  const sends = range(4).map((i) => chan.send(i));
  assertEquals(chan.length, 2);
  assertEquals(await chan.receiveMany(2), [0, 1]);
  assertEquals(chan.length, 2);
  await Promise.all(sends);
  assertNobodyWaits(chan);
});

testWithin("law 9: length counts the buffer only, and capacity never changes", async () => {
  const chan = new Chan<string>(1);
  assertEquals([chan.length, chan.capacity], [0, 1]);
  const sends = [chan.send("a"), chan.send("b"), chan.send("c")];
  assertEquals([chan.length, chan.capacity], [1, 1]);
  assertEquals((await chan.receiveMany(3)).length, 3);
  assertEquals([chan.length, chan.capacity], [0, 1]);
  await Promise.all(sends);
  chan.close();
  assertEquals([chan.length, chan.capacity], [0, 1]);
  assertEquals(new Chan<string>().capacity, 0);
});

testWithin("law 10: a capacity that is no count throws RangeError", () => {
  for (const capacity of [-1, 1.5, NaN, -Infinity]) {
    assertThrows(() => new Chan(capacity), RangeError, `got ${capacity}`);
  }
});

testWithin("law 10: an infinite capacity never makes a sender wait", async () => {
  const chan = new Chan<number>(Infinity);
  for (const i of range(100_000)) assertEquals(chan.trySend(i), true);
  chan.close();
  assertEquals(await chan.receiveMany(Infinity), range(100_000));
});

const unusual: readonly unknown[] = [
  undefined,
  null,
  Promise.resolve("inner"),
  new Promise(() => {}),
  { then: () => assertEquals("then", "never called") },
  () => {},
  [undefined, false],
  NaN,
];

testWithin("law 11: undefined, null, promises and thenables travel unchanged", async () => {
  const routes: Record<string, (chan: Chan<unknown>, value: unknown) => Promise<unknown>> = {
    async "to a waiting receiver"(chan, value) {
      const received = chan.receive();
      await chan.send(value);
      return [(await received)[0]];
    },
    async "from a waiting sender"(chan, value) {
      const sent = chan.send(value);
      const [got] = await chan.receive();
      await sent;
      return [got];
    },
    async "to a waiting iterator"(chan, value) {
      const next = chan[Symbol.asyncIterator]().next();
      await chan.send(value);
      return [(await next).value];
    },
    async "to an iterator"(chan, value) {
      const sent = chan.send(value);
      const next = await chan[Symbol.asyncIterator]().next();
      await sent;
      return [next.value];
    },
    async "by receiveMany"(chan, value) {
      const sent = chan.send(value);
      const many = await chan.receiveMany(2);
      await sent;
      return many;
    },
    "by the calls that never wait": (chan, value) => {
      const received = chan.receive();
      chan.trySend(value);
      return received.then(([got]) => [got]);
    },
  };
  for (const [route, carry] of Object.entries(routes)) {
    for (const capacity of [0, 1]) {
      for (const value of unusual) {
        const carried = await carry(new Chan<unknown>(capacity), value);
        assertStrictEquals((carried as unknown[])[0], value, route);
      }
    }
  }
});

testWithin(
  "law 12: many producers and consumers: exactly the values sent, none twice",
  async () => {
    for (const [producers, consumers, capacity] of [[3, 5, 0], [5, 3, 1], [4, 4, 7], [1, 9, 2]]) {
      const chan = new Chan<number>(capacity);
      const received: number[] = [];
      const reading = range(consumers!).map(async () => {
        for await (const value of chan) received.push(value);
      });
      const writing = range(producers!).map(async (producer) => {
        for (const i of range(200)) await chan.send(producer * 200 + i);
      });
      await Promise.all(writing);
      chan.close();
      await Promise.all(reading);
      assertEquals(received.toSorted((a, b) => a - b), range(producers! * 200));
      assertNobodyWaits(chan);
    }
  },
);

testWithin("law 13: a channel travels through a channel", async () => {
  const requests = new Chan<Chan<string>>();
  const server = (async () => {
    for await (const reply of requests) await reply.send("pong");
  })();
  const reply = new Chan<string>();
  await requests.send(reply);
  const answer: Received<string> = await reply.receive();
  assertEquals(answer, ["pong", true]);
  requests.close();
  await server;
});

testWithin("receiveMany waits for one value and takes up to max", async () => {
  const chan = new Chan<number>(3);
  const many = chan.receiveMany(3);
  await assertPending(many);
  for (const i of range(4)) assertEquals(chan.trySend(i), true);
  assertEquals(await many, [0, 1, 2]);
  assertEquals(await chan.receiveMany(3), [3]);
});

testWithin("receiveMany takes from waiting senders as well, in order", async () => {
  const chan = new Chan<number>(2);
  const sends = range(6).map((i) => chan.send(i));
  assertEquals(await chan.receiveMany(5), [0, 1, 2, 3, 4]);
  await Promise.all(sends);
  assertEquals(chan.length, 1);
});

testWithin("receiveMany refuses a max that is no count", async () => {
  const chan = new Chan<number>(1);
  await chan.send(1);
  for (const max of [0, -1, 1.5, NaN]) {
    const error = await chan.receiveMany(max).catch((error: unknown) => error);
    assertEquals(error instanceof RangeError, true);
  }
  assertEquals(chan.length, 1);
});

testWithin("a ring that wraps around and grows keeps the order", () => {
  const chan = new Chan<number>(Infinity);
  let sent = 0;
  let received = 0;
  for (const round of range(60)) {
    for (const _ of range(round)) chan.trySend(sent++);
    for (const _ of range(round >> 1)) assertEquals(chan.tryReceive(), [received++, true]);
    assertEquals(chan.length, sent - received);
  }
  while (received < sent) assertEquals(chan.tryReceive(), [received++, true]);
  assertEquals(chan.tryReceive(), undefined);
});
