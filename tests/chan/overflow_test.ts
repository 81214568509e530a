import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Chan, type Overflow, receiveFrom, select, sendTo } from "../../mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertNobodyWaits, assertPending, range } from "./support.ts";

/** A channel that drops, and what it has dropped so far. */
function dropping(capacity: number, overflow: Overflow): [Chan<number>, number[]] {
  const dropped: number[] = [];
  return [new Chan(capacity, { overflow, onDrop: (value) => dropped.push(value) }), dropped];
}

testWithin('law 52: "wait" is the default and drops nothing', async () => {
  const [chan, dropped] = dropping(1, "wait");
  await chan.send(1);
  const second = chan.send(2);
  await assertPending(second);
  assertEquals(await chan.receiveMany(2), [1, 2]);
  await second;
  assertEquals(dropped, []);

  const plain = new Chan<number>(1);
  await plain.send(1);
  assertEquals(plain.trySend(2), false);
});

testWithin('law 52: "dropOldest" keeps the latest values', async () => {
  const [chan, dropped] = dropping(3, "dropOldest");
  for (const i of range(8)) await chan.send(i);
  chan.close();
  assertEquals(dropped, [0, 1, 2, 3, 4]);
  assertEquals(await Array.fromAsync(chan), [5, 6, 7]);
});

testWithin('law 52: "dropNewest" keeps the first values', async () => {
  const [chan, dropped] = dropping(3, "dropNewest");
  for (const i of range(8)) await chan.send(i);
  chan.close();
  assertEquals(dropped, [3, 4, 5, 6, 7]);
  assertEquals(await Array.fromAsync(chan), [0, 1, 2]);
});

testWithin("law 52: each value is received or dropped, exactly once", async () => {
  for (const overflow of ["dropOldest", "dropNewest"] as const) {
    for (const capacity of [0, 1, 5]) {
      const [chan, dropped] = dropping(capacity, overflow);
      const received: number[] = [];
      for (const i of range(60)) {
        if (i % 3 === 0) assertEquals(chan.trySend(i), true);
        else if (i % 3 === 1) await chan.send(i);
        else await select({ sent: sendTo(chan, i) });
        const got = i % 4 === 0 ? chan.tryReceive() : undefined;
        if (got?.[1]) received.push(got[0]);
        assertNobodyWaits(chan);
      }
      chan.close();
      received.push(...await Array.fromAsync(chan));
      assertEquals([...received, ...dropped].toSorted((a, b) => a - b), range(60));
    }
  }
});

testWithin("law 52: what a receiver waits for is not dropped", async () => {
  for (const overflow of ["dropOldest", "dropNewest"] as const) {
    const [chan, dropped] = dropping(0, overflow);
    const received = chan.receive();
    const selected = select({ v: receiveFrom(chan) });
    for (const i of range(3)) assertEquals(chan.trySend(i), true);
    assertEquals(await received, [0, true]);
    assertEquals((await selected).value, 1);
    assertEquals(dropped, [2]);
  }
});

testWithin("law 52: onDrop is optional and may use the channel", async () => {
  const silent = new Chan<number>(1, { overflow: "dropOldest" });
  for (const i of range(3)) await silent.send(i);
  assertEquals(silent.tryReceive(), [2, true]);

  const seen: unknown[] = [];
  const chan: Chan<number> = new Chan(1, {
    overflow: "dropOldest",
    onDrop: (value) => seen.push(value, chan.tryReceive(), chan.length),
  });
  chan.trySend(1);
  chan.trySend(2);
  assertEquals(seen, [1, [2, true], 0]);
});

testWithin(
  "law 52: what onDrop throws reaches the sender, and the value stays dropped",
  async () => {
    const chan = new Chan<number>(1, {
      overflow: "dropNewest",
      onDrop(value) {
        throw new Error(`dropped ${value}`);
      },
    });
    await chan.send(1);
    await assertRejects(() => chan.send(2), Error, "dropped 2");
    assertThrows(() => chan.trySend(3), Error, "dropped 3");
    assertEquals(await chan.receive(), [1, true]);
    assertEquals(chan.length, 0);
  },
);
