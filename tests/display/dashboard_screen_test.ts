import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type DashboardOptions,
  DashboardScreen,
  type Key,
  type KeySource,
  type RunControls,
} from "../../src/display/mod.ts";
import type { StageFigures } from "../../src/download/mod.ts";
import { TerminalEmulator } from "../support/terminal_emulator.ts";
import { testWithin } from "../support/watchdog.ts";
import { completed, failed, file, progress, started, summary, TestDevice } from "./support.ts";

/** A run that only remembers what it was told. */
class FakeRun implements RunControls {
  paused = false;
  workers = 5;
  bytesPerSecond = Infinity;
  requestsPerSecond = Infinity;
  stages: readonly StageFigures[] = [];
  quits = 0;

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }
}

class FakeKeys implements KeySource {
  readonly available: boolean;
  press: ((key: Key) => void) | undefined;

  constructor(available = true) {
    this.available = available;
  }

  start(onKey: (key: Key) => void): void {
    this.press = onKey;
  }

  stop(): void {
    this.press = undefined;
  }
}

function setUp(
  { columns = 80, rows = 24, err = "terminal", keyboard = true }: {
    columns?: number;
    rows?: number;
    err?: "terminal" | "file";
    keyboard?: boolean;
  } = {},
  more: Partial<DashboardOptions> = {},
) {
  const device = new TestDevice({ out: "terminal", err }, columns, rows);
  const terminal = device.out;
  assert(terminal instanceof TerminalEmulator);
  terminal.write("$ dlm download --dashboard\n");
  const { process } = device;
  const [run, keys] = [new FakeRun(), new FakeKeys(keyboard)];
  const screen = new DashboardScreen({
    version: "1.0.0",
    settings: [],
    workers: 5,
    graceMs: 10_000,
    quiet: false,
    live: true,
    device,
    controls: run,
    quit: () => run.quits++,
    keys,
    ...more,
  });
  return { device, terminal, run, keys, process, screen, clock: device.timer };
}

const DRAINING = { type: "draining", reason: "Quit", inFlight: [] } as const;

testWithin("the dashboard has the screen to itself and gives it back", async () => {
  const { terminal, process, screen, clock, keys } = setUp();
  screen.open();
  assert(terminal.alternate && !terminal.cursorVisible && !terminal.autowrap);
  screen.onEvent(started(file(1), 1));
  screen.onEvent(progress(file(1), 40, 100));
  await clock.advance(100);
  assertMatch(terminal.screen.join("\n"), /^⚙ Worker 1 │ file1\.zip .* \[████████░{12}\] {4}40%/m);
  screen.onEvent(completed(file(1), 100));
  screen.onEvent({ type: "finished", ...summary() });
  screen[Symbol.dispose]();
  assert(!terminal.alternate && terminal.cursorVisible && terminal.autowrap);
  assertEquals(terminal.lines[0], "$ dlm download --dashboard");
  assertMatch(terminal.lines.at(-1)!, /^Avg Speed:/);
  assertEquals(terminal.lines.filter((line) => line.includes("⚙")), []);
  assertEquals([clock.pending, process.listeners, keys.press], [0, 0, undefined]);
});

testWithin("a frame is one write of the rows that have changed", async () => {
  const { terminal, screen, clock } = setUp();
  screen.open();
  screen.onEvent(started(file(1), 1));
  await clock.advance(1000);
  terminal.received = "";
  terminal.writes = 0;
  await clock.advance(500);
  assertEquals(terminal.writes, 0);
  screen.onEvent(progress(file(1), 40, 100));
  await clock.advance(100);
  assertEquals(terminal.writes, 1);
  assert(terminal.received.includes("40%") && !terminal.received.includes("Dashboard"));
  screen[Symbol.dispose]();
});

