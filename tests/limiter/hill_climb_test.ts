import { assert, assertEquals, assertThrows } from "@std/assert";
import { HillClimb, type HillClimbOptions } from "../../src/limiter/mod.ts";
import { testWithin } from "../support/watchdog.ts";

/** The numbers that a climb tries on a line which `full` workers fill, with noise. */
function climb(workers: HillClimb, full: number, times: number, noise = () => 0): number[] {
  return Array.from({ length: times }, () => {
    const tried = workers.current;
    workers.observe(Math.min(tried, full) * 1e6 * (1 + noise()));
    return tried;
  });
}

/** Even noise between -part and part, the same in every run. */
function noiseOf(part: number): () => number {
  let seed = 1;
  return () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return part * (2 * seed / 2 ** 31 - 1);
  };
}

testWithin("HillClimb: doubles, overshoots once, and closes in", () => {
  const workers = new HillClimb({ max: 64 });
  assertEquals(climb(workers, 8, 9), [1, 2, 4, 8, 16, 12, 10, 9, 8]);
});

testWithin("HillClimb: rests at the top, and tries one fewer and one more in turn", () => {
  const workers = new HillClimb({ max: 64 });
  climb(workers, 8, 8);
  assertEquals(climb(workers, 8, 12), [8, 8, 8, 8, 8, 7, 8, 8, 8, 8, 8, 9]);
});

testWithin("HillClimb: goes to max if that pays, and stays within it", () => {
  const workers = new HillClimb({ max: 20, initial: 3 });
  assertEquals(climb(workers, 1_000, 6), [3, 6, 12, 20, 20, 20]);
});

testWithin("HillClimb: stays at min if nothing helps", () => {
  const workers = new HillClimb({ min: 2, max: 20 });
  const tried = climb(workers, 1, 40);
  assert(tried.slice(4).every((count) => count <= 3), `${tried}`);
});

for (const part of [0, 0.03, 0.1]) {
  testWithin(
    `HillClimb: finds the top and follows when it moves, with ${part * 100}% noise`,
    () => {
      const workers = new HillClimb({ max: 64 });
      const noise = noiseOf(part);
      for (const full of [8, 3, 20]) {
        climb(workers, full, 150, noise);
        const tried = climb(workers, full, 100, noise);
        const average = tried.reduce((sum, count) => sum + count) / tried.length;
        assert(average > full * 0.75 && average < full * 1.35, `${full}: ${average}`);
      }
    },
  );
}

testWithin("HillClimb: a failure halves the number, which it then measures afresh", () => {
  const workers = new HillClimb({ max: 64 });
  climb(workers, 16, 40);
  assertEquals(workers.onFailure(), 8);
  assertEquals(climb(workers, 16, 5), [8, 8, 8, 8, 8]);
  while (workers.current > 1) workers.onFailure();
  assertEquals(workers.onFailure(), 1);
});

testWithin("HillClimb: nothing at all is no reason to grow", () => {
  const workers = new HillClimb({ max: 64, initial: 4 });
  for (let i = 0; i < 50; i++) {
    const tried = workers.observe(0);
    assert(tried <= 8, `${tried}`);
  }
});

testWithin("HillClimb: bad settings are refused by name", () => {
  const bad: [HillClimbOptions, string][] = [
    [{ max: 5, min: 0 }, "min must be an integer of at least 1, got 0"],
    [{ max: 5, min: 6 }, "max must be an integer of at least 6, got 5"],
    [{ max: 5, min: 2, initial: 1 }, "initial must be an integer of at least 2, got 1"],
    [{ max: 5, initial: 6 }, "initial must be at most max, got 6"],
    [{ max: 5.5 }, "max must be an integer of at least 1, got 5.5"],
  ];
  for (const [options, message] of bad) {
    assertThrows(() => new HillClimb(options), RangeError, message);
  }
  for (const throughput of [-1, NaN, Infinity]) {
    assertThrows(() => new HillClimb({ max: 5 }).observe(throughput), RangeError, "throughput");
  }
});
