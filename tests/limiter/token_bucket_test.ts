import { assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import { LimitExceededError, type Reservation, TokenBucket } from "../../src/limiter/mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { countedSignal, Log } from "./support.ts";

/**
 * A step at a time in milliseconds: `allow` and what it returns, `reserve` and when one may act,
 * `cancel` of the reservation with that number, a new limit or burst, the free tokens.
 */
type Step =
  | [at: number, op: "allow", n: number, allowed: boolean]
  | [at: number, op: "reserve", n: number, actAt: number]
  | [at: number, op: "cancel", reservation: number]
  | [at: number, op: "limit" | "burst", value: number]
  | [at: number, op: "tokens", tokens: number];

interface Table {
  readonly name: string;
  readonly limit: number;
  readonly burst: number;
  readonly steps: readonly Step[];
}

const NEVER = Infinity;

const tables: readonly Table[] = [
  {
    name: "burst 1 lets one through, then one per interval",
    limit: 10,
    burst: 1,
    steps: [
      [0, "allow", 1, true],
      [0, "allow", 1, false],
      [99, "allow", 1, false],
      [100, "allow", 1, true],
      [100, "allow", 1, false],
      [200, "allow", 1, true],
    ],
  },
  {
    name: "burst 3 lets three through at once",
    limit: 10,
    burst: 3,
    steps: [
      [0, "allow", 1, true],
      [0, "allow", 1, true],
      [0, "allow", 1, true],
      [0, "allow", 1, false],
      [100, "allow", 1, true],
      [100, "allow", 1, false],
    ],
  },
  {
    name: "a pause fills the bucket, and no further",
    limit: 10,
    burst: 3,
    steps: [
      [0, "allow", 3, true],
      [60_000, "tokens", 3],
      [60_000, "allow", 4, false],
      [60_000, "allow", 3, true],
      [60_000, "allow", 1, false],
    ],
  },
  {
    name: "allow of more than is there takes nothing",
    limit: 10,
    burst: 5,
    steps: [
      [0, "allow", 3, true],
      [0, "allow", 3, false],
      [0, "tokens", 2],
      [0, "allow", 2, true],
    ],
  },
  {
    name: "no events are always allowed, except in debt",
    limit: 10,
    burst: 2,
    steps: [
      [0, "allow", 0, true],
      [0, "allow", 2, true],
      [0, "allow", 0, true],
      [0, "reserve", 1, 100],
      [0, "allow", 0, false],
    ],
  },
  {
    name: "a slow rate keeps fractions",
    limit: 0.1,
    burst: 1,
    steps: [
      [0, "allow", 1, true],
      [5_000, "tokens", 0.5],
      [9_999, "allow", 1, false],
      [10_000, "allow", 1, true],
    ],
  },
  {
    name: "a rate whose interval has no exact form rounds nothing away",
    limit: 0.7692307692307693,
    burst: 1,
    steps: [[0, "allow", 1, true], [1_300, "allow", 1, true], [2_600, "allow", 1, true]],
  },
  {
    name: "limit 0 gives out the burst, then nothing",
    limit: 0,
    burst: 2,
    steps: [
      [0, "allow", 2, true],
      [1e9, "allow", 1, false],
      [1e9, "reserve", 1, NEVER],
      [1e9, "tokens", 0],
      [1e9, "limit", 10],
      [1e9 + 100, "allow", 1, true],
    ],
  },
  {
    name: "an infinite limit ignores the burst, even burst 0",
    limit: Infinity,
    burst: 0,
    steps: [[0, "allow", 1_000, true], [0, "allow", 1_000, true], [0, "reserve", 5, 0]],
  },
  {
    name: "reservations queue up",
    limit: 10,
    burst: 2,
    steps: [
      [0, "reserve", 2, 0],
      [0, "reserve", 2, 200],
      [300, "reserve", 2, 400],
      [300, "tokens", -1],
    ],
  },
  {
    name: "a reservation above the burst is never ok and takes nothing",
    limit: 10,
    burst: 2,
    steps: [
      [0, "reserve", 3, NEVER],
      [0, "cancel", 0],
      [0, "reserve", 2, 0],
      [100, "allow", 2, false],
      [100, "reserve", 2, 200],
      [300, "allow", 1, true],
    ],
  },
  {
    name: "cancelling the last reservation gives all its tokens back",
    limit: 10,
    burst: 2,
    steps: [
      [0, "reserve", 2, 0],
      [0, "reserve", 2, 200],
      [100, "cancel", 1],
      [100, "tokens", 1],
      [100, "reserve", 2, 200],
    ],
  },
  {
    name: "cancelling twice gives them back once",
    limit: 10,
    burst: 2,
    steps: [
      [0, "reserve", 2, 0],
      [0, "reserve", 2, 200],
      [100, "cancel", 1],
      [100, "cancel", 1],
      [100, "tokens", 1],
    ],
  },
  {
    name: "cancelling after the moment does nothing",
    limit: 10,
    burst: 2,
    steps: [
      [0, "reserve", 2, 0],
      [0, "reserve", 2, 200],
      [300, "cancel", 1],
      [300, "reserve", 2, 400],
    ],
  },
  {
    name: "a promise made since keeps one token of one",
    limit: 10,
    burst: 2,
    steps: [
      [0, "reserve", 2, 0],
      [0, "reserve", 1, 100],
      [0, "reserve", 1, 200],
      [0, "cancel", 1],
      [0, "reserve", 1, 300],
    ],
  },
  {
    name: "a promise made since keeps one token of two",
    limit: 10,
    burst: 2,
    steps: [
      [0, "reserve", 2, 0],
      [0, "reserve", 2, 200],
      [0, "reserve", 1, 300],
      [200, "cancel", 1],
      [200, "reserve", 2, 400],
    ],
  },
  {
    name: "a cancelled promise keeps nothing back any more",
    limit: 10,
    burst: 4,
    steps: [
      [0, "reserve", 4, 0],
      [0, "reserve", 3, 300],
      [0, "reserve", 1, 400],
      [0, "reserve", 1, 500],
      [100, "cancel", 3],
      [100, "cancel", 1],
      [100, "reserve", 3, 500],
    ],
  },
  {
    name: "cancelling a chain from its end gives everything back, at a rate that rounds",
    limit: 60,
    burst: 1,
    steps: [
      [0, "reserve", 1, 0],
      [0, "reserve", 1, 1_000 / 60],
      [0, "reserve", 1, 2_000 / 60],
      [0, "cancel", 2],
      [0, "cancel", 1],
      [0, "cancel", 0],
      [0, "tokens", 1],
      [0, "allow", 1, true],
    ],
  },
  {
    name: "one of many promises made since keeps it all, none once they are cancelled",
    limit: 10,
    burst: 1,
    steps: [
      ...Array.from({ length: 40 }, (_, i): Step => [0, "reserve", 1, 100 * i]),
      [50, "cancel", 1],
      [50, "tokens", -38.5],
      ...Array.from({ length: 24 }, (_, i): Step => [50, "cancel", 39 - i]),
      [50, "tokens", -14.5],
      [50, "cancel", 14],
      [50, "tokens", -14.5],
      [50, "cancel", 15],
      [50, "tokens", -13.5],
    ],
  },
  {
    name: "refunds never exceed the burst",
    limit: 10,
    burst: 4,
    steps: [
      [0, "reserve", 4, 0],
      [0, "reserve", 4, 400],
      [350, "burst", 2],
      [350, "cancel", 1],
      [350, "tokens", 2],
    ],
  },
  {
    name: "a new limit counts from now on and leaves reservations alone",
    limit: 5,
    burst: 2,
    steps: [
      [0, "reserve", 2, 0],
      [0, "reserve", 2, 400],
      [200, "limit", 10],
      [200, "reserve", 1, 400],
    ],
  },
  {
    name: "cancelling under a new limit",
    limit: 5,
    burst: 2,
    steps: [
      [0, "reserve", 2, 0],
      [0, "reserve", 2, 400],
      [200, "limit", 10],
      [200, "cancel", 1],
      [200, "reserve", 2, 300],
    ],
  },
  {
    name: "an earlier promise, later in time, takes nothing from the last one's refund",
    limit: 10,
    burst: 4,
    steps: [
      [0, "reserve", 4, 0],
      [0, "reserve", 4, 400],
      [0, "limit", 100],
      [0, "reserve", 2, 60],
      [0, "cancel", 2],
      [0, "tokens", -4],
    ],
  },
  {
    name: "a larger burst counts for later claims",
    limit: 5,
    burst: 2,
    steps: [
      [0, "reserve", 2, 0],
      [0, "reserve", 2, 400],
      [300, "burst", 4],
      [300, "reserve", 4, 1_200],
    ],
  },
  {
    name: "a smaller burst loses what is above it",
    limit: 10,
    burst: 5,
    steps: [
      [0, "burst", 2],
      [0, "tokens", 2],
      [0, "burst", 5],
      [0, "tokens", 2],
    ],
  },
  {
    name: "an infinite limit forgives debts, and what it gave out is not refunded later",
    limit: 10,
    burst: 2,
    steps: [
      [0, "reserve", 2, 0],
      [0, "reserve", 2, 200],
      [0, "limit", Infinity],
      [0, "reserve", 9, 0],
      [0, "limit", 10],
      [0, "tokens", 2],
      [0, "allow", 2, true],
      [0, "cancel", 1],
      [0, "cancel", 2],
      [0, "tokens", 0],
    ],
  },
];

function run(step: Step, bucket: TokenBucket, reservations: Reservation[]): void {
  const where = JSON.stringify(step);
  switch (step[1]) {
    case "allow":
      return assertEquals(bucket.allow(step[2]), step[3], where);
    case "tokens":
      return assertAlmostEquals(bucket.tokens(), step[2], 1e-6, where);
    case "limit":
      return bucket.setLimit(step[2]);
    case "burst":
      return bucket.setBurst(step[2]);
    case "cancel":
      return reservations[step[2]]!.cancel();
    case "reserve": {
      const reservation = bucket.reserve(step[2]);
      reservations.push(reservation);
      const actAt = step[0] + reservation.delayMs;
      assertEquals(reservation.ok, step[3] !== NEVER, where);
      if (reservation.ok) assertAlmostEquals(actAt, step[3], 1e-6, where);
      else assertEquals(actAt, NEVER, where);
    }
  }
}

for (const { name, limit, burst, steps } of tables) {
  testWithin(`TokenBucket: ${name}`, async () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ limit, burst, clock });
    const reservations: Reservation[] = [];
    for (const step of steps) {
      await clock.advance(step[0] - clock.now());
      run(step, bucket, reservations);
    }
    assertEquals(clock.pending, 0);
  });
}

