import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { RunState } from "../../src/display/mod.ts";
import type { DownloadEvent } from "../../src/download/mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { completed, failed, file, progress, runOf, started, summary } from "./support.ts";

/** The figures that a screen counts with. */
function figures(state: RunState) {
  const { files, completed, failed, skipped, cancelled, rejected, waiting, busy, ended, total } =
    state;
  const active = state.active.size;
  return {
    files,
    completed,
    failed,
    skipped,
    cancelled,
    rejected,
    waiting,
    active,
    busy,
    ended,
    total,
  };
}

const RETRYING: DownloadEvent = {
  type: "retrying",
  ...file(1),
  retry: 1,
  retries: 3,
  delayMs: 100,
  kind: "truncated",
  message: "cut off",
};

const NOTHING = figures(new RunState(5, 0));

/** What one event after others changes. */
const STEPS: [
  name: string,
  before: DownloadEvent[],
  event: DownloadEvent,
  Partial<typeof NOTHING>,
][] = [
  ["a queued file waits", [], { type: "queued", ...file(1) }, { files: 1, waiting: 1, total: 1 }],
  ["a started file is active", [], started(file(1), 1), { files: 1, active: 1, busy: 1, total: 1 }],
  [
    "a file that is tried again waits meanwhile",
    [started(file(1), 1)],
    RETRYING,
    { files: 1, waiting: 1, total: 1 },
  ],
  [
    "a worker that goes on leaves its last file to be checked",
    [started(file(1), 1)],
    started(file(2), 1),
    { files: 2, active: 2, busy: 1, total: 2 },
  ],
  [
    "a completed file has ended",
    [started(file(1), 1)],
    completed(file(1), 5),
    { files: 1, completed: 1, ended: 1, total: 1 },
  ],
  [
    "a failed file has ended",
    [started(file(1), 1)],
    failed(file(1)),
    { files: 1, failed: 1, ended: 1, total: 1 },
  ],
  [
    "a file that fails before it begins has ended",
    [],
    failed(file(3)),
    { files: 3, failed: 1, waiting: 2, ended: 1, total: 3 },
  ],
  [
    "a skipped file has ended",
    [],
    { type: "skipped", ...file(1), reason: "exists" },
    { files: 1, skipped: 1, ended: 1, total: 1 },
  ],
  [
    "a file may be skipped after it has begun",
    [started(file(1), 1)],
    { type: "skipped", ...file(1), reason: "unchanged" },
    { files: 1, skipped: 1, ended: 1, total: 1 },
  ],
  [
    "a cancelled file has ended",
    [started(file(1), 1)],
    { type: "cancelled", ...file(1), bytes: 3 },
    { files: 1, cancelled: 1, ended: 1, total: 1 },
  ],
  [
    "a bad line is no file, but has ended",
    [],
    { type: "rejected", line: 7, message: "no URL" },
    { rejected: 1, ended: 1, total: 1 },
  ],
  ["progress of a file that is not active is ignored", [], progress(file(1), 5), {
    files: 1,
    waiting: 1,
    total: 1,
  }],
  [
    "a file that is unknown may end",
    [],
    completed(file(1), 5),
    { files: 1, completed: 1, ended: 1, total: 1 },
  ],
];

for (const [name, before, event, expected] of STEPS) {
  testWithin(name, () => {
    const state = runOf([...before, event].map((event) => [0, event]));
    assertEquals(figures(state), { ...NOTHING, ...expected });
  });
}

testWithin("what is known of the list counts into the total", () => {
  const state = runOf([[0, { type: "queued", ...file(2) }]]);
  assertEquals(state.total, 2);
  state.expect(100);
  assertEquals([state.total, state.unread], [100, 98]);
  state.expect(1); // a list that has grown since it was counted
  assertEquals([state.total, state.unread], [2, 0]);
});

testWithin("the bar is at its end when everything has ended", () => {
  const state = runOf([[0, started(file(1), 1)], [0, started(file(2), 2)]]);
  assertEquals([state.fraction, state.remainingMs(10)], [0, undefined]);
  state.apply(progress(file(1), 50, 100), 1000);
  assertEquals([state.fraction, state.remainingMs(1000)], [0.25, 3000]);
  state.apply(completed(file(1), 100), 2000);
  state.apply(progress(file(2), 700), 2000); // nothing can be said of a part of the unknown
  assertEquals([state.fraction, state.remainingMs(2000)], [0.5, 2000]);
  state.apply(failed(file(2)), 3000);
  assertEquals([state.fraction, state.remainingMs(3000)], [1, 0]);
});

