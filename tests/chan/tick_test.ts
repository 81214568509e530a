import { assertEquals, assertThrows } from "@std/assert";
import { ManualClock, receiveFrom, select, tick } from "../../mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { range } from "./support.ts";

testWithin("a ticker gives the clock's reading every period", async () => {
  const clock = new ManualClock(1_000);
  using ticker = tick(10, { clock });
  const moments: number[] = [];
  const reading = (async () => {
    for await (const now of ticker) {
      moments.push(now);
      if (moments.length === 3) break;
    }
  })();
  await clock.advance(30);
  await reading;
  assertEquals(moments, [1_010, 1_020, 1_030]);
});

testWithin("a slow receiver finds one tick, the first that it missed", async () => {
  const clock = new ManualClock();
  using ticker = tick(10, { clock });
  await clock.advance(55);
  assertEquals(ticker.length, 1);
  assertEquals(ticker.tryReceive(), [10, true]);
  assertEquals(ticker.tryReceive(), undefined);
  await clock.advance(5);
  assertEquals(ticker.tryReceive(), [60, true]);
});

/** A clock whose timers fire `late` milliseconds too late. */
class LateClock extends ManualClock {
  late = 0;
  override schedule(ms: number, fire: () => void): () => void {
    return super.schedule(ms + this.late, fire);
  }
}

testWithin("ticks that come late do not make the later ones drift", async () => {
  const clock = new LateClock();
  clock.late = 3;
  using ticker = tick(10, { clock });
  const moments: number[] = [];
  for (const _ of range(50)) {
    await clock.advance(1);
    const got = ticker.tryReceive();
    if (got?.[1]) moments.push(got[0]);
  }
  assertEquals(moments, [13, 23, 33, 43]);

  clock.late = 25;
  await clock.advance(100);
  ticker.tryReceive();
  clock.late = 0;
  await clock.advance(60);
  ticker.tryReceive();
  await clock.advance(20);
  const [now] = ticker.tryReceive()!;
  assertEquals(now! % 10, 0);
});

testWithin("stop clears the timer and ends the loop; disposing does the same", async () => {
  const clock = new ManualClock();
  const ticker = tick(10, { clock });
  const loop = Array.fromAsync(ticker);
  await clock.advance(10);
  ticker.stop();
  ticker.stop();
  assertEquals(clock.pending, 0);
  assertEquals(await loop, [10]);
  assertEquals(ticker.closed, true);
  {
    using _scoped = tick(10, { clock });
    assertEquals(clock.pending, 1);
  }
  assertEquals(clock.pending, 0);
});

testWithin("a ticker stands in a select", async () => {
  const clock = new ManualClock();
  using ticker = tick(10, { clock });
  const got = select({ tick: receiveFrom(ticker) });
  await clock.advance(10);
  assertEquals(await got, { key: "tick", value: 10, ok: true });
});

testWithin("a period that is no period throws RangeError", () => {
  for (const ms of [0, -1, NaN, Infinity]) {
    assertThrows(() => tick(ms), RangeError, `got ${ms}`);
  }
});