testWithin("TokenBucket: a reservation's delay runs down to 0", async () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ limit: 10, clock });
  bucket.reserve();
  const reservation = bucket.reserve();
  assertEquals(reservation.delayMs, 100);
  await clock.advance(60);
  assertEquals(reservation.delayMs, 40);
  await clock.advance(60);
  assertEquals(reservation.delayMs, 0);
});

testWithin("TokenBucket: ten a second for one second are ten, within one", async () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ limit: 10, burst: 1, clock });
  const stop = new AbortController();
  let requests = 0;
  const client = (async () => {
    for (;; requests++) await bucket.wait(1, { signal: stop.signal });
  })();
  await clock.advance(1_000);
  stop.abort("over");
  await client.catch(() => {});
  assertEquals(requests >= 9 && requests <= 11, true, `${requests}`);
});

/** Waiters with their sizes, and when each is served. */
const bursts = [
  { name: "those who fit into the burst go at once", burst: 3, ask: [1, 1, 1], served: [0, 0, 0] },
  { name: "the rest go at the limit", burst: 2, ask: [1, 1, 1, 1], served: [0, 0, 100, 200] },
  { name: "a large one waits for all its tokens", burst: 3, ask: [2, 3], served: [0, 200] },
  {
    name: "a small one doesn't overtake a large one",
    burst: 3,
    ask: [3, 3, 1],
    served: [0, 300, 400],
  },
  {
    name: "none waits its turn like others",
    burst: 1,
    ask: [1, 1, 0, 1],
    served: [0, 100, 100, 200],
  },
  { name: "a large burst after a small one", burst: 10, ask: [1, 10, 1], served: [0, 100, 200] },
];

