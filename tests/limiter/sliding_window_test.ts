import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { ManualClock } from "../../src/clock/mod.ts";
import { SlidingWindow } from "../../src/limiter/mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { Log } from "./support.ts";

testWithin("SlidingWindow: room comes back as events leave the window", async () => {
  const clock = new ManualClock();
  const limiter = new SlidingWindow({ limit: 3, windowMs: 1_000, clock });
  const log = new Log(clock);
  assertEquals(limiter.allow(), true);
  await clock.advance(600);
  assertEquals(limiter.allow(2), true);
  assertEquals(limiter.allow(), false);
  log.watch("a", limiter.wait());
  log.watch("b", limiter.wait(3));
  log.watch("c", limiter.wait());
  await clock.advance(5_000);
  assertEquals(log.entries, ["a@1000", "b@2000", "c@3000"]);
  assertEquals([limiter.limit, limiter.windowMs], [3, 1_000]);
});

testWithin(
  "SlidingWindow: more than the limit is never allowed and can't be waited for",
  async () => {
    const limiter = new SlidingWindow({ limit: 3, windowMs: 1_000, clock: new ManualClock() });
    assertEquals(limiter.allow(4), false);
    await assertRejects(
      () => limiter.wait(4),
      RangeError,
      "Cannot wait: n must be at most the limit of 3, got 4",
    );
    assertEquals(limiter.allow(3), true);
  },
);

testWithin(
  "SlidingWindow: in any window at most the limit, and never less than there is room",
  async () => {
    const step = fc.record({
      ms: fc.constantFrom(0, 1, 7, 40, 99, 100, 101, 250),
      n: fc.integer({ min: 0, max: 4 }),
      wait: fc.boolean(),
    });
    const program = fc.array(step, { maxLength: 60, size: "max" });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), program, async (limit, steps) => {
        const clock = new ManualClock();
        const limiter = new SlidingWindow({ limit, windowMs: 100, clock });
        const taken: number[] = [];
        const take = (n: number) => taken.push(...Array<number>(n).fill(clock.now()));
        let waiting = 0;
        for (const { ms, n, wait } of steps) {
          await clock.advance(ms);
          const now = clock.now();
          const inWindow = taken.filter((at) => at > now - 100).length;
          if (wait && n <= limit) {
            waiting++;
            limiter.wait(n).then(() => {
              waiting--;
              take(n);
            });
            await clock.advance(0);
          } else {
            const room = waiting === 0 && n <= limit - inWindow;
            assertEquals(limiter.allow(n), room);
            if (room) take(n);
          }
        }
        await clock.advance(100 * steps.length);
        assertEquals([waiting, clock.pending], [0, 0]);
        for (const end of taken) {
          assert(taken.filter((at) => at > end - 100 && at <= end).length <= limit);
        }
      }),
      { numRuns: 200 },
    );
  },
);

testWithin("SlidingWindow: bad settings are refused by name", () => {
  for (const limit of [0, -1, 1.5, NaN, Infinity]) {
    const message = `limit must be an integer of at least 1, got ${limit}`;
    assertThrows(() => new SlidingWindow({ limit, windowMs: 1 }), RangeError, message);
  }
  for (const windowMs of [0, -1, NaN, Infinity]) {
    const message = `windowMs must be a finite positive number, got ${windowMs}`;
    assertThrows(() => new SlidingWindow({ limit: 1, windowMs }), RangeError, message);
  }
});
