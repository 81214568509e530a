import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { backoffDelay, type BackoffOptions } from "../../src/resilience/mod.ts";
import { testWithin } from "../support/watchdog.ts";

const tables: { name: string; options: BackoffOptions; delays: number[] }[] = [
  {
    name: "the defaults",
    options: {},
    delays: [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000],
  },
  { name: "a base and a cap", options: { baseMs: 100, maxMs: 500 }, delays: [100, 200, 400, 500] },
  { name: "no growth", options: { multiplier: 1 }, delays: [1_000, 1_000, 1_000] },
  { name: "no wait", options: { baseMs: 0 }, delays: [0, 0, 0] },
  { name: "a cap of 0", options: { maxMs: 0 }, delays: [0, 0] },
];

for (const { name, options, delays } of tables) {
  testWithin(`backoffDelay: the longest delays with ${name}`, () => {
    const longest = delays.map((_, i) => backoffDelay(i + 1, { ...options, random: () => 0 }));
    assertEquals(longest, delays);
    const even = delays.map((_, i) => backoffDelay(i + 1, { ...options, jitter: 0 }));
    assertEquals(even, delays);
  });
}

testWithin("backoffDelay: grows to the cap and never overflows", () => {
  for (const attempt of [50, 1_000, 100_000, Number.MAX_SAFE_INTEGER]) {
    assertEquals(backoffDelay(attempt, { jitter: 0 }), 30_000);
    assertEquals(backoffDelay(attempt, { baseMs: 0, jitter: 0 }), 0);
  }
});

testWithin("backoffDelay: jitter says how much is left to chance", () => {
  const at = (jitter: number, chance: number) =>
    backoffDelay(1, { jitter, random: () => chance, baseMs: 1_000 });
  assertEquals([at(1, 0), at(1, 0.5)], [1_000, 500]);
  assertEquals([at(0.5, 0), at(0.5, 0.5)], [1_000, 750]);
  assertAlmostEquals(at(1, 0.999), 1);
  assertAlmostEquals(at(0.5, 0.999), 500.5);
});

testWithin("backoffDelay: full jitter is spread evenly", () => {
  const fifths = [0, 0, 0, 0, 0];
  for (let i = 0; i < 10_000; i++) fifths[Math.min(4, Math.floor(backoffDelay(1) / 200))]! += 1;
  // Chi-squared with 4 degrees of freedom exceeds 23.5 once in 10,000 runs.
  const chi = fifths.reduce((sum, count) => sum + (count - 2_000) ** 2 / 2_000, 0);
  assert(chi < 23.5, `${fifths}`);
});

testWithin("backoffDelay: bad arguments are refused by name", () => {
  for (const attempt of [0, -1, 1.5, NaN, Infinity]) {
    const message = `Cannot back off: attempt must be a positive integer, got ${attempt}`;
    assertThrows(() => backoffDelay(attempt), RangeError, message);
  }
  const bad: [BackoffOptions, string][] = [
    [{ baseMs: -1 }, "baseMs must be a finite number of 0 or more, got -1"],
    [{ multiplier: 0.5 }, "multiplier must be finite, at least 1, got 0.5"],
    [{ maxMs: Infinity }, "maxMs must be a finite number of 0 or more, got Infinity"],
    [{ jitter: 1.1 }, "jitter must be between 0 and 1, got 1.1"],
  ];
  for (const [options, message] of bad) {
    assertThrows(() => backoffDelay(1, options), RangeError, message);
  }
});
