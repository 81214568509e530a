import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { type Clock, ManualClock, systemClock } from "../../src/clock/mod.ts";
import { BandwidthLimiter, type BandwidthShare } from "../../src/limiter/mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { CoarseClock, countedSignal, Log, measureAgain } from "./support.ts";

/** A stream that takes chunk after chunk until the signal aborts. */
class Stream {
  bytes = 0;
  readonly ended: Promise<void>;

  constructor(share: BandwidthShare, chunk: number, signal: AbortSignal) {
    this.ended = (async () => {
      while (!signal.aborted) {
        await share.take(chunk, { signal }).then(() => this.bytes += chunk, () => {});
      }
    })();
  }
}

interface User {
  readonly chunk: number;
  readonly weight?: number;
}

/** What each of the users gets of the bandwidth, as a part of what is due to it by weight. */
async function parts(
  users: readonly User[],
  bytesPerSecond: number,
  clock: Clock,
  run: () => Promise<number>,
): Promise<number[]> {
  const bandwidth = new BandwidthLimiter({ bytesPerSecond, clock });
  const stop = new AbortController();
  const streams = users.map(({ chunk, weight }) =>
    new Stream(bandwidth.join({ weight }), chunk, stop.signal)
  );
  const seconds = await run() / 1_000;
  stop.abort();
  await Promise.all(streams.map(({ ended }) => ended));
  const weights = users.reduce((sum, { weight = 1 }) => sum + weight, 0);
  return users.map(({ weight = 1 }, i) =>
    streams[i]!.bytes / (bytesPerSecond * seconds * weight / weights)
  );
}

const fairness: { name: string; users: User[] }[] = [
  { name: "one user", users: [{ chunk: 16_384 }] },
  { name: "two with equal chunks", users: [{ chunk: 16_384 }, { chunk: 16_384 }] },
  { name: "two with 64 KiB and 1 KiB chunks", users: [{ chunk: 65_536 }, { chunk: 1_024 }] },
  {
    name: "three of different weight and chunk",
    users: [{ chunk: 65_536, weight: 1 }, { chunk: 1_024, weight: 3 }, { chunk: 9_999, weight: 2 }],
  },
  { name: "fifty", users: Array.from({ length: 50 }, (_, i) => ({ chunk: 1_000 * (1 + i % 16) })) },
];

for (const { name, users } of fairness) {
  for (const grainMs of [0, 2, 15]) {
    testWithin(`bandwidth is shared fairly: ${name}, timers up to ${grainMs} ms late`, async () => {
      const manual = new ManualClock();
      const clock = grainMs === 0 ? manual : new CoarseClock(manual, grainMs);
      const got = await parts(users, 4_000_000, clock, async () => {
        await manual.advance(10_000);
        return 10_000;
      });
      for (const part of got) assertAlmostEquals(part, 1, 0.03);
      const total = got.reduce((sum, part, i) => sum + part * (users[i]!.weight ?? 1), 0);
      const weights = users.reduce((sum, { weight = 1 }) => sum + weight, 0);
      assert(total / weights <= 1 && total / weights > 0.97, `total: ${total / weights}`);
    });
  }
}

testWithin("the real clock: within 3% over two seconds, and fair", () => measureAgain(measureReal));

async function measureReal(): Promise<void> {
  const users = [{ chunk: 65_536 }, { chunk: 1_024 }, { chunk: 16_384 }];
  const run = async () => {
    const start = systemClock.now();
    await systemClock.sleep(2_000);
    return systemClock.now() - start;
  };
  const rates = [10_000_000, 100_000_000];
  for (const got of await Promise.all(rates.map((rate) => parts(users, rate, systemClock, run)))) {
    assertAlmostEquals(got.reduce((sum, part) => sum + part) / users.length, 1, 0.03);
    for (const part of got) assertAlmostEquals(part, 1, 0.05);
  }
}

