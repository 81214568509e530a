import { assertEquals, assertMatch } from "@std/assert";
import { stripAnsiCode } from "@std/fmt/colors";
import fc from "npm:fast-check@^4.0.0";
import { liveBlock, RunState } from "../../src/display/mod.ts";
import type { DownloadEvent } from "../../src/download/mod.ts";
import { assertGolden } from "../support/golden.ts";
import { testWithin } from "../support/watchdog.ts";
import {
  assertFits,
  completed,
  failed,
  file,
  progress,
  runOf,
  started,
  WIDTHS,
} from "./support.ts";

const NAMES = [
  "file1.zip",
  "größe-測定-データ-2026-年間報告書-最終版-改訂第三版-署名済み.dat",
  "a-very-long-name-of-a-file-that-has-no-room-in-any-terminal-of-the-usual-width-v1.2.3.tar.gz",
  "👩‍🚀-e\u0301te\u0301-🇩🇪-❤️.mp4",
  "evil\x1b[2J\u202egnp.exe",
  "no-length.bin",
];

/** Six files under way, as they stand after four seconds. */
function sixFiles(): RunState {
  const events: [number, DownloadEvent][] = [];
  for (const [index, name] of NAMES.entries()) {
    events.push([0, started(file(index + 1, name), index + 1)]);
  }
  events.push([0, { type: "queued", ...file(18) }]);
  for (let second = 1; second <= 4; second++) {
    for (const [index, name] of NAMES.entries()) {
      const bytes = second * 1.7e6 * (index + 1);
      const length = name === "no-length.bin" ? undefined : 4.5e7;
      events.push([second * 1000, progress(file(index + 1, name), bytes, length)]);
    }
  }
  events.push([4000, {
    type: "host-paused",
    host: "busy.example",
    reason: "retry-after",
    delayMs: 9500,
  }]);
  events.push([4000, {
    type: "host-paused",
    host: "dead.example:8443",
    reason: "failing",
    delayMs: 60_000,
  }]);
  return runOf(events);
}

testWithin("the block at every width, with and without colours", () => {
  const state = sixFiles();
  const plain: string[] = [];
  const styled: string[] = [];
  for (const columns of WIDTHS) {
    const lines = liveBlock(state, { columns, rows: 24 }, 4100);
    assertFits(lines, columns);
    plain.push(`${columns} columns:`, ...lines.map(stripAnsiCode), "");
    styled.push(`${columns} columns:`, ...lines, "");
  }
  assertGolden("live_block", plain);
  assertGolden("live_block_colors", styled);
});

testWithin("with little room the bar goes first, then the speed", () => {
  const shown = (columns: number) =>
    liveBlock(sixFiles(), { columns, rows: 24 }, 4100).map(stripAnsiCode)
      .filter((line) => /2: |Total/.test(line));
  assertEquals(shown(50), [
    "⚙ 2: größe-測定-データ…み.dat      30%   3.3 MB/s",
    "Total 0/18 files  143 MB           12%  34.8 MB/s",
  ]);
  assertEquals(shown(30), [
    "⚙ 2: größe-測定….dat      30%",
    "Total 0/18 files          12%",
  ]);
  assertEquals(shown(20), ["⚙ 2: größe-…み.dat", "Total 0/18      12%"]);
});

testWithin("the total's bar is there at 80 columns, however large the figures", () => {
  const state = new RunState(5, 0);
  state.expect(12_345);
  state.apply(started(file(1), 1), 0);
  state.apply(completed(file(1), 123.4e9), 3_000_000);
  const [total] = liveBlock(state, { columns: 80, rows: 24 }, 3_000_000).slice(-1);
  assertMatch(stripAnsiCode(total!), /^Total: .* \[[█░]{10}\] /);
});

