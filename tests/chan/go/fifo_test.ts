import { assertEquals } from "@std/assert";
import { Chan, type ReceiveChan, type SendChan } from "../../../mod.ts";
import { testWithin } from "../../support/watchdog.ts";
import { range } from "../support.ts";

// After Go's test/chan/fifo.go and goroutines.go.

testWithin("Go's asynchronous FIFO: a full buffer comes out in order", async () => {
  const chan = new Chan<number>(10);
  for (const i of range(10)) await chan.send(i);
  for (const i of range(10)) assertEquals(await chan.receive(), [i, true]);
});

testWithin(
  "Go's synchronous FIFO: readers that wait for each other, started in any order",
  async () => {
    const chan = new Chan<number>();
    const read: number[] = [];
    async function reader(
      value: number,
      before: ReceiveChan<number>,
      after: SendChan<number>,
    ): Promise<void> {
      await before.receive();
      read.push((await chan.receive())[0]!);
      assertEquals(read.at(-1), value);
      await after.send(1);
    }
    const first = new Chan<number>();
    let before = first;
    for (const i of range(100)) {
      const after = new Chan<number>();
      reader(i, before, after);
      before = after;
    }
    await first.send(0);
    for (const i of range(100)) await chan.send(i);
    await before.receive();
    assertEquals(read, range(100));
  },
);

testWithin("Go's chain: a value passes through 10,000 loops", async () => {
  const leftmost = new Chan<number>();
  let left = leftmost;
  for (const _ of range(10_000)) {
    const right = new Chan<number>();
    const to = left;
    (async () => {
      const [value] = await right.receive();
      await to.send(value! + 1);
    })();
    left = right;
  }
  await left.send(0);
  assertEquals(await leftmost.receive(), [10_000, true]);
});