testWithin("bytes are counted once, also over several attempts", () => {
  const state = runOf([
    [0, started(file(1), 1)],
    [500, progress(file(1), 600, 1000)],
    [600, RETRYING],
    [700, started(file(1), 2, { attempt: 2, bytes: 600 })],
    [800, progress(file(1), 800, 1000)],
  ]);
  assertEquals([state.throughput.bytes, state.bytes], [800, 800]);
  state.apply(progress(file(1), 100, 1000), 900); // from the start again
  assertEquals([state.throughput.bytes, state.bytes], [900, 100]);
  state.apply(completed(file(1), 1000), 1000);
  assertEquals([state.throughput.bytes, state.bytes], [1800, 1000]);
});

testWithin("what was in place is no speed, and the bar starts where the file stands", () => {
  const state = runOf([[0, started(file(1), 1, { bytes: 80e6, length: 100e6 })]]);
  assertEquals([state.bytes, state.throughput.bytes, state.fraction], [80e6, 0, 0.8]);
  assertEquals(state.remainingMs(500), undefined); // nothing can be said of how it goes on
  state.apply(progress(file(1), 81e6, 100e6), 1000);
  assertEquals(
    [state.throughput.current(1000), state.throughput.average(1000), state.throughput.peak(1000)],
    [1e6, 1e6, 1e6],
  );
  assertEquals(state.active.get(1)!.meter!.perSecond(1000), 1e6);
  assertEquals(state.throughput.lastMinute(2000), [0, 1e6]);
  assertAlmostEquals(state.remainingMs(1000)!, 19_000, 1);
  state.apply(completed(file(1), 100e6), 20_000);
  assertEquals([state.throughput.bytes, state.remainingMs(20_000)], [20e6, 0]);
});

testWithin("a file that is not what was in place begins again, and all of it counts", () => {
  const state = runOf([
    [0, { type: "queued", ...file(2) }],
    [0, started(file(1), 1, { bytes: 80, length: 100 })],
    [1000, progress(file(1), 50, 100)],
  ]);
  assertEquals([state.bytes, state.throughput.bytes, state.fraction], [50, 50, 0.25]);
  assertEquals(state.remainingMs(1000), 3000);
});

testWithin("an attempt counts what came after the last news of the one before", () => {
  const state = runOf([
    [0, started(file(1), 1, { bytes: 100, length: 1000 })],
    [250, progress(file(1), 300, 1000)],
    [400, RETRYING],
  ]);
  assertEquals([state.bytes, state.fraction], [300, 0.3]); // also while it waits
  state.apply(started(file(1), 2, { attempt: 2, bytes: 450, length: 1000 }), 500);
  assertEquals([state.bytes, state.throughput.bytes, state.fraction], [450, 350, 0.45]);
  state.apply({ type: "cancelled", ...file(1), bytes: 500, length: 1000 }, 600);
  assertEquals(state.throughput.bytes, 400);
});

testWithin("files that are here already say nothing about the time that the others take", () => {
  const state = runOf([
    [0, { type: "queued", ...file(20) }],
    ...Array.from(
      { length: 8 },
      (_, i) => [1, { type: "skipped", ...file(i + 1), reason: "exists" }] as const,
    ),
    [1, { type: "rejected", line: 30, message: "no URL" }],
    [1, started(file(9), 1)],
    [1000, completed(file(9), 5)],
  ]);
  assertEquals(state.remainingMs(1000), 11_000);
});

testWithin("a file that has ended is forgotten", () => {
  const state = runOf([
    [0, started(file(1), 1)],
    [1, progress(file(1), 600)],
    [2, RETRYING],
    [3, failed(file(1))],
    [4, started(file(1), 1)],
  ]);
  assertEquals(state.bytes, 0);
});

testWithin("a file may get another name from its server", () => {
  const state = runOf([[0, started(file(1, "download"), 1)], [1, progress(file(1, "a.zip"), 5)]]);
  assertEquals(state.active.get(1)?.name, "a.zip");
});

testWithin("a speed looks five seconds back", () => {
  const state = runOf([[0, started(file(1), 1)]]);
  for (let ms = 250; ms <= 20_000; ms += 250) {
    state.apply(
      progress(
        file(1),
        ms * (ms <= 10_000 ? 1000 : 0) + Math.max(0, ms - 10_000) * 500 +
          (ms > 10_000 ? 10_000_000 : 0),
        1e9,
      ),
      ms,
    );
  }
  assertAlmostEquals(state.throughput.current(20_000), 500_000, 30_000);
  assertAlmostEquals(state.throughput.average(20_000), 750_000);
  assertAlmostEquals(state.throughput.peak(20_000), 1_000_000, 1);
  assertEquals(state.throughput.current(26_000), 0);
  assertAlmostEquals(state.active.get(1)!.meter!.perSecond(20_000), 500_000, 30_000);
});

