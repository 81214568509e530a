import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { AdaptiveLimit, type AdaptiveLimitOptions } from "../../src/limiter/mod.ts";
import { testWithin } from "../support/watchdog.ts";

/** Reports so many successes of 10 ms each. */
function succeed(limit: AdaptiveLimit, times: number, latencyMs = 10): void {
  for (let i = 0; i < times; i++) limit.onSuccess(latencyMs);
}

testWithin(
  "AdaptiveLimit: doubles each round until the first failure, then adds one a round",
  () => {
    const limit = new AdaptiveLimit({ max: 1_000, initial: 4 });
    succeed(limit, 4);
    assertEquals(limit.current, 8);
    succeed(limit, 8);
    assertEquals(limit.current, 16);
    assertEquals(limit.onFailure(), 8);
    succeed(limit, 15); // were under way when it failed
    assertEquals(limit.current, 8);
    succeed(limit, 8);
    assertAlmostEquals(limit.current, 9, 0.1);
    succeed(limit, 9);
    assertAlmostEquals(limit.current, 10, 0.1);
  },
);

testWithin("AdaptiveLimit: the failures of one round count once", () => {
  const limit = new AdaptiveLimit({ max: 100, initial: 64 });
  for (let i = 0; i < 64; i++) limit.onFailure();
  assertEquals(limit.current, 32);
  limit.onFailure();
  assertEquals(limit.current, 16);
});

testWithin("AdaptiveLimit: stays between min and max", () => {
  const limit = new AdaptiveLimit({ min: 2, max: 5, initial: 3 });
  succeed(limit, 100);
  assertEquals(limit.current, 5);
  for (let i = 0; i < 100; i++) limit.onFailure();
  assertEquals([limit.min, limit.current, limit.max], [2, 2, 5]);
});

testWithin("AdaptiveLimit: a limit that isn't half used doesn't grow", () => {
  const limit = new AdaptiveLimit({ max: 100, initial: 10 });
  for (let i = 0; i < 50; i++) limit.onSuccess(10, 4);
  assertEquals(limit.current, 10);
  limit.onSuccess(10, 5);
  assertEquals(limit.current, 11);
});

testWithin(
  "AdaptiveLimit: latency far above the usual is congestion, unless told otherwise",
  () => {
    const heeds = new AdaptiveLimit({ max: 100, initial: 20 });
    const ignores = new AdaptiveLimit({ max: 100, initial: 20, latencyTolerance: Infinity });
    for (const limit of [heeds, ignores]) {
      for (let i = 0; i < 300; i++) limit.onSuccess(10, 1);
      for (let i = 0; i < 20; i++) limit.onSuccess(100, 1);
    }
    assertEquals([heeds.current, ignores.current], [10, 20]);
  },
);

testWithin("AdaptiveLimit: recovers once latency is normal again", () => {
  const limit = new AdaptiveLimit({ max: 50, initial: 20 });
  succeed(limit, 100);
  for (let i = 0; i < 3_000; i++) limit.onSuccess(500); // the usual latency rises with it
  for (let i = 0; i < 3_000; i++) limit.onSuccess(10);
  assertEquals(limit.current, 50);
});

testWithin(
  "AdaptiveLimit: after a long overload, the usual latency is soon the usual one again",
  () => {
    const limit = new AdaptiveLimit({ min: 0.01, max: 50, initial: 50 });
    for (const [times, latencyMs] of [[1_000, 10], [3_000, 500], [200, 10]] as const) {
      for (let i = 0; i < times; i++) limit.onSuccess(latencyMs, 1);
    }
    const before = limit.current;
    for (let i = 0; i < 20; i++) limit.onSuccess(100, 1);
    assert(limit.current < before, `${before}`);
  },
);

testWithin("AdaptiveLimit: finds what a server can take, and follows when that changes", () => {
  const limit = new AdaptiveLimit({ max: 500, initial: 1 });
  const average = (capacity: number): number => {
    let sum = 0;
    for (let round = 0; round < 200; round++) {
      const calls = Math.floor(limit.current);
      for (let i = 0; i < calls; i++) {
        if (i < capacity) limit.onSuccess(10, calls);
        else limit.onFailure();
      }
      if (round >= 100) sum += limit.current;
    }
    return sum / 100;
  };
  for (const capacity of [40, 10, 120]) {
    const found = average(capacity);
    // The saw tooth of additive increase and halving has its mean at three quarters.
    assert(found > capacity * 0.6 && found < capacity * 1.05, `${capacity}: ${found}`);
  }
});

testWithin("AdaptiveLimit: bad settings are refused by name", () => {
  const bad: [AdaptiveLimitOptions, string][] = [
    [{ max: 10, min: 0 }, "min must be more than 0, got 0"],
    [{ max: Infinity }, "max must be finite, at least min, got Infinity"],
    [{ max: 1, min: 2 }, "max must be finite, at least min, got 1"],
    [{ max: 10, initial: 11 }, "initial must be between min and max, got 11"],
    [{ max: 10, initial: NaN }, "initial must be between min and max, got NaN"],
    [{ max: 10, increase: 0 }, "increase must be a finite positive number, got 0"],
    [{ max: 10, decrease: 1 }, "decrease must be between 0 and 1, got 1"],
    [{ max: 10, latencyTolerance: 1 }, "latencyTolerance must be more than 1, got 1"],
  ];
  for (const [options, message] of bad) {
    assertThrows(() => new AdaptiveLimit(options), RangeError, message);
  }
  const limit = new AdaptiveLimit({ max: 10 });
  for (const latency of [-1, NaN, Infinity]) {
    assertThrows(() => limit.onSuccess(latency), RangeError, "latencyMs must be");
  }
});
