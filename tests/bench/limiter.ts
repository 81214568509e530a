/**
 * Measures what a limiter costs: who takes without a limit, within it and beyond it, and how that
 * grows with the number of those who wait. Prints Markdown.
 *
 * `deno task bench:limiter`
 */
import {
  BandwidthLimiter,
  IntervalLimiter,
  LeakyBucket,
  type Limiter,
  ManualClock,
  SlidingWindow,
  TokenBucket,
} from "@dlm/dlm";
import { type Contestant, fastest, machine, table } from "./rounds.ts";

const TAKES = 100_000;
const ROUNDS = 7;

/** More than can be taken here. */
const HIGH = 1e12;

function allowing(make: () => Limiter): () => Promise<void> {
  return () => {
    const limiter = make();
    for (let take = 0; take < TAKES; take++) limiter.allow();
    return Promise.resolve();
  };
}

function waiting(make: () => Limiter): () => Promise<void> {
  return async () => {
    const limiter = make();
    for (let take = 0; take < TAKES; take++) await limiter.wait();
  };
}

function taking(bytesPerSecond: number): () => Promise<void> {
  return async () => {
    using share = new BandwidthLimiter({ bytesPerSecond }).join();
    for (let take = 0; take < TAKES; take++) await share.take(1_000);
  };
}

const refusing = () => new TokenBucket({ limit: 1e-9 });

const limiters: Record<string, () => Limiter> = {
  "TokenBucket, no limit": () => new TokenBucket({ limit: Infinity }),
  TokenBucket: () => new TokenBucket({ limit: HIGH, burst: TAKES }),
  LeakyBucket: () => new LeakyBucket({ limit: HIGH }),
  SlidingWindow: () => new SlidingWindow({ limit: TAKES, windowMs: 60_000 }),
  IntervalLimiter: () => new IntervalLimiter({ intervalMs: 1 / HIGH }),
};

async function onePerson(): Promise<void> {
  const best = await fastest([
    ...Object.entries(limiters).flatMap(([name, make]): Contestant[] => [
      [`${name}: allow`, allowing(make)],
      [`${name}: wait`, waiting(make)],
    ]),
    ["refused: allow", allowing(refusing)],
    ["no bandwidth limit: take", taking(Infinity)],
    ["bandwidth limit: take", taking(HIGH)],
  ], ROUNDS);
  const cost = (name: string) => {
    const ms = best.get(name);
    return ms === undefined ? "" : (ms * 1e6 / TAKES).toFixed(0);
  };
  console.log(`${TAKES} takes that need no wait, best of ${ROUNDS} (${machine()})\n`);
  console.log(table(["nanoseconds a take", "`allow`", "`wait` or `take`"], [
    ...Object.keys(limiters).map((name) => [name, cost(`${name}: allow`), cost(`${name}: wait`)]),
    ["TokenBucket that is empty", cost("refused: allow"), ""],
    ["BandwidthLimiter, no limit", "", cost("no bandwidth limit: take")],
    ["BandwidthLimiter", "", cost("bandwidth limit: take")],
  ]));
}

/** Everybody waits at the same time, and is served one each millisecond. */
async function served(people: number): Promise<void> {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ limit: 1_000, clock });
  const waits = Array.from({ length: people }, () => bucket.wait());
  await clock.advance(people);
  await Promise.all(waits);
}

/** Everybody waits at the same time, and gives up, the last one first. */
async function cancelled(people: number): Promise<void> {
  const bucket = new TokenBucket({ limit: 1e-3 });
  const controllers = Array.from({ length: people }, () => new AbortController());
  const waits = controllers.map(({ signal }) => bucket.wait(1, { signal }).catch(() => {}));
  for (const controller of controllers.toReversed()) controller.abort();
  await Promise.all(waits);
}

/** Everybody shares a bandwidth and takes ten pieces, one after the other. */
async function shared(people: number): Promise<void> {
  const clock = new ManualClock();
  const limiter = new BandwidthLimiter({ bytesPerSecond: people * 1_000_000, clock });
  let left = people;
  const all = Array.from({ length: people }, async () => {
    using share = limiter.join();
    for (let piece = 0; piece < PIECES; piece++) await share.take(16_384);
    left--;
  });
  while (left > 0) await clock.advance(10);
  await Promise.all(all);
}

const PIECES = 10;

async function manyPeople(): Promise<void> {
  const rows: string[][] = [];
  for (const people of [10, 100, 1_000, 10_000]) {
    const best = await fastest([
      ["served", () => served(people)],
      ["cancelled", () => cancelled(people)],
      ["shared", () => shared(people)],
    ], 3);
    const cost = (name: string, each: number) => (best.get(name)! * 1e6 / each).toFixed(0);
    rows.push([
      people.toLocaleString("en"),
      cost("served", people),
      cost("cancelled", people),
      cost("shared", people * PIECES),
    ]);
  }
  console.log("\nMany at the same time, nanoseconds for each:\n");
  console.log(table(["people", "waits, is served", "waits, gives up", "takes a piece"], rows));
}

await onePerson();
await manyPeople();
