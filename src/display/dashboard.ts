import type { StageFigures } from "../download/mod.ts";
import { problemLines } from "./_dashboard_problems.ts";
import {
  countsLine,
  pipelineLine,
  sparkLine,
  stageTable,
  statisticsLines,
  statisticsRows,
} from "./_dashboard_figures.ts";
import { WorkerRows } from "./_dashboard_workers.ts";
import { bold, cyan, dim } from "./_style.ts";
import type { Size } from "./line.ts";
import { totalLine } from "./live_block.ts";
import type { RunState } from "./state.ts";
import { clip } from "./text.ts";

/** What a dashboard shows besides the run's state. */
export interface DashboardView {
  /** What each stage of the pipeline does. */
  readonly stages: readonly StageFigures[];
  /** The limit for all files together; `Infinity` is none. */
  readonly bytesPerSecond: number;
  /** The limit for requests; `Infinity` is none. */
  readonly requestsPerSecond: number;
  /** The run is paused. */
  readonly paused: boolean;
  /** How many workers are above the first one shown. */
  readonly scroll: number;
  /** Whether the keys are explained. */
  readonly help: boolean;
  /** Whether keys are read at all. */
  readonly keys: boolean;
}

/** A dashboard as it fits a screen, and how far it could be scrolled. */
export interface DashboardFrame {
  /** The rows, from the top; none reaches the last column. */
  readonly lines: string[];
  /** How many workers can be above the first one shown. */
  readonly maxScroll: number;
}

/** How much there is to see: with little room the decoration goes first, then the details. */
interface Detail {
  /** Lines above the workers. */
  readonly head: readonly string[];
  /** Whether a rule ends the workers. */
  readonly ruled: boolean;
  /** Lines between the workers and what went wrong. */
  readonly middle: readonly string[];
  /** How many lines must be left for workers and problems. */
  readonly least: number;
}

/** The whole screen as lines. */
export function dashboard(
  state: RunState,
  view: DashboardView,
  size: Size,
  nowMs: number,
): DashboardFrame {
  const columns = Math.max(1, Math.min(size.columns - 1, WIDEST));
  const details = LEVELS.values().map((level) => level(state, view, columns, nowMs));
  const room = ({ head, ruled, middle }: Detail) =>
    size.rows - head.length - Number(ruled) - middle.length - 1;
  const detail = details.find((one) => room(one) >= one.least) ?? NOTHING;
  const free = Math.max(0, room(detail));
  const { lines, maxScroll } = view.help
    ? { lines: [...detail.head, ...helpLines()], maxScroll: 0 }
    : workersAndProblems(state, view, detail, free, columns, nowMs);
  const above = Math.max(0, size.rows - 1);
  const all = [...lines.slice(0, above), ...new Array(Math.max(0, above - lines.length)).fill("")];
  return { lines: [...all, keyLine(view, columns)].map((line) => clip(line, columns)), maxScroll };
}

/** Wider lines are harder to read. */
const WIDEST = 160;

const NOTHING: Detail = { head: [], ruled: false, middle: [], least: 0 };

type Level = (state: RunState, view: DashboardView, columns: number, nowMs: number) => Detail;

const spacious: Level = (state, view, columns, nowMs) => ({
  head: [
    ...titleBox(columns),
    "",
    ...stageTable(view.stages),
    "",
    countsLine(state, view, columns),
    totalLine(state, columns, nowMs),
    "",
    rule(columns),
  ],
  ruled: true,
  middle: [
    "",
    ...statisticsLines(state, nowMs, true),
    "",
    sparkLine(state, columns, nowMs),
    "",
  ],
  least: 12,
});

const normal: Level = (state, view, columns, nowMs) => ({
  head: [
    ...titleBox(columns),
    pipelineLine(view.stages, columns),
    countsLine(state, view, columns),
    totalLine(state, columns, nowMs),
    rule(columns),
  ],
  ruled: true,
  middle: [...statisticsLines(state, nowMs, false), sparkLine(state, columns, nowMs)],
  least: 7,
});

