import { assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import { LeakyBucket, LimitExceededError } from "../../src/limiter/mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { CoarseClock, Log } from "./support.ts";

testWithin("LeakyBucket: a pause saves nothing up", async () => {
  const clock = new ManualClock();
  const bucket = new LeakyBucket({ limit: 10, clock });
  const log = new Log(clock);
  await clock.advance(60_000);
  for (const name of "abc") log.watch(name, bucket.wait());
  await clock.advance(1_000);
  assertEquals(log.entries, ["a@60000", "b@60100", "c@60200"]);
});

testWithin("LeakyBucket: n events leave as one and take n intervals", async () => {
  const clock = new ManualClock();
  const bucket = new LeakyBucket({ limit: 10, clock });
  const log = new Log(clock);
  log.watch("a", bucket.wait(3));
  log.watch("b", bucket.wait(2));
  log.watch("c", bucket.wait(1));
  assertEquals(bucket.level, 3);
  await clock.advance(2_000);
  assertEquals(log.entries, ["a@0", "b@300", "c@500"]);
  assertEquals(bucket.level, 0);
});

testWithin("LeakyBucket: late timers don't delay the departures after them", async () => {
  const manual = new ManualClock();
  const bucket = new LeakyBucket({ limit: 100, clock: new CoarseClock(manual, 25) });
  const log = new Log(manual);
  for (const name of "abcdef") log.watch(name, bucket.wait());
  await manual.advance(1_000);
  assertEquals(log.entries, ["a@0", "b@25", "c@25", "d@50", "e@50", "f@50"]);
});

const spills = [
  { name: "full by one", capacity: 2, waiting: [1, 1], n: 1, retryAfterMs: 100 },
  { name: "two too many", capacity: 2, waiting: [1, 1], n: 2, retryAfterMs: 200 },
  { name: "no room at all", capacity: 0, waiting: [], n: 1, retryAfterMs: 100 },
  { name: "more than ever fit", capacity: 2, waiting: [1, 1], n: 9, retryAfterMs: 300 },
];

for (const { name, capacity, waiting, n, retryAfterMs } of spills) {
  testWithin(`LeakyBucket spills over: ${name}`, async () => {
    const clock = new ManualClock();
    const bucket = new LeakyBucket({ limit: 10, capacity, clock });
    const waits = [1, ...waiting].map((n) => bucket.wait(n));
    const error = await assertRejects(() => bucket.wait(n), LimitExceededError);
    assertAlmostEquals(error.retryAfterMs, retryAfterMs);
    // It told the truth: a moment earlier it fails still, then it doesn't.
    await clock.advance(retryAfterMs - 1);
    await assertRejects(() => bucket.wait(n), LimitExceededError);
    await clock.advance(1);
    const retried = bucket.wait(n);
    await clock.advance(1_000);
    await Promise.all([...waits, retried]);
  });
}

testWithin("LeakyBucket: a new limit re-times those who wait", async () => {
  const clock = new ManualClock();
  const bucket = new LeakyBucket({ limit: 1, clock });
  const log = new Log(clock);
  for (const name of "abcde") log.watch(name, bucket.wait());
  await clock.advance(500);
  bucket.setLimit(10);
  await clock.advance(50);
  bucket.setLimit(0);
  await clock.advance(10_000);
  bucket.setLimit(2);
  await clock.advance(600);
  bucket.setLimit(Infinity);
  await clock.advance(0);
  assertEquals(log.entries, ["a@0", "b@550", "c@11050", "d@11150", "e@11150"]);
  assertEquals([bucket.limit, bucket.capacity, clock.pending], [Infinity, Infinity, 0]);
});

testWithin("LeakyBucket: bad settings are refused by name", () => {
  for (const limit of [-1, NaN]) {
    assertThrows(() => new LeakyBucket({ limit }), RangeError, "limit must be 0 or more");
    assertThrows(() => new LeakyBucket({ limit: 1 }).setLimit(limit), RangeError, "limit must be");
  }
  for (const capacity of [-1, 0.5, NaN]) {
    assertThrows(() => new LeakyBucket({ limit: 1, capacity }), RangeError, "capacity must be");
  }
});