for (const { name, burst, ask, served } of bursts) {
  testWithin(`TokenBucket waiters: ${name}`, async () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ limit: 10, burst, clock });
    const log = new Log(clock);
    ask.forEach((n, i) => log.watch(`${i}`, bucket.wait(n)));
    await clock.advance(10_000);
    assertEquals(log.entries, served.map((at, i) => `${i}@${at}`));
    assertEquals(clock.pending, 0);
  });
}

testWithin("TokenBucket: allow and reserve stand behind those who wait", async () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ limit: 10, burst: 2, clock });
  const log = new Log(clock);
  bucket.allow(2);
  log.watch("a", bucket.wait(2));
  await clock.advance(150);
  assertEquals(bucket.allow(1), false);
  const reservation = bucket.reserve(1);
  assertEquals(reservation.delayMs, 150);
  log.watch("b", bucket.wait(1));
  assertAlmostEquals(bucket.tokens(), -2.5);
  await clock.advance(1_000);
  assertEquals(log.entries, ["a@200", "b@400"]);
});

testWithin("TokenBucket: a cancelled reservation lets the waiters behind it move up", async () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ limit: 10, burst: 5, clock });
  const log = new Log(clock);
  bucket.allow(5);
  const charged = bucket.reserve(4);
  log.watch("a", bucket.wait(1));
  const queued = bucket.reserve(3);
  log.watch("b", bucket.wait(1));
  assertEquals([charged.delayMs, queued.delayMs, bucket.tokens()], [400, 800, -9]);
  queued.cancel();
  assertEquals(bucket.tokens(), -6);
  charged.cancel();
  assertEquals(bucket.tokens(), -2);
  await clock.advance(1_000);
  assertEquals(log.entries, ["a@100", "b@200"]);
});

