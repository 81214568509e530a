import { assert } from "@std/assert";
import { type Clock, ManualClock, systemClock } from "../../src/clock/mod.ts";
import { IntervalLimiter, LeakyBucket, type Limiter, TokenBucket } from "../../src/limiter/mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { CoarseClock, measureAgain } from "./support.ts";

/** Takes `n` events at a time until the signal aborts, and returns how many it got. */
async function drain(limiter: Limiter, n: number, signal: AbortSignal): Promise<number> {
  let taken = 0;
  while (!signal.aborted) {
    await limiter.wait(n, { signal }).then(() => taken += n, () => {});
  }
  return taken;
}

function assertWithin(actual: number, expected: number, tolerance: number, what: string): void {
  const ratio = actual / expected;
  assert(Math.abs(ratio - 1) <= tolerance, `${what}: ${ratio} of the limit`);
}

const FIVE_MINUTES = 300_000;
const rates = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/** The share of the limit that someone who always waits gets in five minutes. */
async function measure(
  make: (rate: number, clock: Clock) => { limiter: Limiter; n: number },
  clockOf: (clock: ManualClock) => Clock,
  tolerance: number,
): Promise<void> {
  for (const rate of rates) {
    const manual = new ManualClock();
    const { limiter, n } = make(rate, clockOf(manual));
    const stop = new AbortController();
    const drained = drain(limiter, n, stop.signal);
    await manual.advance(FIVE_MINUTES);
    stop.abort();
    assertWithin(await drained, rate * FIVE_MINUTES / 1_000, tolerance, `${rate} per second`);
  }
}

// A hundredth of a second's worth at a time, so that five minutes are 30,000 steps.
const chunk = (rate: number) => Math.ceil(rate / 100);

testWithin("TokenBucket holds 1/s to 1,000,000/s within 1% over five minutes", () =>
  measure(
    (rate, clock) => {
      const n = chunk(rate);
      return { limiter: new TokenBucket({ limit: rate, burst: n, clock }), n };
    },
    (clock) => clock,
    0.01,
  ));

testWithin("TokenBucket holds them with timers that are up to 7 ms late", () =>
  measure(
    (rate, clock) => {
      const n = chunk(rate);
      return { limiter: new TokenBucket({ limit: rate, burst: n, clock }), n };
    },
    (clock) => new CoarseClock(clock, 7),
    0.01,
  ));

testWithin(
  "TokenBucket holds 1,000/s with burst 1 and timers that are up to 7 ms late",
  async () => {
    const manual = new ManualClock();
    const clock = new CoarseClock(manual, 7);
    const stop = new AbortController();
    const drained = drain(new TokenBucket({ limit: 1_000, burst: 1, clock }), 1, stop.signal);
    await manual.advance(60_000);
    stop.abort();
    assertWithin(await drained, 60_000, 0.01, "1,000 per second");
  },
);

testWithin(
  "LeakyBucket holds 1/s to 1,000,000/s with timers that are up to 7 ms late",
  () =>
    measure(
      (rate, clock) => ({ limiter: new LeakyBucket({ limit: rate, clock }), n: chunk(rate) }),
      (clock) => new CoarseClock(clock, 7),
      0.01,
    ),
);

testWithin("IntervalLimiter doesn't drift with timers that are up to 7 ms late", async () => {
  const manual = new ManualClock();
  const limiter = new IntervalLimiter({ intervalMs: 10, clock: new CoarseClock(manual, 7) });
  const stop = new AbortController();
  const drained = drain(limiter, 1, stop.signal);
  await manual.advance(FIVE_MINUTES);
  stop.abort();
  assertWithin(await drained, FIVE_MINUTES / 10, 0.001, "100 per second");
});

testWithin(
  "of a stall, at most 250 ms are made up for",
  async () => {
    const manual = new ManualClock();
    const clock = new CoarseClock(manual, 10_000);
    const bucket = new TokenBucket({ limit: 100, burst: 1, clock });
    bucket.allow();
    const waits = Array.from({ length: 1_000 }, () => bucket.wait());
    let served = 0;
    for (const wait of waits) wait.then(() => served++);
    await manual.advance(10_000);
    // The first was due at 10 ms, so the time from then to 260 ms is paid.
    assert(served === 26, `${served}`);
  },
);

testWithin(
  "the real clock: within 3% over two seconds, one event at a time or a thousand",
  () => measureAgain(measureReal),
);

async function measureReal(): Promise<void> {
  const stop = new AbortController();
  const start = systemClock.now();
  const runs = [
    { rate: 100, n: 1 },
    { rate: 500, n: 1 },
    { rate: 1_000, n: 1 },
    { rate: 10_000, n: 1 },
    { rate: 100_000, n: 100 },
    { rate: 1_000_000, n: 1_000 },
  ].map(({ rate, n }) => ({
    rate,
    drained: drain(new TokenBucket({ limit: rate, burst: n }), n, stop.signal),
  }));
  await systemClock.sleep(2_000);
  stop.abort();
  const seconds = (systemClock.now() - start) / 1_000;
  for (const { rate, drained } of runs) {
    assertWithin(await drained, rate * seconds, 0.03, `${rate} per second`);
  }
}