/** The bytes a stream gets in each of some stretches of time, in kB. */
async function profile(
  stream: Stream,
  clock: ManualClock,
  stretches: readonly (() => number)[],
): Promise<number[]> {
  const got: number[] = [];
  for (const begin of stretches) {
    const before = stream.bytes;
    await clock.advance(begin());
    got.push(Math.round((stream.bytes - before) / 1_000));
  }
  return got;
}

testWithin("an idle user's part goes to the others, and comes back", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000_000, clock });
  const stop = new AbortController();
  const busy = new Stream(bandwidth.join(), 1_000, stop.signal);
  const other = bandwidth.join();
  let pause = new AbortController();
  let second: Stream | undefined;
  const got = await profile(busy, clock, [
    () => 1_000,
    () => {
      second = new Stream(other, 1_000, pause.signal);
      return 1_000;
    },
    () => {
      pause.abort();
      return 50; // what was saved for the other one is given back after this
    },
    () => 1_000,
    () => {
      pause = new AbortController();
      second = new Stream(other, 1_000, pause.signal);
      return 1_000;
    },
    () => {
      other[Symbol.dispose]();
      pause.abort();
      return 1_000;
    },
  ]);
  stop.abort();
  pause.abort();
  await Promise.all([busy.ended, second?.ended]);
  const expected = [1_000, 500, 50, 1_000, 500, 1_000];
  got.forEach((kB, i) => assertAlmostEquals(kB, expected[i]!, 30, `${i}: ${got}`));
  assertEquals(clock.pending, 0);
});

testWithin("a new rate re-times those who wait: slower, paused, faster, unlimited", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000, clock });
  const share = bandwidth.join();
  const log = new Log(clock);
  for (const name of "abcd") log.watch(name, share.take(1_000));
  await clock.advance(500); // a: half is paid
  bandwidth.setRate(100);
  await clock.advance(4_000); // a: 100 bytes to go
  bandwidth.setRate(0);
  assertEquals(clock.pending, 0);
  await clock.advance(60_000);
  bandwidth.setRate(2_000); // a: 50 ms
  await clock.advance(550);
  bandwidth.setRate(Infinity);
  await clock.advance(0);
  assertEquals(log.entries, ["a@64550", "b@65050", "c@65050", "d@65050"]);
  assertEquals(bandwidth.bytesPerSecond, Infinity);
  await share.take(1e12);
  assertEquals(clock.pending, 0);
});

testWithin("a limit that is set after none starts from nothing", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: Infinity, clock });
  const share = bandwidth.join();
  const log = new Log(clock);
  await share.take(1e9);
  await clock.advance(10_000);
  bandwidth.setRate(1_000);
  log.watch("a", share.take(1_000));
  await clock.advance(2_000);
  assertEquals(log.entries, ["a@11000"]);
});

testWithin("what a fast limit saved doesn't feed a slow one", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000_000, clock });
  const shares = [bandwidth.join(), bandwidth.join()];
  for (const share of shares) share.take(1);
  await clock.advance(1_000);
  bandwidth.setRate(1_000);
  const log = new Log(clock);
  log.watch("a", shares[0]!.take(1_000));
  await clock.advance(2_000);
  // At most 50 ms are saved in the pool, and as much in accounts.
  assertEquals(log.entries.length, 1);
  const at = Number(log.entries[0]!.split("@")[1]) - 1_000;
  assert(at >= 900 && at <= 1_000, log.entries[0]);
});

testWithin("nor does what a late timer let pile up", async () => {
  const manual = new ManualClock();
  const clock = new CoarseClock(manual, 40);
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000_000, clock });
  const gone = bandwidth.join();
  gone.take(1);
  await manual.advance(40);
  gone[Symbol.dispose]();
  bandwidth.setRate(1_000);
  const log = new Log(manual);
  log.watch("a", bandwidth.join().take(1_000));
  await manual.advance(2_000);
  assertEquals(log.entries, ["a@1000"]);
});