testWithin("TokenBucket: a cancelled wait lets those behind move up", async () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ limit: 10, burst: 5, clock });
  const log = new Log(clock);
  const { controller, listeners } = countedSignal();
  bucket.allow(5);
  log.watch("a", bucket.wait(1));
  log.watch("b", bucket.wait(5, { signal: controller.signal }));
  log.watch("c", bucket.wait(1));
  log.watch("d", bucket.wait(1, { signal: controller.signal }));
  assertEquals(listeners(), 1);
  await clock.advance(150);
  controller.abort("stop");
  await clock.advance(10_000);
  assertEquals(log.entries, ["a@100", "b!stop@150", "d!stop@150", "c@200"]);
  assertEquals(listeners(), 1, "the one that fired was not removed by hand");
  assertEquals(clock.pending, 0);
});

testWithin(
  "TokenBucket: a cancelled wait leaves the bucket as if it had not been asked for",
  async () => {
    const clock = new ManualClock();
    const asked = new TokenBucket({ limit: 10, burst: 4, clock });
    const never = new TokenBucket({ limit: 10, burst: 4, clock });
    const stop = new AbortController();
    for (const bucket of [asked, never]) bucket.allow(3);
    const wait = asked.wait(4, { signal: stop.signal });
    await clock.advance(120);
    stop.abort("stop");
    await assertRejects(() => wait);
    assertAlmostEquals(asked.tokens(), never.tokens());
    assertAlmostEquals(asked.tokens(), 2.2);
  },
);

testWithin("TokenBucket: a cancelled wait keeps what a promise behind it counts on", async () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ limit: 10, burst: 2, clock });
  const stop = new AbortController();
  bucket.allow(2);
  const wait = bucket.wait(2, { signal: stop.signal });
  assertEquals(bucket.reserve(1).delayMs, 300);
  stop.abort("stop");
  await assertRejects(() => wait);
  // One of its two tokens comes in between its turn at 200 and the promise at 300.
  assertEquals(bucket.reserve(2).delayMs, 400);
});

testWithin("TokenBucket: a signal's listener goes when nobody waits with it", async () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ limit: 10, clock });
  const { controller: { signal }, listeners } = countedSignal();
  await bucket.wait(1, { signal });
  assertEquals(listeners(), 0);
  const waits = [bucket.wait(1, { signal }), bucket.wait(1, { signal })];
  await clock.advance(100);
  assertEquals(listeners(), 1);
  await clock.advance(100);
  await Promise.all(waits);
  assertEquals(listeners(), 0);
});

testWithin(
  "TokenBucket: ten thousand waiters share one listener",
  async () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ limit: 1, clock });
    const { controller, listeners } = countedSignal();
    bucket.allow();
    const waits = Array.from(
      { length: 10_000 },
      () => bucket.wait(1, { signal: controller.signal }).then(() => "served", () => "cancelled"),
    );
    assertEquals(listeners(), 1);
    controller.abort();
    assertEquals(new Set(await Promise.all(waits)), new Set(["cancelled"]));
    assertEquals(bucket.tokens(), 0);
    assertEquals(clock.pending, 0);
  },
);

testWithin("TokenBucket: an aborted signal takes nothing", async () => {
  const bucket = new TokenBucket({ limit: 10, clock: new ManualClock() });
  const reason = new Error("gone");
  const error = await assertRejects(() => bucket.wait(1, { signal: AbortSignal.abort(reason) }));
  assertEquals(error, reason);
  assertEquals(bucket.tokens(), 1);
});

