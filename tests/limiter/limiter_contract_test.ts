import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Clock, ManualClock } from "../../src/clock/mod.ts";
import {
  IntervalLimiter,
  LeakyBucket,
  type Limiter,
  SlidingWindow,
  TokenBucket,
} from "../../src/limiter/mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { CoarseClock, countedSignal, Log } from "./support.ts";

/** Limiters that, once something was taken, let one event through every 100 ms. */
const limiters: { name: string; make: (clock: Clock) => Limiter }[] = [
  { name: "TokenBucket", make: (clock) => new TokenBucket({ limit: 10, clock }) },
  { name: "LeakyBucket", make: (clock) => new LeakyBucket({ limit: 10, clock }) },
  { name: "SlidingWindow", make: (clock) => new SlidingWindow({ limit: 1, windowMs: 100, clock }) },
  { name: "IntervalLimiter", make: (clock) => new IntervalLimiter({ intervalMs: 100, clock }) },
];

/** A limiter at time 0 that has just let an event through. */
async function used(make: (clock: Clock) => Limiter) {
  const clock = new ManualClock(-100);
  const limiter = make(clock);
  await clock.advance(100);
  assertEquals(limiter.allow(), true);
  return { clock, limiter, log: new Log(clock) };
}

for (const { name, make } of limiters) {
  testWithin(`${name}: allow takes one event per interval`, async () => {
    const { clock, limiter } = await used(make);
    const allowed: number[] = [];
    for (; clock.now() < 450; await clock.advance(10)) {
      if (limiter.allow()) allowed.push(clock.now());
    }
    assertEquals(allowed, [100, 200, 300, 400]);
  });

  testWithin(`${name}: waiters are served one per interval, first come first served`, async () => {
    const { clock, limiter, log } = await used(make);
    for (const waiter of "abc") log.watch(waiter, limiter.wait());
    await clock.advance(1_000);
    assertEquals(log.entries, ["a@100", "b@200", "c@300"]);
    assertEquals(clock.pending, 0);
  });

  testWithin(`${name}: allow doesn't overtake a waiter`, async () => {
    const { clock, limiter, log } = await used(make);
    await clock.advance(50);
    log.watch("a", limiter.wait());
    log.watch("b", limiter.wait());
    for (let i = 0; i < 15; i++) {
      assertEquals(limiter.allow(), false);
      await clock.advance(10);
    }
    assertEquals(log.entries, ["a@100", "b@200"]);
  });

  testWithin(`${name}: allow doesn't overtake a waiter whose timer is late`, async () => {
    const manual = new ManualClock(-100);
    const limiter = make(new CoarseClock(manual, 150));
    const log = new Log(manual);
    await manual.advance(100);
    assertEquals(limiter.allow(), true);
    log.watch("a", limiter.wait());
    await manual.advance(120);
    assertEquals([limiter.allow(), log.entries], [false, []]);
    await manual.advance(40);
    assertEquals(log.entries, ["a@150"]);
  });

  testWithin(`${name}: someone who leaves gives its place to the next`, async () => {
    const { clock, limiter, log } = await used(make);
    const { controller, listeners } = countedSignal();
    log.watch("a", limiter.wait(1, { signal: controller.signal }));
    log.watch("b", limiter.wait());
    log.watch("c", limiter.wait(1, { signal: controller.signal }));
    log.watch("d", limiter.wait());
    assertEquals(listeners(), 1);
    await clock.advance(30);
    controller.abort("stop");
    await clock.advance(1_000);
    assertEquals(log.entries, ["a!stop@30", "c!stop@30", "b@100", "d@200"]);
    assertEquals(clock.pending, 0);
  });

  testWithin(`${name}: served and aborted in one turn is served`, async () => {
    const { clock, limiter, log } = await used(make);
    const stop = new AbortController();
    log.watch("a", limiter.wait(1, { signal: stop.signal }));
    clock.schedule(100, () => stop.abort("stop"));
    await clock.advance(1_000);
    assertEquals(log.entries, ["a@100"]);
  });

  testWithin(`${name}: a signal that has aborted takes nothing`, async () => {
    const { clock, limiter } = await used(make);
    await clock.advance(100);
    const reason = new Error("gone");
    const error = await assertRejects(() => limiter.wait(1, { signal: AbortSignal.abort(reason) }));
    assertEquals(error, reason);
    assertEquals(limiter.allow(), true);
  });

  testWithin(`${name}: a claim of none takes nothing`, async () => {
    const { clock, limiter } = await used(make);
    await clock.advance(100);
    assertEquals(limiter.allow(0), true);
    await limiter.wait(0);
    assertEquals([limiter.allow(), limiter.allow()], [true, false]);
  });

  testWithin(`${name}: refuses numbers that are no events`, async () => {
    const { limiter } = await used(make);
    for (const n of [-1, 1.5, NaN, Infinity]) {
      const message = `n must be a non-negative integer, got ${n}`;
      assertThrows(() => limiter.allow(n), RangeError, message);
      await assertRejects(() => limiter.wait(n), RangeError, message);
    }
  });

  testWithin(`${name}: pool and limiter: backpressure reaches those who ask`, async () => {
    const { clock, limiter } = await used(make);
    let asked = 0;
    const producer = (async () => {
      for (; asked < 5; asked++) await limiter.wait();
    })();
    const seen: number[] = [];
    for (let i = 0; i < 4; i++) {
      await clock.advance(100);
      seen.push(asked);
    }
    assertEquals(seen, [1, 2, 3, 4]);
    await clock.advance(100);
    await producer;
  });
}
