import { assert, assertEquals } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import type { ByteSource } from "../../src/download/_http_response.ts";
import { type Range, RangeSet } from "../../src/download/_ranges.ts";
import { SegmentedTransfer } from "../../src/download/_segments.ts";
import { PartFile } from "../../src/download/part_file.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const MIB = 1024 * 1024;

/** How a connection behaves. */
interface Pace {
  /** The milliseconds until an answer. */
  readonly waitMs: number;
  /** The bytes of each millisecond after it, when so many have been received; it may change. */
  bytesPerMs: (received: number) => number;
}

/** A request that was made. */
interface Asked extends Range {
  readonly worker: number;
  readonly atMs: number;
}

/** Small enough to be written at once, so that time passes only when the test says so. */
const MOST_PIECE = 31 * 1024;

/** Zeros at some pace; the pieces come closer together where they come faster. */
class PacedBody implements ByteSource {
  readonly #piece = new Uint8Array(MOST_PIECE);
  readonly #clock: ManualClock;
  readonly #pace: Pace;
  #left: number;
  #received = 0;

  constructor({ start, end }: Range, pace: Pace, clock: ManualClock) {
    this.#left = end - start;
    this.#pace = pace;
    this.#clock = clock;
  }

  async next(most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const size = Math.min(this.#left, most, MOST_PIECE);
    if (size === 0) return undefined;
    await this.#clock.sleep(size / this.#pace.bytesPerMs(this.#received));
    this.#left -= size;
    this.#received += size;
    return this.#piece.subarray(0, size);
  }

  cancel(): void {
    this.#left = 0;
  }

  abort(): void {
    this.cancel();
  }
}

/** Receives a file of so many bytes; resolves with what was asked for, and how long it took. */
async function receive(
  length: number,
  connections: number | "auto",
  paceOf: (worker: number) => Pace,
  { hasFirst = false, pausedUntilMs = 0, waitMs = 0 } = {},
): Promise<{ asked: Asked[]; tookMs: number }> {
  await using dir = new TempDir();
  using part = PartFile.open(dir.file("a"));
  const clock = new ManualClock();
  const asked: Asked[] = [];
  const all = { start: 0, end: length };
  const transfer = new SegmentedTransfer({
    part,
    missing: [all],
    connections,
    waitMs,
    async open(range, worker, signal) {
      asked.push({ ...range, worker, atMs: clock.now() });
      await clock.sleep(paceOf(worker).waitMs, { signal });
      return new PacedBody(range, paceOf(worker), clock);
    },
    maxSize: Infinity,
    take: () => {
      const ms = pausedUntilMs - clock.now();
      return ms > 0 ? () => clock.sleep(ms) : undefined;
    },
    onReceived: () => {},
    signal: new AbortController().signal,
    clock,
  });
  let tookMs: number | undefined;
  const first = hasFirst ? { ...all, body: new PacedBody(all, paceOf(0), clock) } : undefined;
  const run = transfer.run(first).then(() => tookMs = clock.now());
  while (tookMs === undefined && clock.now() < 600_000) await clock.advance(100);
  assert(tookMs !== undefined, "it has not ended");
  await run;
  assert(new RangeSet(transfer.received).isExactly(length));
  return { asked, tookMs };
}

const paced = (waitMs: number, bytesPerMs: number) => ({ waitMs, bytesPerMs: () => bytesPerMs });

/** The time of a transfer that waits for nothing and has all its connections all the time. */
const idealMs = (length: number, connections: number, bytesPerMs: number) =>
  length / connections / bytesPerMs;

testWithin("where servers are far away, few requests bring all of it", async () => {
  const far = paced(100, 20_000);
  const { asked, tookMs } = await receive(192 * MIB, 4, () => far);
  assert(asked.length <= 10, `${asked.length} requests`);
  const ideal = idealMs(192 * MIB, 4, 20_000);
  assert(tookMs < 1.15 * ideal, `${tookMs} ms rather than ${ideal} ms`);
});

testWithin("where the first answer was long in coming, each connection asks once", async () => {
  const far = paced(100, 20_000);
  const { asked } = await receive(192 * MIB, 4, () => far, { hasFirst: true, waitMs: 200 });
  assertEquals(asked.map(({ start, end }) => [start / MIB, end / MIB]), [
    [48, 96],
    [96, 144],
    [144, 192],
  ]);
});

testWithin("no more is asked for at once than is worth the wait", async () => {
  const { asked } = await receive(128 * MIB, 2, () => paced(20, 20_000));
  for (const { start, end } of asked) assert(end - start <= 16 * MIB, `${end - start} bytes`);
  assert(asked.some(({ start, end }) => end - start > 8 * MIB));
});

testWithin("where they are near, pieces stay small and come in order", async () => {
  const near = paced(1, 20_000);
  const { asked } = await receive(96 * MIB, 4, () => near);
  for (const { start, end } of asked) assert(end - start <= 8 * MIB, `${end - start} bytes`);
  const starts = asked.filter(({ start }) => start % (8 * MIB) === 0).map(({ start }) => start);
  assertEquals(starts, starts.toSorted((a, b) => a - b));
});

testWithin("a fast connection brings more than a slow one, and helps it in the end", async () => {
  const paces = [paced(100, 40_000), paced(100, 1_000)];
  const { tookMs } = await receive(64 * MIB, 2, (worker) => paces[worker]!);
  const ideal = idealMs(64 * MIB, 1, 41_000);
  assert(tookMs < 1.5 * ideal, `${tookMs} ms rather than ${ideal} ms`);
});

testWithin("the rest that is split is the one that takes longest, not the largest", async () => {
  // When the third one is free, the first has more to bring than the second, but is much faster.
  const paces = [paced(800, 9_000), paced(0, 3_000), paced(0, 10_000)];
  const { asked } = await receive(24 * MIB, 3, (worker) => paces[worker]!);
  const [, , , fourth] = asked;
  assertEquals(fourth!.worker, 2);
  assert(fourth!.start > 8 * MIB && fourth!.start < 16 * MIB, `from ${fourth!.start} on`);
});

testWithin("nothing is asked for that comes sooner without asking", async () => {
  const paces = [paced(2_000, 4_000), paced(2_000, 5_000)];
  const { asked } = await receive(16 * MIB, 2, (worker) => paces[worker]!);
  assertEquals(asked.length, 2);
});

testWithin("nothing is asked for that is too small for a request", async () => {
  // When the second one is free, a fortieth of what the first has left would be its part.
  const paces = [paced(0, 20_000), paced(0, 500)];
  const { asked } = await receive(8 * MIB + 64 * 1024, 2, (worker) => paces[worker]!);
  assertEquals(asked.length, 2);
});

for (const [connections, part] of [[2, 64], ["auto", 16]] as const) {
  testWithin(
    `a connection that is open already brings its whole part: ${connections}`,
    async () => {
      const far = paced(100, 20_000);
      const { asked } = await receive(128 * MIB, connections, () => far, { hasFirst: true });
      assertEquals(asked[0]!.start, part * MIB);
    },
  );
}

testWithin("where each answer takes longer than silence may last, it is waited for", async () => {
  const { asked } = await receive(3 * MIB, 3, () => paced(2_500, 10_000), { hasFirst: true });
  assert(asked.length <= 12, `${asked.length} requests`);
});

testWithin("nor what comes hardly later without asking", async () => {
  const paces = [paced(100, 10_000), paced(100, 8_000)];
  const { asked } = await receive(16 * MIB, 2, (worker) => paces[worker]!);
  assertEquals(asked.length, 2);
});

testWithin("a connection is as fast as it was lately", async () => {
  const slowing = {
    waitMs: 100,
    bytesPerMs: (received: number) => received < 6 * MIB ? 10_000 : 100,
  };
  const paces = [slowing, paced(100, 5_000)];
  const { asked } = await receive(16 * MIB, 2, (worker) => paces[worker]!);
  assert(asked[2]!.start < 6.5 * MIB, `from ${asked[2]!.start} on`);
});

/** As TCP does it: what has come in one wait is doubled in the next. */
const slowlyBeginning = (waitMs: number, most: number) => ({
  waitMs,
  bytesPerMs: (received: number) => Math.min(most, (14_600 + received) / waitMs),
});

testWithin("connections that begin slowly are left to become faster", async () => {
  const slowly = slowlyBeginning(300, 10_000);
  const { asked } = await receive(64 * MIB, 8, () => slowly, { hasFirst: true });
  assertEquals(asked.map(({ start }) => start / MIB), [8, 16, 24, 32, 40, 48, 56]);
});

testWithin("a connection that must be opened anew is no help to those that begin", async () => {
  const slowly = slowlyBeginning(300, 10_000);
  const { asked } = await receive(64 * MIB, "auto", () => slowly);
  assert(asked.length <= 20, `${asked.length} requests`);
});

/** How many connections had been opened by then. */
const workersAt = (asked: readonly Asked[], ms: number) =>
  new Set(asked.filter(({ atMs }) => atMs <= ms).map(({ worker }) => worker)).size;

for (
  const [name, most, opened] of [
    ["each helps: two, four, eight", Infinity, [2, 4, 8, 8]],
    ["four are half as fast again as two", 6_000, [2, 4, 8, 8]],
    ["four are hardly faster than two", 4_400, [2, 4, 4, 4]],
  ] as const
) {
  testWithin(`connections are doubled as long as that is faster: ${name}`, async () => {
    let open = 0;
    const pace = { waitMs: 0, bytesPerMs: () => Math.min(2_000, most / open) };
    const { asked } = await receive(32 * MIB, "auto", (worker) => {
      open = Math.max(open, worker + 1);
      return pace;
    });
    assertEquals([0, 1_000, 2_000, 3_000].map((ms) => workersAt(asked, ms)), [...opened]);
  });
}

testWithin(
  "each that joins takes from another rest, not from one that has just joined",
  async () => {
    const { asked } = await receive(16 * MIB, "auto", () => paced(100, 1_000));
    const joined = asked.filter(({ worker }) => worker === 2 || worker === 3).slice(0, 2);
    assertEquals(joined.map(({ end }) => end / MIB), [8, 16]);
  },
);

testWithin("they are not doubled on account of what comes around a pause", async () => {
  const pausedUntilMs = 5_500;
  const pace = paced(0, 1_000);
  const { asked } = await receive(32 * MIB, "auto", () => pace, { pausedUntilMs });
  assertEquals([6_000, 7_000, 8_000].map((ms) => workersAt(asked, ms)), [2, 4, 8]);
});
