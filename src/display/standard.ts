import { bold, cyan, dim, green, red, yellow } from "@std/fmt/colors";
import type {
  CompletedEvent,
  DownloadEvent,
  FailedEvent,
  FileProgress,
  Summary,
} from "../download/mod.ts";
import type { ActiveFile, RunState } from "./state.ts";
import { fit, printable, shorten, width } from "./text.ts";
import { bar, bytes, duration, files, seconds, speed } from "./units.ts";

/** One line of a configuration: what it is and how it is set. */
export type Setting = readonly [label: string, value: string];

/** The size of a screen in characters. */
export interface Size {
  /** Characters in a line. */
  readonly columns: number;
  /** Lines. */
  readonly rows: number;
}

/** A line, and whether it belongs to the errors. */
export interface Line {
  /** What it says; colours are escape sequences, nothing else is. */
  readonly text: string;
  /** Errors go to the standard error. */
  readonly error: boolean;
}

const RULE = "━".repeat(53);

/** What a run begins with. */
export function banner(version: string, settings: readonly Setting[]): string[] {
  return [
    bold(`Concurrent Download Manager v${version}`),
    dim(RULE),
    "",
    "Configuration:",
    ...settings.map(([label, value]) => `  ${`${label}:`.padEnd(15)} ${printable(value)}`),
    "",
    "Starting workers...",
    "",
  ];
}

/** What is said of an event when it happens; most events say nothing by themselves. */
export function eventLines(event: DownloadEvent): Line[] {
  switch (event.type) {
    case "completed":
      return [out(completedLine(event))];
    case "skipped":
      return [out(dim(`- ${named(event)} ${SKIPPED[event.reason]}`))];
    case "failed":
      return [err(failedLine(event))];
    case "rejected":
      return [err(`${red("✗")} Line ${event.line}: ${shorten(printable(event.message), 240)}`)];
    case "retrying": {
      const again = `retry ${event.retry}/${event.retries} in ${duration(event.delayMs)}`;
      const why = `${printable(event.message)} (${printable(event.url)})`;
      return [err(`${yellow("⚠")} ${named(event)} ${why}; ${again}`)];
    }
    case "cancelled":
      return [err(`${red("✗")} ${named(event)} cancelled (${howFar(event)})`)];
    default:
      return [];
  }
}

const SKIPPED = {
  exists: "is already here",
  unchanged: "is already here, and the server has nothing newer",
  duplicate: "has the same URL as a file before it",
} as const;

/** What is said when the run is told to end: what is still under way. */
export function drainingLines(inFlight: readonly FileProgress[], graceMs: number): Line[] {
  const count = inFlight.length;
  const lines = ["", "Shutdown signal received. Initiating graceful shutdown...", ""];
  if (count > 0) {
    const downloads = count === 1 ? "download" : "downloads";
    lines.push(
      `⏳ Waiting for ${count} in-flight ${downloads} to complete ` +
        `(at most ${duration(graceMs)}; Ctrl+C stops at once)...`,
      ...inFlight.map((file) => {
        const { bytes: got, length } = file;
        const progress = length ? `${bar(got / length, 20)} ${percent(got, length)}` : bytes(got);
        return `   ${named(file)} ${progress} - continuing...`;
      }),
      "",
    );
  }
  return lines.map(err);
}

/** What is said when the rest is given up. */
export function cancellingLine(reason: string): Line {
  return err(`${yellow("⏰")} ${printable(reason)}`);
}

/** What a run ends with. */
export function summaryLines(summary: Summary): string[] {
  const figures: [string, string][] = [
    ["Total Files", `${summary.files}`],
    ["Successful", `${summary.completed}`],
    ["Failed", `${summary.failed}`],
  ];
  if (summary.skipped > 0) figures.push(["Skipped", `${summary.skipped}`]);
  if (summary.dropped > 0) figures.push(["Not begun", `${summary.dropped}`]);
  if (summary.rejected > 0) figures.push(["Bad lines", `${summary.rejected}`]);
  figures.push(
    ["Total Size", bytes(summary.bytes)],
    ["Total Time", duration(summary.durationMs)],
    ["Avg Speed", speed(summary.bytes / summary.durationMs * 1000)],
  );
  return [...heading("Summary:"), ...figures.map(([label, value]) => figure(label, value, 18))];
}

/** What a run ends with that was told to end early. */
export function shutdownLines(summary: Summary, completedWhileDraining: number): string[] {
  const counts: [string, number][] = [
    ["Completed", summary.completed],
    ["In-flight done", completedWhileDraining],
    ["Failed", summary.failed],
    ["Cancelled", summary.cancelled],
    ["Queued dropped", summary.dropped],
  ];
  const shown = counts.filter(([label, count]) => label !== "Failed" || count > 0);
  return [
    ...heading("Shutdown Summary:"),
    ...shown.map(([label, count]) => figure(label, files(count), 17)),
    "",
    figure("Total downloaded", bytes(summary.bytes), 17),
    figure("Time", duration(summary.durationMs), 17),
    "",
    "Run the same command again to download the rest.",
  ];
}