testWithin("more files than rows: the largest and the slowest stay, the rest are counted", () => {
  const events: [number, DownloadEvent][] = [];
  for (let id = 1; id <= 30; id++) {
    events.push([id, started(file(id), id)]);
    events.push([1000, progress(file(id), 1000, id === 20 || id === 25 ? 9e9 : 1e6)]);
  }
  const lines = liveBlock(runOf(events, 32), { columns: 80, rows: 9 }, 2000).map(stripAnsiCode);
  assertEquals(lines.length, 7);
  assertEquals(
    lines.map((line) => line.slice(0, 12)),
    [
      "",
      "⚙ Worker  1:",
      "⚙ Worker  2:",
      "⚙ Worker 20:",
      "⚙ Worker 25:",
      "  … and 26 m",
      "Total:   0/3",
    ],
  );
  assertEquals(lines[5], "  … and 26 more");
});

testWithin("a file that is only being checked has no line", () => {
  const state = runOf([
    [0, started(file(1), 1)],
    [100, progress(file(1), 500, 500)],
    [200, started(file(2), 1)],
  ]);
  const lines = liveBlock(state, { columns: 80, rows: 24 }, 300).map(stripAnsiCode);
  assertEquals(lines.length, 3);
  assertMatch(lines[1]!, /^⚙ Worker 1: file2\.zip/);
});

testWithin("the end is not before that of the last file under way", () => {
  const state = runOf([
    [0, started(file(1), 1)],
    ...[2, 3, 4, 5, 6, 7, 8, 9].map((id) => [10, failed(file(id))] as const),
    [1000, progress(file(1), 1e6, 2e7)],
  ]);
  const total = stripAnsiCode(liveBlock(state, { columns: 80, rows: 24 }, 1000).at(-1)!);
  assertMatch(total, / ETA 19s$/);
});

testWithin("when nothing begins any more, the end is that of the last file under way", () => {
  const state = sixFiles();
  const total = () => stripAnsiCode(liveBlock(state, { columns: 80, rows: 24 }, 4100).at(-1)!);
  assertMatch(total(), / ETA 28s$/);
  state.apply({ type: "draining", reason: "SIGINT received", inFlight: [] }, 4100);
  assertMatch(total(), / ETA 23s$/); // as the first one's
  const left = (nowMs: number, graceMs?: number) =>
    liveBlock(state, { columns: 80, rows: 24 }, nowMs, graceMs).map(stripAnsiCode)
      .filter((line) => line.startsWith("⏳"));
  assertEquals(left(4100, 8000), ["⏳ 8s left; Ctrl+C stops at once"]);
  assertEquals(left(11_200, 8000), ["⏳ 1s left; Ctrl+C stops at once"]);
  assertEquals([left(12_100, 8000), left(4100)], [[], ["⏳ Ctrl+C stops at once"]]);
});

testWithin("a pause that is over is not shown", () => {
  const state = sixFiles();
  const pauses = (nowMs: number) =>
    liveBlock(state, { columns: 80, rows: 24 }, nowMs).filter((line) => line.includes("⏸")).length;
  assertEquals([pauses(13_499), pauses(13_501), pauses(64_001)], [2, 1, 0]);
});

testWithin("no size and no name makes a line too wide, or more lines than rows", () => {
  const name = fc.string({ unit: "grapheme", maxLength: 90 });
  const length = fc.option(fc.nat(9e12), { nil: undefined });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, fc.nat(9e12), length), { maxLength: 40 }),
      fc.integer({ min: 1, max: 250 }),
      fc.integer({ min: 1, max: 60 }),
      fc.nat(1e7),
      (files, columns, rows, nowMs) => {
        const state = new RunState(5, 0);
        for (const [index, [name, bytes, length]] of files.entries()) {
          state.apply(started(file(index + 1, name), index + 1), 0);
          state.apply(progress(file(index + 1, name), bytes, length), 100);
        }
        const lines = liveBlock(state, { columns, rows }, 100 + nowMs);
        assertFits(lines, Math.max(2, columns));
        assertEquals(lines.length <= Math.max(1, rows - 1), true);
      },
    ),
    { numRuns: 300 },
  );
});