testWithin("however much was paid before, a byte counts", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1e17, clock });
  const share = bandwidth.join({ weight: 3 });
  const log = new Log(clock);
  log.watch("large", share.take(1e18));
  await clock.advance(10_000);
  bandwidth.setRate(1_000);
  log.watch("a", share.take(1));
  log.watch("b", bandwidth.join().take(1));
  log.watch("c", share.take(1));
  await clock.advance(10);
  assertEquals(log.entries, ["large@10000", "a@10001.333", "c@10002.667", "b@10004"]);
  assertEquals(clock.pending, 0);
});

testWithin("a take that is paid for while the limiter is paused goes when it resumes", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000, clock });
  const share = bandwidth.join();
  const stop = new AbortController();
  const log = new Log(clock);
  log.watch("a", share.take(1_000, { signal: stop.signal }));
  log.watch("b", share.take(100));
  await clock.advance(500);
  bandwidth.setRate(0);
  stop.abort("stop"); // what was paid towards a is more than b needs
  assertEquals(clock.pending, 0);
  await clock.advance(1_000);
  bandwidth.setRate(1_000);
  await clock.advance(0);
  assertEquals(log.entries, ["a!stop@500", "b@1500"]);
});

testWithin("a paused limiter gives out nothing, not even what was saved", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 100_000, clock });
  const share = bandwidth.join();
  share.take(100);
  await clock.advance(30);
  const log = new Log(clock);
  bandwidth.setRate(0);
  log.watch("a", share.take(10));
  await clock.advance(1_000);
  assertEquals(log.entries, []);
  bandwidth.setRate(100_000);
  await clock.advance(1);
  assertEquals(log.entries, ["a@1030.1"]);
});

testWithin("takes of one user are served in order, large and small", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000, clock });
  const share = bandwidth.join();
  const log = new Log(clock);
  [5_000, 1, 0, 999].forEach((bytes, i) => log.watch(`${i}`, share.take(bytes)));
  await clock.advance(10_000);
  assertEquals(log.entries, ["0@5000", "1@5001", "2@5001", "3@6000"]);
});

testWithin("a large take of one user doesn't hold up a small one of another", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000, clock });
  const log = new Log(clock);
  log.watch("large", bandwidth.join().take(10_000));
  log.watch("small", bandwidth.join().take(100));
  await clock.advance(20_000);
  assertEquals(log.entries[0], "small@200");
  const at = Number(log.entries[1]!.split("@")[1]);
  // What the small one saved comes back after its 50 ms.
  assertAlmostEquals(at, 10_100, 1);
});

testWithin("what was paid towards a cancelled take goes to those behind it", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000, clock });
  const share = bandwidth.join();
  const { controller, listeners } = countedSignal();
  const log = new Log(clock);
  log.watch("a", share.take(1_000, { signal: controller.signal }));
  log.watch("b", share.take(500, { signal: controller.signal }));
  log.watch("c", share.take(1_000));
  assertEquals(listeners(), 1);
  await clock.advance(400);
  controller.abort("stop");
  await clock.advance(2_000);
  assertEquals(log.entries, ["a!stop@400", "b!stop@400", "c@1000"]);
  assertEquals(clock.pending, 0);
});

testWithin(
  "what was paid towards a user's only take goes to others if it is cancelled",
  async () => {
    const clock = new ManualClock();
    const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000, clock });
    const stop = new AbortController();
    const log = new Log(clock);
    const quits = bandwidth.join();
    log.watch("quits", quits.take(9_000, { signal: stop.signal }));
    log.watch("stays", bandwidth.join().take(2_000));
    await clock.advance(1_000); // each was paid 500
    stop.abort("stop");
    await clock.advance(1_500);
    assertEquals(log.entries, ["quits!stop@1000", "stays@2000"]);
    log.watch("again", quits.take(1_000));
    await clock.advance(2_000);
    assertEquals(log.entries[2], "again@3450", "but for 50 ms that were saved meanwhile");
  },
);

testWithin("it goes to them at once", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000, clock });
  const stop = new AbortController();
  const log = new Log(clock);
  log.watch("quits", bandwidth.join().take(9_000, { signal: stop.signal }));
  log.watch("stays", bandwidth.join().take(30));
  await clock.advance(20); // each was paid 10
  stop.abort("stop");
  await clock.advance(100);
  assertEquals(log.entries, ["quits!stop@20", "stays@30"]);
});

