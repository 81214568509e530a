import { assert, assertEquals, assertMatch } from "@std/assert";
import { stripAnsiCode } from "@std/fmt/colors";
import { type ScreenOptions, StandardScreen } from "../../src/display/mod.ts";
import { TerminalEmulator } from "../support/terminal_emulator.ts";
import { testWithin } from "../support/watchdog.ts";
import {
  completed,
  failed,
  file,
  progress,
  started,
  summary,
  TestDevice,
  TextSink,
} from "./support.ts";

function screenOn(device: TestDevice, more: Partial<ScreenOptions> = {}): StandardScreen {
  return new StandardScreen({
    version: "1.0.0",
    settings: [["Workers", "5"]],
    workers: 5,
    graceMs: 10_000,
    quiet: false,
    live: true,
    device,
    ...more,
  });
}

function linesOf(sink: TerminalEmulator | TextSink): string[] {
  return sink.lines.map((line) => line.trimEnd());
}

/** From the end of the banner on. */
function afterBanner(sink: TerminalEmulator | TextSink): string[] {
  const lines = linesOf(sink);
  return lines.slice(lines.indexOf("Starting workers...") + 2);
}

testWithin("files are told as they end, above a block of what is under way", async () => {
  const device = new TestDevice({ out: "terminal", err: "terminal" });
  const screen = screenOn(device);
  screen.open();
  screen.onEvent(started(file(1), 1));
  screen.onEvent(started(file(2), 2));
  await device.timer.advance(1000);
  screen.onEvent(progress(file(1), 500_000, 1_000_000));
  screen.onEvent(completed(file(2), 20));
  await device.timer.advance(100);
  const lines = afterBanner(device.out);
  assertMatch(lines[0]!, /^✓ file2\.zip +20 B +2\.3s$/);
  assertEquals(lines[1], "");
  assertMatch(lines[2]!, /^⚙ Worker 1: file1\.zip +\[█{5}░{5}\] +50% +\d+ kB\/s +ETA 1s$/);
  assertMatch(lines[3]!, /^Total: +1\/2 files +500 kB +\[█{7}░{3}\] +75%/);
  assertEquals(lines.length, 4);
  screen.onEvent(failed(file(1)));
  screen.onEvent({ type: "finished", ...summary({ files: 2, completed: 1 }) });
  screen[Symbol.dispose]();
  const end = afterBanner(device.out);
  assertMatch(end[1]!, /^✗ file1\.zip +Error: no byte for 30s/);
  assertEquals(end.filter((line) => line.startsWith("⚙") || line.startsWith("Total: ")), []);
  assertMatch(end.at(-1)!, /^Avg Speed:/);
  assertEquals(device.timer.pending, 0);
});

testWithin("a file gets plain lines: no cursor movement, no colours, problems apart", async () => {
  const device = new TestDevice({ out: "file", err: "file" });
  const screen = screenOn(device);
  screen.open();
  screen.onEvent(started(file(1), 1));
  screen.onEvent(completed(file(1), 20));
  screen.onEvent(failed(file(2)));
  screen.onEvent({
    type: "retrying",
    ...file(3),
    retry: 1,
    retries: 3,
    delayMs: 500,
    kind: "http",
    message: "the server answered 503",
  });
  assertEquals(device.timer.pending, 0); // nothing is drawn
  screen.onEvent({ type: "finished", ...summary() });
  screen[Symbol.dispose]();
  assert(device.out instanceof TextSink && device.err instanceof TextSink);
  for (const { text } of [device.out, device.err]) {
    assert(!text.includes("\x1b"));
    assertEquals(text, stripAnsiCode(text));
  }
  assertMatch(afterBanner(device.out)[0]!, /^✓ file1/);
  assertEquals(device.err.lines.length, 2);
  await device.timer.advance(1000);
});

testWithin("errors that go to a file are not drawn on the terminal", () => {
  const device = new TestDevice({ out: "terminal", err: "file" });
  {
    using screen = screenOn(device);
    screen.open();
    screen.onEvent(failed(file(1)));
  }
  assertEquals(afterBanner(device.out), []);
  assertMatch(linesOf(device.err)[0]!, /^✗ file1/);
});

