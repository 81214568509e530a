import { assert, assertEquals, assertMatch } from "@std/assert";
import { stripAnsiCode } from "@std/fmt/colors";
import fc from "npm:fast-check@^4.0.0";
import { dashboard, type DashboardView, RunState, sparkline } from "../../src/display/mod.ts";
import type { StageFigures } from "../../src/download/mod.ts";
import { assertGolden } from "../support/golden.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertFits, completed, failed, file, progress, runOf, started } from "./support.ts";

function stage(name: string, more: Partial<StageFigures> = {}): StageFigures {
  return {
    name,
    processed: 0,
    errors: 0,
    active: 0,
    queued: 0,
    perSecond: 0,
    averageMs: 0,
    ...more,
  };
}

const STAGES = [
  stage("validate", { processed: 31, perSecond: 12.04, averageMs: 0.018 }),
  stage("download", {
    processed: 19,
    errors: 1,
    active: 4,
    queued: 12,
    perSecond: 2.13,
    averageMs: 2345,
  }),
  stage("checksum", { processed: 18, active: 1, perSecond: 140.4, averageMs: 4.21 }),
];

const VIEW: DashboardView = {
  stages: STAGES,
  bytesPerSecond: Infinity,
  requestsPerSecond: Infinity,
  paused: false,
  scroll: 0,
  help: false,
  keys: true,
};

/** A run after twenty seconds: 18 files complete, one failed, four of five workers busy. */
function busyRun(): RunState {
  const state = new RunState(5, 0);
  for (let id = 1; id <= 18; id++) {
    const bytes = 5e6 * (1 + id % 4);
    state.apply(started(file(id), 1 + id % 5), id * 1000);
    state.apply(progress(file(id), bytes, bytes), id * 1000 + 500);
    state.apply(completed(file(id), bytes), id * 1000 + 900);
  }
  const names = [
    "file1.zip",
    "größe-測定-データ-2026.dat",
    "e\u0301te\u0301-👩‍🚀.mp4",
    "\x1b[2J\u202egnp.exe",
  ];
  for (const [index, name] of names.entries()) {
    const one = file(20 + index, name);
    state.apply(started(one, index + 1), 18_000);
    state.apply(progress(one, (index + 1) * 6e6, index === 2 ? undefined : 3e7), 19_500);
  }
  state.apply({ type: "queued", ...file(33) }, 19_000);
  state.apply(failed(file(25, "file4.bin"), { advice: "try again later" }), 19_000);
  state.apply({
    type: "retrying",
    ...file(26, "a-name-that-is-longer-than-its-room-on-any-of-these-screens-of-the-world.bin"),
    retry: 2,
    retries: 3,
    delayMs: 2000,
    kind: "http",
    message: "the server answered 503 Service Unavailable",
  }, 19_000);
  state.apply(
    { type: "host-paused", host: "busy.example", reason: "retry-after", delayMs: 9500 },
    19_000,
  );
  return state;
}

function show(
  state: RunState,
  [columns, rows]: readonly [columns: number, rows: number],
  view: Partial<DashboardView> = {},
): string[] {
  const { lines } = dashboard(state, { ...VIEW, ...view }, { columns, rows }, 20_000);
  assertFits(lines.map((line) => stripAnsiCode(line).trimEnd()), columns);
  assertEquals(lines.length, rows);
  return lines;
}

const SIZES = [[60, 15], [80, 24], [120, 40], [200, 50]] as const;

testWithin("the dashboard at every size, with and without colours", () => {
  const state = busyRun();
  const titled = (lines: (size: readonly [number, number]) => string[]) =>
    SIZES.flatMap((size) => [`${size.join("x")}:`, ...lines(size), ""]);
  assertGolden("dashboard", titled((size) => show(state, size).map(stripAnsiCode)));
  assertGolden("dashboard_colors", titled((size) => show(state, size)));
});

