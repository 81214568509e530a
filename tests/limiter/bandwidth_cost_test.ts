import { assert } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import { AccountHeap } from "../../src/limiter/_account_heap.ts";
import { BandwidthLimiter, type BandwidthShare } from "../../src/limiter/mod.ts";
import { testWithin } from "../support/watchdog.ts";

/** Counts each comparison of two accounts, and each account that a walk passes. */
function countedLooks(): Disposable & { count: number } {
  const heap = AccountHeap.prototype;
  const { before, [Symbol.iterator]: walk } = heap;
  const looks = {
    count: 0,
    [Symbol.dispose]: () => void Object.assign(heap, { before, [Symbol.iterator]: walk }),
  };
  heap.before = function (a, b) {
    looks.count++;
    return before.call(this, a, b);
  };
  heap[Symbol.iterator] = function* () {
    for (const account of walk.call(this)) {
      looks.count++;
      yield account;
    }
  };
  return looks;
}

/** The takes of each stream. */
const TAKES = 20;

/** What a stream does; there is a byte each millisecond for each of them. */
type Load = (share: BandwidthShare, clock: ManualClock, index: number) => Promise<void>;

const loads: Record<string, Load> = {
  async "all want more than there is"(share, _, index) {
    for (let i = 0; i < TAKES; i++) await share.take(10 + index % 17);
  },
  async "all queue up takes"(share, _, index) {
    await Promise.all(Array.from({ length: TAKES }, () => share.take(1 + index % 7)));
  },
  async "most want less than there is, so that they save"(share, clock, index) {
    for (let i = 0; i < TAKES; i++) {
      await share.take(10);
      await clock.sleep(15 + index % 11);
    }
  },
  async "all pause now and then so long that others get their part"(share, clock, index) {
    await clock.sleep(index % 83);
    for (let i = 0; i < TAKES; i++) {
      await share.take(20);
      await clock.sleep(60 + index % 37);
    }
  },
  async "all give up"(share, clock, index) {
    for (let i = 0; i < TAKES; i++) {
      const stop = new AbortController();
      const take = share.take(1e6, { signal: stop.signal }).catch(() => {});
      await clock.sleep(5 + index % 13);
      stop.abort();
      await take;
    }
  },
};

/** How many accounts the limiter looks at for each take of so many streams. */
async function looksPerTake(load: Load, streams: number): Promise<number> {
  using looks = countedLooks();
  const clock = new ManualClock();
  const limiter = new BandwidthLimiter({ bytesPerSecond: streams * 1_000, clock });
  let running = streams;
  const all = Array.from({ length: streams }, async (_, index) => {
    using share = limiter.join({ weight: 1 + index % 3 });
    await load(share, clock, index);
    running--;
  });
  while (running > 0) await clock.advance(100);
  await Promise.all(all);
  return looks.count / (streams * TAKES);
}

for (const [name, load] of Object.entries(loads)) {
  testWithin(`a take costs no more than the logarithm of the streams: ${name}`, async () => {
    for (const streams of [1, 10, 100, 1_000]) {
      const looks = await looksPerTake(load, streams);
      const most = 8 * (1 + Math.log2(streams));
      assert(looks <= most, `${streams} streams: a take looks at ${looks} accounts`);
      assert(streams === 1 || looks > 1, "the looks are counted");
    }
  });
}