testWithin("there are at most twenty frames a second, whatever is pressed", async () => {
  const { terminal, screen, clock, keys, run } = setUp();
  screen.open();
  await clock.advance(1000);
  terminal.writes = 0;
  for (let ms = 0; ms < 1000; ms += 5) {
    keys.press!("p");
    keys.press!("w");
    keys.press!("p");
    run.workers = 1 + ms % 7;
    await clock.advance(5);
  }
  assert(terminal.writes > 10 && terminal.writes <= 20, `${terminal.writes} frames`);
  screen[Symbol.dispose]();
});

testWithin("a resized terminal is drawn anew at once", async () => {
  const { terminal, screen, clock } = setUp();
  screen.open();
  for (const [columns, rows] of [[120, 40], [60, 15], [30, 5], [80, 24]] as const) {
    terminal.resize(columns, rows);
    await clock.advance(100);
    assertEquals(terminal.screen.length, rows);
    assertMatch(terminal.screen.at(-1)!, /quit/);
    assert(terminal.screen.every((row) => row.length < columns));
  }
  screen[Symbol.dispose]();
});

const KEYS: [keys: Key[], expected: Partial<FakeRun>][] = [
  [["q"], { quits: 1 }],
  [["\x03"], { quits: 1 }],
  [["p"], { paused: true }],
  [["p", "p"], { paused: false }],
  [["-"], { bytesPerSecond: 500_000_000 }],
  [["-", "-", "+"], { bytesPerSecond: 500_000_000 }],
  [["-", "+", "+"], { bytesPerSecond: Infinity }],
  [["R"], { requestsPerSecond: 500, bytesPerSecond: Infinity }],
  [["R", "R", "r"], { requestsPerSecond: 500 }],
  [["R", "r", "r"], { requestsPerSecond: Infinity }],
  [["w", "w"], { workers: 7 }],
  [["W", "W", "w"], { workers: 4 }],
  [["W", "W", "W", "W", "W", "W"], { workers: 1 }],
  [["x", "escape", "constructor"], { workers: 5, quits: 0 }],
];

for (const [pressed, expected] of KEYS) {
  testWithin(`keys ${pressed.map((key) => JSON.stringify(key)).join(" ")}`, () => {
    const { screen, keys, run } = setUp();
    screen.open();
    for (const key of pressed) keys.press!(key);
    for (const [name, value] of Object.entries(expected)) {
      assertEquals(Object.entries(run).find(([key]) => key === name)?.[1], value, name);
    }
    screen[Symbol.dispose]();
  });
}

testWithin("the first limit by key is below the speed that there is", async () => {
  const { screen, keys, run, clock } = setUp();
  screen.open();
  screen.onEvent(started(file(1), 1));
  await clock.advance(1000);
  screen.onEvent(progress(file(1), 30_000_000));
  keys.press!("-");
  assertEquals(run.bytesPerSecond, 20_000_000);
  screen[Symbol.dispose]();
});

testWithin("the first limit of requests by key is below the rate that there is", () => {
  const { screen, keys, run } = setUp();
  run.stages = ["validate", "download"].map((name, index) => (
    { name, processed: 0, errors: 0, active: 0, queued: 0, perSecond: 7 - index, averageMs: 0 }
  ));
  screen.open();
  for (const key of ["R", "R", "R"]) keys.press!(key);
  assertEquals(run.requestsPerSecond, 1);
  for (const _ of "1234567890") keys.press!("R");
  assertEquals(run.requestsPerSecond, 0.1);
  screen[Symbol.dispose]();
});

testWithin("arrows scroll, ? explains", async () => {
  const { terminal, screen, keys, run, clock } = setUp();
  run.workers = 40;
  screen.open();
  for (let worker = 1; worker <= 40; worker++) screen.onEvent(started(file(worker), worker));
  await clock.advance(100);
  const first = () => /Worker +(\d+)/.exec(terminal.screen.join("\n"))?.[1];
  const seen = [first()];
  for (const key of ["down", "down", "up", "page-down", "end", "page-up", "home", "up"]) {
    keys.press!(key);
    await clock.advance(50);
    seen.push(first());
  }
  const { length } = terminal.screen.filter((row) => row.startsWith("⚙"));
  const last = 40 - length;
  assertEquals(seen.map(Number), [1, 2, 3, 2, 12, last + 1, last - 9, 1, 1]);
  keys.press!("?");
  await clock.advance(50);
  assertMatch(terminal.screen.join("\n"), /^ {2}p +pause/m);
  keys.press!("?");
  await clock.advance(50);
  assertEquals(first(), "1");
  screen[Symbol.dispose]();
});