testWithin("the dashboard where there is hardly room, and its help", () => {
  const state = busyRun();
  const small = [[40, 8], [30, 5], [10, 3], [20, 1]] as const;
  assertGolden("dashboard_small", [
    ...small.flatMap((size) => [`${size.join("x")}:`, ...show(state, size).map(stripAnsiCode), ""]),
    "help:",
    ...show(state, [80, 24], {
      help: true,
      paused: true,
      bytesPerSecond: 5e6,
      requestsPerSecond: 0.5,
    }).map(stripAnsiCode),
    "without keys:",
    ...show(state, [80, 24], { keys: false }).map(stripAnsiCode).slice(-1),
  ]);
});

testWithin("before the first file there is nothing to see, but it can be seen", () => {
  assertGolden(
    "dashboard_empty",
    dashboard(new RunState(2, 0), { ...VIEW, stages: [] }, { columns: 80, rows: 24 }, 0).lines
      .map(stripAnsiCode),
  );
});

testWithin("more workers than rows can be scrolled through", () => {
  const state = runOf([], 32);
  for (let worker = 1; worker <= 30; worker++) state.apply(started(file(worker), worker), 0);
  const workersAt = (scroll: number) =>
    show(state, [80, 24], { scroll }).map(stripAnsiCode).filter((line) => line.startsWith("⚙"))
      .map((line) => Number(/Worker +(\d+)/.exec(line)![1]));
  const { maxScroll } = dashboard(state, VIEW, { columns: 80, rows: 24 }, 0);
  const shown = 32 - maxScroll;
  const from = (first: number) => Array.from({ length: shown }, (_, i) => first + i);
  assertEquals(workersAt(0), from(1));
  assertEquals(workersAt(3), from(4));
  assertEquals(workersAt(1000), from(maxScroll + 1));
  assertMatch(
    stripAnsiCode(show(state, [80, 24], { scroll: 2 }).join("\n")),
    new RegExp(`━ 3–${shown + 2} of 32 ━━━$`, "m"),
  );
});

testWithin("idle workers fill the gaps between the busy ones", () => {
  const state = runOf([[0, started(file(1), 2)], [0, started(file(2), 7)]], 4);
  const lines = show(state, [80, 24]).map(stripAnsiCode).filter((line) => line.startsWith("⚙"));
  assertEquals(lines.map((line) => line.slice(0, 18).trim()), [
    "⚙ Worker 2 │ file1",
    "⚙ Worker 7 │ file2",
    "⚙ Worker 1 │ idle",
    "⚙ Worker 3 │ idle",
  ]);
});

testWithin("no size, name or number breaks the dashboard", () => {
  const name = fc.string({ unit: "grapheme", maxLength: 90 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, fc.nat(9e12), fc.option(fc.nat(9e12), { nil: undefined })), {
        maxLength: 20,
      }),
      fc.integer({ min: 1, max: 250 }),
      fc.integer({ min: 1, max: 60 }),
      fc.record({ scroll: fc.nat(50), help: fc.boolean(), paused: fc.boolean() }),
      (files, columns, rows, view) => {
        const state = new RunState(7, 0);
        for (const [index, [name, bytes, length]] of files.entries()) {
          state.apply(started(file(index + 1, name), index + 1), 0);
          state.apply(progress(file(index + 1, name), bytes, length), 100);
          state.apply(failed(file(index + 100, name)), 100);
        }
        const frame = dashboard(state, { ...VIEW, ...view }, { columns, rows }, 20_000);
        assertFits(frame.lines.map((line) => stripAnsiCode(line).trimEnd()), Math.max(2, columns));
        assertEquals(frame.lines.length, rows);
        assert(frame.maxScroll >= 0);
      },
    ),
    { numRuns: 300 },
  );
});

testWithin("a sparkline shows a minute in as many characters as there are", () => {
  const minute = Array.from({ length: 60 }, (_, i) => i);
  assertEquals(sparkline([], 10, 60), "          ");
  assertEquals(sparkline([0, 0, 0], 6, 6), "   ▁▁▁");
  assertEquals(sparkline([1, 2, 4, 8], 4, 4), "▂▃▅█");
  assertEquals(sparkline([0, 5, 10], 3, 3), "▁▅█");
  assertEquals(sparkline(minute, 10, 60), "▁▂▃▄▄▅▆▇▇█");
  assertEquals(sparkline(minute.slice(0, 30), 10, 60), "     ▂▃▅▆█");
  assertEquals([...sparkline(minute, 60, 60)].length, 60);
});
