import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  LogFile,
  ndjsonLine,
  NdjsonWriter,
  printable,
  type ReportEntry,
  ReportFile,
} from "../../src/display/mod.ts";
import type { DownloadEvent } from "../../src/download/mod.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";
import { completed, failed, file, progress, started, summary, TextSink } from "./support.ts";

const START = Date.UTC(2026, 0, 31, 12);

/** A time of day that goes on by a second at each look. */
function ticking(): () => Date {
  let seconds = 0;
  return () => new Date(START + 1000 * seconds++);
}

const EVIL = "a\x1b[2J\x7f\x9b\u202e\u2028\n.bin";
const HEX = "ab".repeat(32);

const RUN: readonly DownloadEvent[] = [
  { type: "queued", ...file(1) },
  { type: "queued", ...file(2, EVIL) },
  { type: "queued", ...file(3) },
  { type: "queued", ...file(4) },
  { type: "rejected", line: 7, message: `"${EVIL}" is not a URL` },
  { type: "skipped", ...file(5), reason: "exists" },
  started(file(1), 1),
  started(file(2, EVIL), 2),
  progress(file(1), 50, 100),
  {
    type: "retrying",
    ...file(1),
    retry: 1,
    retries: 3,
    delayMs: 500,
    kind: "truncated",
    message: "cut off",
  },
  started(file(1), 1, { attempt: 2, bytes: 50, length: 100 }),
  completed(file(1), 100, {
    attempts: 2,
    resumedAt: 40,
    checksum: { algorithm: "sha-256", hex: HEX },
  }),
  failed(file(2, EVIL), { kind: "http", status: 404, message: "404 Not Found", attempts: 1 }),
  failed(file(6), {
    kind: "checksum",
    message: "checksum mismatch",
    expected: HEX,
    got: HEX.toUpperCase(),
  }),
  started(file(3), 1),
  { type: "draining", reason: "SIGINT received", inFlight: [{ ...file(3), bytes: 5 }] },
  { type: "cancelling", reason: "Shutdown timeout (10s) reached" },
  { type: "cancelled", ...file(3), bytes: 7, length: 9 },
  { type: "finished", ...summary({ files: 5 }) },
];

testWithin("NDJSON has every event on a line of its own, with its time", () => {
  const sink = new TextSink();
  {
    using writer = new NdjsonWriter(sink, ticking());
    for (const event of RUN) writer.onEvent(event);
  }
  assertEquals(sink.lines.length, RUN.length);
  for (const [index, line] of sink.lines.entries()) {
    const time = new Date(START + index * 1000).toISOString();
    assert(line.startsWith(`{"time":"${time}","type":"${RUN[index]!.type}"`));
    assertEquals(JSON.parse(line), JSON.parse(JSON.stringify({ time, ...RUN[index] })));
    assertEquals(line, printable(line));
  }
});

testWithin("a line of NDJSON leaves out what is not known", () => {
  const line = ndjsonLine(progress(file(1), 5), new Date(START));
  assertEquals(
    line,
    '{"time":"2026-01-31T12:00:00.000Z","type":"progress","id":1,"name":"file1.zip",' +
      '"path":"downloads/file1.zip","url":"https://example.com/file1.zip","bytes":5}',
  );
});

testWithin("a log is appended to, a line an event that says something", async () => {
  await using dir = new TempDir();
  const path = dir.write("dlm.log", "earlier\n");
  for (const events of [RUN, RUN.slice(-1)]) {
    using log = new LogFile(path, () => {}, ticking());
    for (const event of events) log.onEvent(event);
  }
  const lines = dir.read("dlm.log").trimEnd().split("\n");
  assertEquals(lines[0], "earlier");
  assertEquals(lines.length, 1 + 14 + 1);
  for (const line of lines.slice(1)) {
    assertMatch(line, /^2026-01-31T12:00:\d\d\.000Z (info {3}|warning|error {2}) \S/);
    assertEquals(line, printable(line));
  }
  assertEquals(lines.slice(1).map((line) => line.slice(25).replace(/ {2,}/g, " ")), [
    'error ✗ Line 7: "a\\x1b[2J\\x7f\\x9b\\u202e\\u2028\\x0a.bin" is not a URL',
    "info - file5.zip is already here",
    "info > file1.zip from https://example.com/file1.zip (attempt 1, worker 1)",
    "info > a\\x1b[2J\\x7f\\x9b\\u202e\\u2028\\x0a.bin from " +
    "https://example.com/a%1B%5B2J%7F%C2%9B%E2%80%AE%E2%80%A8%0A.bin (attempt 1, worker 2)",
    "warning ⚠ file1.zip cut off (https://example.com/file1.zip); retry 1/3 in 0.5s",
    "info > file1.zip from https://example.com/file1.zip (attempt 2, worker 1, resumed at 50 B)",
    "info ✓ file1.zip 100 B 2.3s [✓ checksum verified] [resumed at 40 B] [attempt 2]",
    "error ✗ a\\x1b[2J\\x7f\\x9b\\u202e\\u2028\\x0a.bin Error: 404 Not Found " +
    "(https://example.com/a%1B%5B2J%7F%C2%9B%E2%80%AE%E2%80%A8%0A.bin)",
    "error ✗ file6.zip Error: checksum mismatch (https://example.com/file6.zip)",
    "info > file3.zip from https://example.com/file3.zip (attempt 1, worker 1)",
    "warning SIGINT received: waiting for 1 file in flight",
    "warning Shutdown timeout (10s) reached: cancelling what is in flight",
    "error ✗ file3.zip cancelled (77% complete)",
    "info 5 files: 24 completed, 1 failed, 0 skipped, 0 cancelled, 0 not begun, 0 bad lines; " +
    "1.2 GB in 2m 15s",
    "info 5 files: 24 completed, 1 failed, 0 skipped, 0 cancelled, 0 not begun, 0 bad lines; " +
    "1.2 GB in 2m 15s",
  ]);
});