testWithin("a terminal for errors gets them in parts when the rest goes to a file", () => {
  const device = new TestDevice({ out: "file", err: "terminal" });
  {
    using screen = screenOn(device);
    screen.open();
    screen.onEvent({
      type: "retrying",
      ...file(3),
      retry: 1,
      retries: 3,
      delayMs: 500,
      kind: "http",
      message: "the server answered 503",
    });
    screen.onEvent(completed(file(1), 20));
  }
  assertEquals(linesOf(device.err), [
    "⚠ Error downloading file3.zip",
    "  URL:    https://example.com/file3.zip",
    "  Error:  the server answered 503",
    "  Retry:  attempt 1/3 in 0.5s",
  ]);
});

testWithin("quiet is nothing but errors", async () => {
  const device = new TestDevice({ out: "terminal", err: "terminal" });
  {
    using screen = screenOn(device, { quiet: true });
    screen.open();
    screen.onEvent(started(file(1), 1));
    screen.onEvent(completed(file(1), 20));
    screen.onEvent({ type: "host-paused", host: "a", reason: "failing", delayMs: 1 });
    screen.onEvent({ type: "draining", reason: "SIGINT received", inFlight: [] });
    screen.onEvent({ type: "rejected", line: 3, message: "no URL" });
    screen.onEvent(failed(file(2)));
    screen.onEvent({ type: "cancelled", ...file(3), bytes: 5 });
    screen.onEvent({ type: "finished", ...summary() });
    await device.timer.advance(1000);
  }
  assertEquals(linesOf(device.err).map((line) => line.slice(0, 8)), [
    "✗ Line 3",
    "✗ file2.",
    "✗ file3.",
  ]);
});

testWithin("a terminal that can't be drawn upon gets plain lines", () => {
  const device = new TestDevice({ out: "terminal", err: "terminal" });
  {
    using screen = screenOn(device, { live: false });
    screen.open();
    screen.onEvent(started(file(1), 1));
    screen.onEvent(completed(file(1), 20));
    assertEquals(device.timer.pending, 0);
  }
  assert(device.out instanceof TerminalEmulator);
  assert(!device.out.received.includes("\x1b"));
  assertMatch(afterBanner(device.out)[0]!, /^✓ file1/);
});

testWithin("a limit is named once when it is reached, and again when it is another", async () => {
  const device = new TestDevice({ out: "file", err: "file" });
  let limit = 1_000_000;
  {
    using screen = screenOn(device, { bytesPerSecond: () => limit });
    screen.onEvent(started(file(1), 1));
    await device.timer.advance(1000);
    screen.onEvent(progress(file(1), 100_000));
    await device.timer.advance(1000);
    screen.onEvent(progress(file(1), 2_000_000));
    screen.onEvent(progress(file(1), 2_000_001));
    limit = 100_000;
    screen.onEvent(progress(file(1), 2_000_002));
    screen.onEvent(progress(file(1), 2_000_003));
    limit = Infinity;
    screen.onEvent(progress(file(1), 2_000_004));
  }
  assertEquals(linesOf(device.err), [
    "⚠ Rate limit reached. Throttling downloads to 1 MB/s...",
    "⚠ Rate limit reached. Throttling downloads to 100 kB/s...",
  ]);
});

testWithin("a run that is told to end says what goes on and what came of it", () => {
  const device = new TestDevice({ out: "file", err: "file" });
  {
    using screen = screenOn(device);
    screen.onEvent(started(file(1), 1));
    screen.onEvent(started(file(2), 2));
    screen.onEvent({
      type: "draining",
      reason: "SIGINT received",
      inFlight: [{ ...file(1), bytes: 52, length: 100 }, { ...file(2), bytes: 18, length: 100 }],
    });
    screen.onEvent(completed(file(1), 100));
    screen.onEvent({ type: "cancelling", reason: "Shutdown timeout (10s) reached" });
    screen.onEvent({ type: "cancelled", ...file(2), bytes: 18, length: 100 });
    screen.onEvent({ type: "finished", ...summary({ completed: 1, cancelled: 1, dropped: 12 }) });
  }
  assertEquals(linesOf(device.err), [
    "",
    "Shutdown signal received. Initiating graceful shutdown...",
    "",
    "⏳ Waiting for 2 in-flight downloads to complete (at most 10s)...",
    "   file1.zip            [██████████░░░░░░░░░░] 52% - continuing...",
    "   file2.zip            [███░░░░░░░░░░░░░░░░░] 18% - continuing...",
    "",
    "⏰ Shutdown timeout (10s) reached",
    "✗ file2.zip            cancelled (18% complete)",
  ]);
  assertEquals(linesOf(device.out)[0], "✓ file1.zip            completed (100 B in 2.3s)");
  assertMatch(
    linesOf(device.out).join("\n"),
    /In-flight done: +1 file\nFailed: +1 file\nCancelled: +1 file\nQ/,
  );
});