const compact: Level = (state, view, columns, nowMs) => ({
  head: [
    bold(TITLE),
    pipelineLine(view.stages, columns),
    countsLine(state, view, columns),
    totalLine(state, columns, nowMs),
    rule(columns),
  ],
  ruled: true,
  middle: [...statisticsRows(state, nowMs), sparkLine(state, columns, nowMs)],
  least: 4,
});

const tiny: Level = (state, view, columns, nowMs) => ({
  head: [countsLine(state, view, columns)],
  ruled: false,
  middle: [totalLine(state, columns, nowMs)],
  least: 1,
});

/** The most generous first. */
const LEVELS: readonly Level[] = [spacious, normal, compact, tiny];

function workersAndProblems(
  state: RunState,
  view: DashboardView,
  { head, ruled, middle }: Detail,
  free: number,
  columns: number,
  nowMs: number,
): DashboardFrame {
  const workers = new WorkerRows(state);
  const most = Math.max(1, Math.floor(free / 3));
  const problems = problemLines(state, nowMs, most > 3, columns);
  const wanted = Math.min(problems.length, most);
  const forWorkers = Math.min(workers.length, Math.max(free - wanted, Math.min(1, free)));
  const maxScroll = workers.length - forWorkers;
  const first = Math.max(0, Math.min(view.scroll, maxScroll));
  const shown = workers.slice(first, forWorkers, columns, nowMs);
  const seen = maxScroll === 0 ? "" : ` ${first + 1}–${first + forWorkers} of ${workers.length} `;
  const end = ruled ? [rule(columns, seen)] : [];
  const lines = [...head, ...shown, ...end, ...middle, ...problems.slice(0, free - forWorkers)];
  return { lines, maxScroll };
}

const TITLE = "Download Manager Dashboard";

function titleBox(columns: number): string[] {
  const inside = Math.max(TITLE.length + 2, columns - 2);
  const left = Math.floor((inside - TITLE.length) / 2);
  const title = `${" ".repeat(left)}${bold(TITLE)}${" ".repeat(inside - TITLE.length - left)}`;
  const edge = "═".repeat(inside);
  return [cyan(`╔${edge}╗`), `${cyan("║")}${title}${cyan("║")}`, cyan(`╚${edge}╝`)];
}

/** A line across, with a text near its end. */
function rule(columns: number, text = ""): string {
  const end = text === "" ? "" : `${text}━━━`;
  return dim(`${"━".repeat(Math.max(0, columns - end.length))}${end}`);
}

function keyLine({ keys, help }: DashboardView, columns: number): string {
  if (!keys) return dim("Press Ctrl+C for graceful shutdown");
  if (help) return dim("Press ? to go back, q to quit");
  const lines = [
    "Press 'q' to quit, Ctrl+C for graceful shutdown, p pause, +/- limit, r/R requests, w/W workers, ↑↓ scroll, ? help",
    "Press 'q' to quit, Ctrl+C for graceful shutdown, p pause, +/- limit, w/W workers, ? all keys",
    "Press 'q' to quit, Ctrl+C for graceful shutdown, p pause, ? all keys",
    "q quit, p pause, +/- limit, w/W workers, ? help",
  ];
  return dim(lines.find((line) => line.length <= columns) ?? "q quit, ? help");
}

function helpLines(): string[] {
  const keys = [
    ["q, Ctrl+C", "end gracefully: begin nothing new, finish what is under way"],
    ["p", "pause, and go on"],
    ["+, -", "raise and lower the limit of the speed"],
    ["r, R", "raise and lower the limit of the requests"],
    ["w, W", "one worker more, one fewer"],
    ["↑, ↓, PgUp, PgDn", "scroll through the workers"],
    ["?", "show all keys, and go back"],
  ];
  return [
    ...keys.map(([key = "", what = ""]) => `  ${bold(key.padEnd(17))} ${what}`),
    "",
    "  Pipeline: the files that wait for a stage, and those that it ends per second.",
    "  Efficiency: the share of the workers' time in which they had a file.",
  ];
}