testWithin("a report says what became of each file", async () => {
  await using dir = new TempDir();
  const path = dir.write("report.json", "an old one");
  {
    using report = new ReportFile(path, "dlm 1.0.0", fail, ticking());
    for (const event of RUN) report.onEvent(event);
    assertEquals(dir.names(), ["report.json"]);
  }
  const text = dir.read("report.json");
  assertEquals(text.replaceAll("\n", ""), printable(text.replaceAll("\n", "")));
  const { program, startedAt, files, summary: figures, finishedAt } = JSON.parse(text);
  assertEquals([program, startedAt], ["dlm 1.0.0", "2026-01-31T12:00:00.000Z"]);
  assertEquals(figures, { ...summary({ files: 5 }) });
  const at = (second: number) => new Date(START + 1000 * second).toISOString();
  const where = (id: number, name?: string) => {
    const { url, path } = file(id, name);
    return { url, path };
  };
  assertEquals(
    files,
    [
      { status: "rejected", line: 7, message: `"${EVIL}" is not a URL`, endedAt: at(1) },
      { status: "skipped", ...where(5), endedAt: at(2), attempts: 0, reason: "exists" },
      {
        status: "completed",
        ...where(1),
        bytes: 100,
        resumedAt: 40,
        digest: { algorithm: "sha-256", hex: HEX },
        startedAt: at(3),
        endedAt: at(5),
        attempts: 2,
      },
      {
        status: "failed",
        ...where(2, EVIL),
        startedAt: at(4),
        endedAt: at(6),
        attempts: 1,
        reason: "http",
        message: "404 Not Found",
      },
      {
        status: "failed",
        ...where(6),
        endedAt: at(7),
        attempts: 0,
        reason: "checksum",
        message: "checksum mismatch",
        expected: HEX,
        got: HEX.toUpperCase(),
      },
      { status: "cancelled", ...where(3), bytes: 7, startedAt: at(8), endedAt: at(9), attempts: 1 },
      { status: "dropped", ...where(4), endedAt: at(10), attempts: 0 },
    ] satisfies ReportEntry[],
  );
  assertEquals(finishedAt, at(10));
});

testWithin("a report of nothing is whole too", async () => {
  await using dir = new TempDir();
  {
    using report = new ReportFile(dir.file("report.json"), "dlm", fail, ticking());
    report.onEvent(RUN.at(-1)!);
  }
  assertEquals(JSON.parse(dir.read("report.json")).files, []);
});

testWithin("a run that doesn't finish leaves the old report and nothing else", async () => {
  await using dir = new TempDir();
  const path = dir.write("report.json", "an old one");
  {
    using report = new ReportFile(path, "dlm", fail);
    for (const event of RUN.slice(0, -1)) report.onEvent(event);
    assertEquals(dir.names().length, 2);
  }
  assertEquals([dir.names(), dir.read("report.json")], [["report.json"], "an old one"]);
});

testWithin("a report that can't get its name says so and leaves nothing", async () => {
  await using dir = new TempDir();
  const failures: unknown[] = [];
  Deno.mkdirSync(dir.file("folder"));
  Deno.mkdirSync(dir.file("folder/full"));
  {
    using report = new ReportFile(dir.file("folder"), "dlm", (error) => failures.push(error));
    report.onEvent(RUN.at(-1)!);
  }
  assertEquals([failures.length, dir.names()], [1, ["folder"]]);
});

testWithin("files that can't be opened are refused at once", async () => {
  await using dir = new TempDir();
  const path = dir.file("nowhere/file");
  assertThrows(() => new ReportFile(path, "dlm", fail), Deno.errors.NotFound);
  assertThrows(() => new LogFile(path, fail), Deno.errors.NotFound);
});

testWithin("a report needs memory for files under way only", async () => {
  await using dir = new TempDir();
  {
    using report = new ReportFile(dir.file("report.json"), "dlm", fail);
    for (let id = 1; id <= 20_000; id++) {
      report.onEvent({ type: "queued", ...file(id) });
      report.onEvent(started(file(id), 1));
      report.onEvent(completed(file(id), 1));
      if (id === 10_000) { // what has ended is on the disk already
        const [part] = dir.names();
        assert(Deno.statSync(dir.file(part!)).size > 500_000);
      }
    }
    report.onEvent(RUN.at(-1)!);
  }
  assertEquals(JSON.parse(dir.read("report.json")).files.length, 20_000);
});

function fail(error: unknown): never {
  throw error;
}