for (const stops of [true, false]) {
  testWithin(
    `after a stop ${stops ? "by Ctrl+Z" : "that nobody tells"} the block goes below the shell`,
    async () => {
      const device = new TestDevice({ out: "terminal", err: "terminal" });
      const clock = device.timer;
      let stoppedMs = 0;
      const timer = {
        now: () => clock.now() + stoppedMs,
        schedule: (ms: number, fire: () => void) => clock.schedule(ms, fire),
      };
      const { out, err, size, process } = device;
      const screen = screenOn(device, { device: { out, err, size, process, timer } });
      assert(out instanceof TerminalEmulator);
      screen.open();
      screen.onEvent(started(file(1), 1));
      await clock.advance(100);
      if (stops) {
        process.send("SIGTSTP");
        assertEquals(process.events, ["raise SIGSTOP"]);
        assertEquals(out.lines.filter((line) => /⚙|Total/.test(line)), []);
        assertEquals(clock.pending, 0);
      }
      out.write("\n[1]+ Stopped\n$ fg\ndlm download\n");
      stoppedMs = 60_000;
      await clock.advance(100); // a frame may be due before the news that the process goes on
      if (!stops) assertMatch(linesOf(out).at(-1)!, /^Total/); // and draws below the shell
      process.send("SIGCONT");
      screen.onEvent(completed(file(1), 20));
      screen.onEvent(started(file(2), 1));
      await clock.advance(200);
      const lines = linesOf(out);
      const from = lines.findIndex((line) => line.startsWith("[1]+ Stopped"));
      for (const [index, text] of ["[1]+ Stopped", "$ fg", "dlm download"].entries()) {
        const line = lines[from + index]!;
        if (stops) assertEquals(line, text);
        assert(line.startsWith(text), line); // what the block had there may stand behind it
      }
      assertMatch(lines[from + 3]!, /^✓ file1/);
      assertMatch(lines.slice(from + 4).join("\n"), /^\n⚙ Worker 1: file2.*\nTotal: .*$/);
      screen[Symbol.dispose]();
      assertEquals([process.listeners, clock.pending], [0, 0]);
    },
  );
}

testWithin("whatever ends the process finds the terminal without a block", async () => {
  for (const signal of ["SIGHUP", "SIGQUIT", "end"] as const) {
    const device = new TestDevice({ out: "terminal", err: "terminal" });
    using screen = screenOn(device);
    screen.open();
    screen.onEvent(started(file(1), 1));
    await device.timer.advance(100);
    assertMatch(linesOf(device.out).at(-1)!, /^Total/);
    device.process.send(signal);
    assertEquals(afterBanner(device.out), [], signal);
    assertEquals(device.timer.pending, 0);
    assertEquals(device.process.events, signal === "end" ? [] : [`raise ${signal}`]);
  }
});

testWithin("a resized terminal gets a block of its new size", async () => {
  const device = new TestDevice({ out: "terminal", err: "terminal" }, 120);
  using screen = screenOn(device);
  const terminal = device.out;
  assert(terminal instanceof TerminalEmulator);
  screen.open();
  for (let id = 1; id <= 5; id++) screen.onEvent(started(file(id), id));
  for (const [columns, rows] of [[120, 24], [60, 24], [60, 8], [200, 30], [80, 24]] as const) {
    terminal.resize(columns, rows);
    await device.timer.advance(100);
    const total = terminal.screen.findLastIndex((line) => line.startsWith("Total"));
    const block = terminal.screen.slice(terminal.screen.lastIndexOf("", total), total + 1);
    assertEquals(block.length, rows === 8 ? 6 : 7, `${columns}x${rows}`);
  }
  const count = (start: string) => terminal.lines.filter((line) => line.startsWith(start)).length;
  assertEquals([count("Total"), count("⚙"), count("Concurrent")], [1, 5, 1]);
});