testWithin("a speed that has just begun is not thought to be old", () => {
  const state = runOf([[0, started(file(1), 1)], [500, progress(file(1), 1_000_000)]]);
  assertAlmostEquals(state.throughput.current(500), 2_000_000);
});

testWithin("a speed agrees with a plain sum over its window", () => {
  const sample = fc.record({ afterMs: fc.integer({ min: 1, max: 3000 }), bytes: fc.nat(1e6) });
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 60 }), (samples) => {
      const state = runOf([[0, started(file(1), 1)]]);
      const seen: [atMs: number, bytes: number][] = [];
      let [nowMs, total] = [0, 0];
      for (const { afterMs, bytes } of samples) {
        nowMs += afterMs;
        total += bytes;
        seen.push([nowMs, bytes]);
        state.apply(progress(file(1), total), nowMs);
        const from = Math.max(0, (Math.floor(nowMs / 250) - 19) * 250);
        const sum = seen.filter(([atMs]) => atMs >= from)
          .reduce((sum, [, bytes]) => sum + bytes, 0);
        const spanMs = Math.max(250, nowMs - from);
        assertAlmostEquals(state.throughput.current(nowMs), sum / spanMs * 1000, 1e-3);
      }
    }),
  );
});

testWithin("the last minute is known by the second", () => {
  const state = runOf([[0, started(file(1), 1)]]);
  assertEquals(state.throughput.lastMinute(999), []);
  let bytes = 0;
  for (let second = 0; second < 90; second++) {
    bytes += second;
    state.apply(progress(file(1), bytes), second * 1000 + 500);
  }
  assertEquals(state.throughput.lastMinute(90_000), Array.from({ length: 60 }, (_, i) => i + 30));
  assertEquals(state.throughput.peak(90_000) >= 89, true);
  assertEquals(state.throughput.lastMinute(93_000).slice(-4), [89, 0, 0, 0]);
  assertEquals(state.throughput.lastMinute(200_000), new Array(60).fill(0));
});

testWithin("efficiency is the share of the workers' time with a file", () => {
  const state = new RunState(2, 0);
  assertEquals(state.efficiency(0), 0);
  state.apply(started(file(1), 1), 0);
  assertEquals(state.efficiency(1000), 0.5);
  state.apply(started(file(2), 2), 1000);
  assertEquals(state.efficiency(2000), 0.75);
  state.setWorkers(4, 2000);
  assertEquals(state.efficiency(3000), 5 / 8);
  state.setWorkers(1, 3000); // both go on, the second one's worker leaves after its file
  assertEquals(state.efficiency(4000), 7 / 10);
  state.apply(completed(file(1), 1), 4000);
  state.apply(completed(file(2), 1), 4000);
  assertEquals(state.efficiency(5000), 7 / 11);
});

testWithin("hosts that are left alone are known until they answer", () => {
  const state = runOf([
    [10, { type: "host-paused", host: "a.example", reason: "failing", delayMs: 500 }],
    [20, { type: "host-paused", host: "b.example", reason: "retry-after", delayMs: 500 }],
    [30, { type: "host-resumed", host: "a.example" }],
  ]);
  assertEquals([...state.hosts], [["b.example", { reason: "retry-after", untilMs: 520 }]]);
});

testWithin("the last problems are kept, not all of them", () => {
  const state = new RunState(5, 0);
  for (let id = 1; id <= 1000; id++) state.apply(failed(file(id)), id);
  assertEquals(state.problems.length, 50);
  assertEquals(state.problems.at(-1), failed(file(1000)));
});

testWithin("files that end after the signal are counted apart", () => {
  const state = runOf([
    [0, started(file(1), 1)],
    [0, started(file(2), 2)],
    [1, completed(file(1), 1)],
    [2, { type: "draining", reason: "SIGINT received", inFlight: [] }],
    [3, completed(file(2), 1)],
    [4, { type: "finished", ...summary() }],
  ]);
  assertEquals([state.draining, state.completedWhileDraining], [true, 1]);
  assertEquals(state.summary?.files, 25);
});

testWithin("memory doesn't grow with the number of files", () => {
  const state = new RunState(5, 0);
  for (let id = 1; id <= 10_000; id++) {
    state.apply({ type: "queued", ...file(id) }, id);
    state.apply(started(file(id), id % 5), id);
    state.apply(progress(file(id), 5, 10), id);
    state.apply(completed(file(id), 10), id);
  }
  assertEquals([state.active.size, state.busy, state.completed], [0, 0, 10_000]);
});
