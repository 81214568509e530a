import { assertEquals } from "@std/assert";
import { stripAnsiCode } from "@std/fmt/colors";
import {
  banner,
  cancellingLines,
  drainedLine,
  drainingLines,
  eventBlock,
  eventLines,
  type Line,
  printable,
  shutdownLines,
  summaryLines,
  throttleLine,
} from "../../src/display/mod.ts";
import type { DownloadEvent } from "../../src/download/mod.ts";
import { assertGolden } from "../support/golden.ts";
import { testWithin } from "../support/watchdog.ts";
import { completed, failed, file, started, summary } from "./support.ts";

const HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/** Text as the worst of servers would have it. */
const EVIL = "\x1b]0;owned\x07\x9b2J\u202ex\ny";

const MISMATCH = {
  kind: "checksum",
  message: `checksum mismatch (sha-256): expected ${HEX}, got ${HEX.replace("9f", "00")}`,
  expected: HEX,
  got: HEX.replace("9f", "00"),
} as const;

/** One event of each kind, and of each kind of kind. */
const EVENTS: readonly DownloadEvent[] = [
  { type: "queued", ...file(1) },
  started(file(1), 1),
  { type: "progress", ...file(1), bytes: 1 },
  completed(file(1), 8_500_000, { checksum: { algorithm: "sha-256", hex: HEX } }),
  completed(file(2, "file2.tar.gz"), 12_100_000, { durationMs: 3100, attempts: 3 }),
  completed(file(3, "stream"), 0, { durationMs: 12, lengthUnknown: true }),
  completed(file(4, "größe-測定.dat"), 650_000_000, { durationMs: 85_200 }),
  completed(file(5, "a-name-that-is-longer-than-its-column.bin"), 1e9, { durationMs: 724_000 }),
  completed(file(6, EVIL), 5),
  completed(file(16, "rest.iso"), 9.3e6, { resumedAt: 4_100_000 }),
  { type: "skipped", ...file(7), reason: "exists" },
  { type: "skipped", ...file(8), reason: "unchanged" },
  { type: "skipped", ...file(9), reason: "duplicate" },
  failed(file(10, "file4.bin"), { advice: "try again later or raise --timeout" }),
  failed(file(11, EVIL), { kind: "http", status: 404, message: EVIL, url: `http://x/${EVIL}` }),
  { type: "cancelled", ...file(12, "file3.iso"), bytes: 18, length: 100 },
  { type: "cancelled", ...file(13), bytes: 2_100_000 },
  { type: "rejected", line: 7, message: `"${EVIL}" is not a URL` },
  { type: "rejected", line: 8, message: "x".repeat(10_000) },
  {
    type: "retrying",
    ...file(14, "file3.iso"),
    retry: 2,
    retries: 3,
    delayMs: 2000,
    kind: "timeout",
    message: "no byte for 30s",
  },
  {
    type: "retrying",
    ...file(15, "file5.pdf"),
    retry: 1,
    retries: 3,
    delayMs: 0,
    ...MISMATCH,
  },
  failed(file(17, "file6.pdf"), { ...MISMATCH, advice: "check where it comes from" }),
  { type: "host-paused", host: "busy.example", reason: "retry-after", delayMs: 30_000 },
  { type: "host-paused", host: EVIL, reason: "failing", delayMs: 1000 },
  { type: "host-resumed", host: "busy.example:8443" },
];

/** Lines with their levels, as a golden file has them. */
function leveled(lines: readonly Line[]): string[] {
  return lines.map(({ text, level }) => `${level.padEnd(8)}${text}`);
}

testWithin("what is said of each event", () => {
  assertGolden("event_lines", leveled(EVENTS.flatMap(eventLines)));
  assertGolden("event_blocks", leveled(EVENTS.flatMap(eventBlock)));
});

testWithin("every event is one line where programs read", () => {
  for (const event of EVENTS) assertEquals(eventLines(event).length <= 1, true, event.type);
});

testWithin("nothing that a server or a list says reaches a terminal raw", () => {
  for (const render of [eventLines, eventBlock]) {
    for (const { text } of EVENTS.flatMap(render)) {
      const plain = stripAnsiCode(text);
      assertEquals(plain, printable(plain));
    }
  }
  const shown = [
    ...drainingLines([{ ...file(1, EVIL), bytes: 5, length: 10 }], 10_000),
    drainedLine(completed(file(1, EVIL), 5)),
    ...cancellingLines(EVIL, true),
  ];
  for (const text of [...shown.map(({ text }) => text), ...banner("1", [["Folder", EVIL]])]) {
    assertEquals(stripAnsiCode(text), printable(stripAnsiCode(text)));
  }
});

testWithin("a run that goes well, from banner to summary", () => {
  const settings = [
    ["Workers", "5"],
    ["Rate Limit", "10 MB/s"],
    ["Queue Size", "100"],
    ["Verify", "enabled"],
  ] as const;
  assertGolden("standard", [
    ...banner("1.0.0", settings),
    throttleLine(10e6).text,
    ...EVENTS.filter(({ type }) => type === "completed").flatMap(eventLines).map(({ text }) =>
      text
    ),
    ...summaryLines(summary()),
    ...summaryLines(summary({ bytes: 2e9, resumedBytes: 650e6 })),
    ...summaryLines(summary({ skipped: 2, dropped: 3, rejected: 1, bytes: 0, durationMs: 0 })),
  ]);
});

testWithin("a run that is told to end", () => {
  const inFlight = [
    { ...file(1, "file1.zip"), bytes: 85, length: 100 },
    { ...file(2, "file2.tar.gz"), bytes: 52, length: 100 },
    { ...file(3, "file3.iso"), bytes: 18, length: 100 },
    { ...file(4, "stream"), bytes: 2_100_000 },
  ];
  assertGolden("shutdown", [
    ...leveled([
      ...drainingLines(inFlight, 10_000),
      drainedLine(completed(file(2, "file2.tar.gz"), 12_100_000)),
      ...cancellingLines("Shutdown timeout (10s) reached", true),
      ...eventLines({ type: "cancelled", ...inFlight[2]! }),
    ]),
    ...shutdownLines(summary({ completed: 20, cancelled: 1, dropped: 12 }), {
      completedWhileDraining: 2,
      unread: 700,
      throughput: { bytes: 1_100_000_000 },
    }),
    "",
    "---- with one file under way, for as long as it takes ----",
    ...leveled(drainingLines(inFlight.slice(0, 1), Infinity)),
    "---- for no time at all ----",
    ...leveled(drainingLines(inFlight.slice(0, 1), 0)),
    "---- with nothing under way ----",
    ...leveled(drainingLines([], 10_000)),
    ...shutdownLines(summary({ completed: 1, failed: 2 }), {
      completedWhileDraining: 0,
      unread: 0,
      throughput: { bytes: 0 },
    }),
  ]);
});
