/**
 * What showing a run costs: a minute of a run of 1000 files, told by events as a real one tells
 * them, four progress events a second and file, on a clock that doesn't wait. The time that all of
 * it takes is the time that a processor core would be busy with it within that minute.
 */
import { ManualClock } from "../../src/clock/mod.ts";
import {
  DashboardScreen,
  type Device,
  type EventObserver,
  LogFile,
  NdjsonWriter,
  ReportFile,
  type RunControls,
  type Screen,
  StandardScreen,
  StreamSink,
} from "../../src/display/mod.ts";
import type { DownloadEvent, FileRef } from "../../src/download/mod.ts";

const FILES = 1000;
const SECONDS = 60;
const PROGRESS_MS = 250;

/** What drawing may take of a core. */
const LIMIT = 0.03;

/** Counts what goes to a terminal, which is `/dev/null`: the cost of encoding and writing stays. */
class CountingTerminal {
  readonly #null = Deno.openSync("/dev/null", { write: true });
  readonly #sink = new StreamSink(this.#null);
  readonly isTerminal = true;
  readonly colors = true;
  writes = 0;
  characters = 0;

  write(text: string): void {
    this.writes++;
    this.characters += text.length;
    this.#sink.write(text);
  }
}

const CONTROLS: RunControls = {
  pause() {},
  resume() {},
  paused: false,
  workers: 32,
  bytesPerSecond: Infinity,
  requestsPerSecond: Infinity,
  stages: ["validate", "download", "checksum"].map((name) => (
    { name, processed: 1, errors: 0, active: 1, queued: 1, perSecond: 1, averageMs: 1 }
  )),
};

function screenOf(kind: "standard" | "dashboard", workers: number, device: Device): Screen {
  const options = {
    version: "1.0.0",
    settings: [],
    workers,
    graceMs: 10_000,
    quiet: false,
    live: true,
    device,
  };
  if (kind === "standard") return new StandardScreen(options);
  return new DashboardScreen({
    ...options,
    controls: { ...CONTROLS, workers },
    quit() {},
    keys: { available: true, start() {}, stop() {} },
  });
}

/** Each file lasts so long that all of them take the whole time. */
async function tellRun(observer: EventObserver, workers: number, clock: ManualClock) {
  const ticks = SECONDS * 1000 / PROGRESS_MS;
  const ticksPerFile = Math.max(1, Math.floor(ticks * workers / FILES));
  const length = ticksPerFile * 250_000;
  let next = 1;
  const active: ({ ref: FileRef; ticks: number } | undefined)[] = new Array(workers).fill(
    undefined,
  );
  const tell = (event: DownloadEvent) => observer.onEvent(event);
  for (let tick = 0; tick < ticks; tick++) {
    for (const [index, file] of active.entries()) {
      if (file === undefined) {
        if (next > FILES) continue;
        const name = `a-file-of-a-usual-name-${next}.tar.gz`;
        const ref = { id: next++, name, path: `d/${name}`, url: `https://example.com/${name}` };
        active[index] = { ref, ticks: 0 };
        tell({ type: "queued", ...ref });
        tell({ type: "started", ...ref, worker: index + 1, attempt: 1, bytes: 0 });
        continue;
      }
      const bytes = ++file.ticks * 250_000;
      tell({ type: "progress", ...file.ref, bytes, length });
      if (bytes < length) continue;
      tell({
        type: "completed",
        ...file.ref,
        bytes,
        durationMs: file.ticks * PROGRESS_MS,
        attempts: 1,
        lengthUnknown: false,
      });
      active[index] = undefined;
    }
    await clock.advance(PROGRESS_MS);
  }
}

/** How long it takes without anybody who looks: what the clock and the events cost themselves. */
async function overheadMs(workers: number): Promise<number> {
  const begin = performance.now();
  const clock = new ManualClock();
  for (let ms = 0; ms < SECONDS * 1000; ms += 100) clock.schedule(ms, () => {});
  await tellRun({ onEvent() {}, [Symbol.dispose]() {} }, workers, clock);
  return performance.now() - begin;
}

async function measureScreen(kind: "standard" | "dashboard", workers: number): Promise<number> {
  const run = async () => {
    const terminal = new CountingTerminal();
    const timer = new ManualClock();
    const size = { columns: 120, rows: 40 };
    const screen = screenOf(kind, workers, {
      out: terminal,
      err: terminal,
      size: () => size,
      timer,
      process: { onSignal: () => () => {}, onEnd: () => () => {}, raise: () => true },
    });
    const begin = performance.now();
    screen.open();
    await tellRun(screen, workers, timer);
    screen[Symbol.dispose]();
    return { ms: performance.now() - begin, terminal };
  };
  await run(); // lets it be compiled
  const { ms, terminal: { writes, characters } } = await run();
  const share = Math.max(0, ms - await overheadMs(workers)) / (SECONDS * 1000);
  const perSecond = [writes / SECONDS, characters / SECONDS / 1000].map((n) => n.toFixed(1));
  console.log(`| ${kind} | ${workers} | ${perSecond.join(" | ")} kB | ${percent(share)} |`);
  return share;
}

async function measureRecord(name: string, open: (path: string) => EventObserver): Promise<void> {
  const path = Deno.makeTempFileSync();
  const run = async () => {
    using record = open(path);
    const begin = performance.now();
    await tellRun(record, 32, new ManualClock());
    return performance.now() - begin;
  };
  await run();
  const share = Math.max(0, await run() - await overheadMs(32)) / (SECONDS * 1000);
  console.log(`| ${name} | 32 | | | ${percent(share)} |`);
  Deno.removeSync(path);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

console.log(`## Showing a run of ${FILES} files in ${SECONDS} seconds, on 120 by 40 characters\n`);
console.log("| What | Workers | Writes/s | Output/s | Of a core |");
console.log("|---|---:|---:|---:|---:|");
const shares: number[] = [];
for (const kind of ["standard", "dashboard"] as const) {
  for (const workers of [5, 32, 512]) shares.push(await measureScreen(kind, workers));
}
await measureRecord("--json", (path) => {
  const file = Deno.openSync(path, { write: true });
  return new NdjsonWriter(new StreamSink(file));
});
await measureRecord("--log", (path) => new LogFile(path, console.error));
await measureRecord("--report", (path) => new ReportFile(path, "dlm", console.error));
if (Math.max(...shares) > LIMIT) {
  console.error(`Drawing takes more than ${percent(LIMIT)} of a core.`);
  Deno.exit(1);
}