/** The block that is redrawn while files are under way: a line a worker and a total. */
export function liveBlock(state: RunState, size: Size, nowMs: number, startedMs: number): string[] {
  const active = [...state.active.values()].sort((a, b) => a.worker - b.worker);
  const room = Math.max(1, size.rows - 4);
  const shown = active.length <= room ? active : mostInteresting(active, room - 1);
  const columns = Math.max(20, size.columns - 1);
  const lines = shown.map((file) => workerLine(file, columns, nowMs));
  if (shown.length < active.length) {
    lines.push(dim(shorten(`  … and ${active.length - shown.length} more`, columns)));
  }
  return ["", ...lines, totalLine(state, columns, nowMs, startedMs)];
}

/** The largest, since they take longest; in the order of their workers. */
function mostInteresting(active: readonly ActiveFile[], count: number): ActiveFile[] {
  return active
    .toSorted((a, b) => (b.length ?? b.bytes) - (a.length ?? a.bytes))
    .slice(0, count)
    .sort((a, b) => a.worker - b.worker);
}

function workerLine(file: ActiveFile, columns: number, nowMs: number): string {
  const perSecond = file.meter.bytesPerSecond(nowMs);
  const left = file.length === undefined ? undefined : (file.length - file.bytes) / perSecond;
  const figures = [
    file.length ? percent(file.bytes, file.length).padStart(4) : bytes(file.bytes).padStart(4),
    speed(perSecond).padStart(10),
    eta(left).padEnd(11),
  ];
  const cells = columns < 70 ? 10 : 20;
  const fraction = file.length ? file.bytes / file.length : 0;
  const label = `Worker ${file.worker}:`.padEnd(10);
  let right = `${bar(fraction, cells)} ${figures.join("  ")}`;
  let room = columns - label.length - width(right) - 4;
  if (room < 8) {
    right = figures[0]!;
    room = columns - label.length - width(right) - 4;
  }
  const text = fit(printable(file.name), Math.max(1, room));
  return `${cyan("⚙")} ${label} ${text} ${right.replace(/█+/, green)}`;
}

function totalLine(state: RunState, columns: number, nowMs: number, startedMs: number): string {
  const done = state.completed + state.failed + state.cancelled;
  const all = Math.max(state.queued, done);
  let underWay = 0;
  for (const { bytes, length } of state.active.values()) if (length) underWay += bytes / length;
  const fraction = all === 0 ? 0 : Math.min(1, (done + underWay) / all);
  const left = fraction === 0 ? undefined : (nowMs - startedMs) / 1000 * (1 / fraction - 1);
  const counts = `${done}/${all} files  ${bytes(state.bytes)}`;
  const figures = `${percent(fraction, 1).padStart(4)}  ` +
    `${speed(state.meter.bytesPerSecond(nowMs)).padStart(10)}  ${eta(left).padEnd(11)}`;
  const cells = columns < 70 ? 10 : 20;
  const room = columns - 9 - cells - 2 - width(figures) - 2;
  if (room < width(counts)) return bold(shorten(`Total: ${counts}  ${figures.trim()}`, columns));
  return `${bold("Total:")}   ${fit(counts, room + 1)} ${bar(fraction, cells)} ${figures}`;
}

function eta(secondsLeft: number | undefined): string {
  if (secondsLeft === undefined || !Number.isFinite(secondsLeft)) return "";
  return `ETA ${duration(Math.max(1, Math.round(secondsLeft)) * 1000).replace(/\.0s$/, "s")}`;
}

function completedLine(event: CompletedEvent): string {
  const notes: string[] = [];
  if (event.checksum) notes.push(`[${green("✓")} checksum verified]`);
  if (event.lengthUnknown) notes.push(`[${yellow("length unknown")}]`);
  if (event.attempts > 1) notes.push(`[attempt ${event.attempts}]`);
  const figures = `${bytes(event.bytes).padEnd(9)} ${seconds(event.durationMs).padEnd(7)}`;
  return `${green("✓")} ${named(event)} ${`${figures} ${notes.join(" ")}`.trimEnd()}`;
}

function failedLine({ name, url, message, advice }: FailedEvent): string {
  const what = `${red("Error:")} ${printable(message)} (${printable(url)})`;
  return `${red("✗")} ${named({ name })} ${what}${advice ? `; ${advice}` : ""}`;
}

/** Names are lined up; one that is longer than its column keeps its end in sight. */
function named({ name }: { readonly name: string }): string {
  const text = printable(name);
  return width(text) < NAME_COLUMNS ? fit(text, NAME_COLUMNS) : text;
}

const NAME_COLUMNS = 20;

function heading(text: string): string[] {
  return ["", dim(RULE), bold(text), dim(RULE), ""];
}

function figure(label: string, value: string, column: number): string {
  return `${`${label}:`.padEnd(column)} ${value}`;
}

function howFar({ bytes: got, length }: FileProgress): string {
  return length ? `${percent(got, length)} complete` : `${bytes(got)} received`;
}

function percent(part: number, whole: number): string {
  return `${Math.floor(whole === 0 ? 100 : part / whole * 100)}%`;
}

function out(text: string): Line {
  return { text, error: false };
}

function err(text: string): Line {
  return { text, error: true };
}