testWithin("when the run is told to end, the rest is told line by line", async () => {
  const { terminal, screen, clock, keys, process } = setUp();
  screen.open();
  screen.onEvent(started(file(1), 1));
  screen.onEvent(failed(file(2)));
  await clock.advance(200);
  screen.onEvent({ ...DRAINING, inFlight: [{ ...file(1), bytes: 52, length: 100 }] });
  assert(!terminal.alternate && terminal.cursorVisible);
  assertEquals(keys.press, undefined);
  await clock.advance(200);
  const lines = terminal.lines;
  assertMatch(lines[1]!, /^✗ file2\.zip/);
  assertMatch(lines.join("\n"), /file1\.zip +\[█{10}░{10}\] 52% - continuing/);
  assertMatch(lines.at(-1)!, /^Total: +1\/2 files/);
  screen.onEvent({ type: "cancelled", ...file(1), bytes: 60, length: 100 });
  screen.onEvent({ type: "finished", ...summary() });
  screen[Symbol.dispose]();
  assertMatch(terminal.lines.join("\n"), /✗ file1\.zip +cancelled \(60% complete\)/);
  assertMatch(terminal.lines.at(-1)!, /^What has arrived is kept/);
  assertEquals([process.listeners, clock.pending], [0, 0]);
});

testWithin("errors are told when the dashboard is gone; not all of a million", () => {
  const { terminal, screen } = setUp();
  screen.open();
  for (let id = 1; id <= 2000; id++) screen.onEvent(failed(file(id)));
  screen.onEvent(completed(file(2001), 1));
  screen.onEvent({ type: "finished", ...summary() });
  screen[Symbol.dispose]();
  assertEquals(terminal.lines.filter((line) => line.startsWith("✗")).length, 1000);
  assertMatch(terminal.lines.join("\n"), /^… there may be more errors$/m);
  assertEquals(terminal.lines.filter((line) => line.startsWith("✓")), []);
});

testWithin("errors that go to a file go there at once", async () => {
  const { device, screen } = setUp({ err: "file" });
  screen.open();
  screen.onEvent(failed(file(1)));
  while (device.err.lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assertMatch(device.err.lines[0]!, /^✗ file1\.zip/);
  screen[Symbol.dispose]();
});

testWithin("while the process is stopped nothing is drawn", async () => {
  const { terminal, screen, clock, process, keys } = setUp();
  screen.open();
  process.send("SIGTSTP");
  assert(!terminal.alternate && terminal.cursorVisible);
  terminal.writes = 0;
  await clock.advance(1000);
  assertEquals([terminal.writes, keys.press], [0, undefined]);
  process.send("SIGCONT");
  assert(terminal.alternate && keys.press !== undefined);
  assertMatch(terminal.screen.join("\n"), /Download Manager Dashboard/);
  screen[Symbol.dispose]();
});

testWithin("an error that nobody catches doesn't leave the terminal in disorder", () => {
  const { terminal, screen, process, keys } = setUp();
  screen.open();
  process.send("end");
  assert(!terminal.alternate && terminal.cursorVisible && terminal.autowrap);
  assertEquals(keys.press, undefined);
  screen[Symbol.dispose]();
});

testWithin("without a keyboard the dashboard says so and works", async () => {
  const { terminal, screen, clock, keys } = setUp({ keyboard: false });
  screen.open();
  await clock.advance(100);
  assertEquals(keys.press, undefined);
  assertEquals(terminal.screen.at(-1), "Press Ctrl+C for graceful shutdown");
  screen[Symbol.dispose]();
});