testWithin("TokenBucket: a new limit re-times those who wait", async () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ limit: 1, burst: 2, clock });
  const log = new Log(clock);
  bucket.allow(2);
  for (const name of "abcdef") log.watch(name, bucket.wait());
  await clock.advance(500); // half a token is there
  bucket.setLimit(10); // a: 50 ms to go
  await clock.advance(100); // b is half way
  bucket.setLimit(0);
  await clock.advance(60_000);
  bucket.setLimit(1); // b: 500 ms to go
  await clock.advance(600);
  bucket.setLimit(Infinity);
  await clock.advance(0);
  assertEquals(log.entries, ["a@550", "b@61100", "c@61200", "d@61200", "e@61200", "f@61200"]);
  assertEquals(clock.pending, 0);
});

testWithin("TokenBucket: a burst that is lowered below a waiter still serves it", async () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ limit: 10, burst: 5, clock });
  const log = new Log(clock);
  bucket.allow(5);
  log.watch("a", bucket.wait(4));
  log.watch("b", bucket.wait(1));
  await clock.advance(100);
  bucket.setBurst(1);
  await clock.advance(10_000);
  assertEquals(log.entries, ["a@400", "b@500"]);
  assertEquals(bucket.tokens(), 1);
});

testWithin("TokenBucket: a wait longer than allowed fails at once and takes nothing", async () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ limit: 10, burst: 3, clock });
  bucket.allow(3);
  const error = await assertRejects(() => bucket.wait(2, { maxWaitMs: 150 }), LimitExceededError);
  assertAlmostEquals(error.retryAfterMs, 50);
  assertEquals(bucket.tokens(), 0);
  assertEquals(clock.pending, 0);
});

testWithin("TokenBucket: a wait just as long as allowed succeeds", async () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ limit: 10, burst: 3, clock });
  const log = new Log(clock);
  bucket.allow(3);
  log.watch("a", bucket.wait(2, { maxWaitMs: 200 }));
  log.watch("b", bucket.wait(1, { maxWaitMs: 300 }));
  log.watch("c", bucket.wait(1, { maxWaitMs: 60_000 }));
  await clock.advance(1_000);
  assertEquals(log.entries, ["a@200", "b@300", "c@400"]);
  assertEquals(clock.pending, 0);
});

testWithin(
  "TokenBucket: a wait that a new limit makes too long ends when its time is up",
  async () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ limit: 10, burst: 3, clock });
    const log = new Log(clock);
    bucket.allow(3);
    log.watch("a", bucket.wait(2, { maxWaitMs: 500 }));
    log.watch("b", bucket.wait(1));
    bucket.setLimit(2);
    await clock.advance(1_500);
    assertEquals(log.entries, ["a!LimitExceededError@500", "b@500"]);
    assertEquals(clock.pending, 0);
  },
);

testWithin(
  "TokenBucket: above the burst, waiting is an error unless the limit is infinite",
  async () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ limit: 10, burst: 3, clock });
    await assertRejects(
      () => bucket.wait(4),
      RangeError,
      "Cannot wait: n must be at most the burst of 3, got 4",
    );
    bucket.setLimit(Infinity);
    await bucket.wait(4);
  },
);

testWithin("TokenBucket: bad arguments are refused by name", async () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ limit: 10, clock });
  for (const n of [-1, 0.5, NaN, Infinity]) {
    const message = `n must be a non-negative integer, got ${n}`;
    assertThrows(() => bucket.allow(n), RangeError, `Cannot allow: ${message}`);
    assertThrows(() => bucket.reserve(n), RangeError, `Cannot reserve: ${message}`);
    await assertRejects(() => bucket.wait(n), RangeError, `Cannot wait: ${message}`);
  }
  await assertRejects(() => bucket.wait(1, { maxWaitMs: -1 }), RangeError, "maxWaitMs");
  for (const limit of [-1, NaN]) {
    assertThrows(() => new TokenBucket({ limit }), RangeError, "limit must be 0 or more");
    assertThrows(() => bucket.setLimit(limit), RangeError, "limit must be 0 or more");
  }
  for (const burst of [-1, 1.5, Infinity]) {
    const message = `burst must be an integer of at least 0, got ${burst}`;
    assertThrows(() => new TokenBucket({ limit: 1, burst }), RangeError, message);
    assertThrows(() => bucket.setBurst(burst), RangeError, message);
  }
  assertEquals([bucket.limit, bucket.burst, bucket.tokens()], [10, 1, 1]);
});
