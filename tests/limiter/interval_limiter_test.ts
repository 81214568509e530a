import { assertEquals, assertThrows } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import { IntervalLimiter } from "../../src/limiter/mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { CoarseClock, Log } from "./support.ts";

testWithin("IntervalLimiter: the first tick comes after one interval", async () => {
  const clock = new ManualClock(1_234.5);
  const ticks = new IntervalLimiter({ intervalMs: 100, clock });
  assertEquals(ticks.allow(), false);
  await clock.advance(99.9);
  assertEquals(ticks.allow(), false);
  await clock.advance(0.1);
  assertEquals(ticks.allow(), true);
  assertEquals(ticks.intervalMs, 100);
});

testWithin("IntervalLimiter: one tick is kept, those before it are lost", async () => {
  const clock = new ManualClock();
  const ticks = new IntervalLimiter({ intervalMs: 100, clock });
  await clock.advance(1_050);
  assertEquals([ticks.allow(2), ticks.allow(), ticks.allow()], [false, true, false]);
  await clock.advance(50);
  assertEquals(ticks.allow(), true);
});

testWithin("IntervalLimiter: waiting for several ticks", async () => {
  const clock = new ManualClock();
  const ticks = new IntervalLimiter({ intervalMs: 100, clock });
  const log = new Log(clock);
  await clock.advance(250); // the tick at 200 is kept
  log.watch("a", ticks.wait(3));
  log.watch("b", ticks.wait());
  await clock.advance(1_000);
  assertEquals(log.entries, ["a@400", "b@500"]);
});

testWithin("IntervalLimiter: a late timer leaves the grid where it is", async () => {
  const manual = new ManualClock();
  const ticks = new IntervalLimiter({ intervalMs: 100, clock: new CoarseClock(manual, 30) });
  const log = new Log(manual);
  for (let i = 0; i < 6; i++) log.watch(`${i}`, ticks.wait());
  await manual.advance(1_000);
  assertEquals(log.entries, ["0@120", "1@210", "2@330", "3@420", "4@510", "5@630"]);
});

testWithin("IntervalLimiter: bad settings are refused by name", () => {
  for (const intervalMs of [0, -1, NaN, Infinity]) {
    const message = `intervalMs must be a finite positive number, got ${intervalMs}`;
    assertThrows(() => new IntervalLimiter({ intervalMs }), RangeError, message);
  }
});