const step = fc.oneof(
  fc.record({ op: fc.constant("take" as const), user: fc.nat(3), bytes: fc.nat(400) }),
  fc.record({ op: fc.constant("take" as const), user: fc.nat(3), bytes: fc.nat(40) }),
  fc.record({ op: fc.constant("cancel" as const), take: fc.nat(40) }),
  fc.record({ op: fc.constant("leave" as const), user: fc.nat(3) }),
  fc.record({ op: fc.constant("pass" as const), ms: fc.constantFrom(1, 10, 49, 51, 120, 300) }),
);

testWithin(
  "whoever takes, cancels and leaves, all bytes go to somebody and none is made",
  async () => {
    const program = fc.array(step, { maxLength: 60, size: "max" });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(0, 7), program, async (grainMs, steps) => {
        const manual = new ManualClock();
        const clock = grainMs === 0 ? manual : new CoarseClock(manual, grainMs);
        const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000, clock });
        const users = Array.from({ length: 4 }, (_, i) => bandwidth.join({ weight: 1 + i }));
        const stops: AbortController[] = [];
        let granted = 0;
        // One user is hungry all the time, so nothing is lost unused.
        const hungry = bandwidth.join().take(20_000).then(() => manual.now());
        for (const step of steps) {
          if (step.op === "pass") await manual.advance(step.ms);
          else if (step.op === "cancel") stops[step.take]?.abort();
          else if (step.op === "leave") {
            users[step.user]![Symbol.dispose]();
            users[step.user] = bandwidth.join();
          } else {
            const stop = new AbortController();
            stops.push(stop);
            users[step.user]!.take(step.bytes, { signal: stop.signal })
              .then(() => granted += step.bytes, () => {});
          }
          assert(granted <= manual.now() + 1e-3, `${granted} bytes by ${manual.now()}`);
        }
        await manual.advance(100_000);
        // At the end the others may hold 50 ms worth of what they had saved.
        const late = await hungry - (20_000 + granted);
        assert(late > -1e-3 && late <= 50 + grainMs, `${late} ms late`);
        assertEquals(manual.pending, 0);
      }),
      { numRuns: 200 },
    );
  },
);

testWithin("no byte is lost or made when takes are cancelled and users leave", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000, clock });
  const log = new Log(clock);
  const leaving = bandwidth.join();
  log.watch("gone", leaving.take(10_000));
  log.watch("stays", bandwidth.join().take(2_000));
  await clock.advance(1_000); // each was paid 500
  leaving[Symbol.dispose]();
  await clock.advance(5_000); // 500 of the other's and 1,000 new ones
  assertEquals(log.entries, ["gone!TypeError@1000", "stays@2000"]);
  await assertRejects(() => leaving.take(1), TypeError, "Cannot take: the share was disposed of");
  leaving[Symbol.dispose]();
});

testWithin("an aborted signal takes nothing", async () => {
  const clock = new ManualClock();
  const share = new BandwidthLimiter({ bytesPerSecond: 1_000, clock }).join();
  const reason = new Error("gone");
  const error = await assertRejects(() => share.take(5, { signal: AbortSignal.abort(reason) }));
  assertEquals(error, reason);
  assertEquals(clock.pending, 0);
});

testWithin("bad arguments are refused by name", async () => {
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000 });
  for (const rate of [-1, NaN]) {
    const message = `bytesPerSecond must be 0 or more, got ${rate}`;
    assertThrows(() => new BandwidthLimiter({ bytesPerSecond: rate }), RangeError, message);
    assertThrows(() => bandwidth.setRate(rate), RangeError, message);
  }
  for (const weight of [0, -1, NaN, Infinity]) {
    assertThrows(() => bandwidth.join({ weight }), RangeError, "Cannot join: weight must be");
  }
  for (const bytes of [-1, NaN, Infinity]) {
    await assertRejects(() => bandwidth.join().take(bytes), RangeError, "Cannot take: bytes must");
  }
});
