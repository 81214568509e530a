import type { StageFigures } from "../download/mod.ts";
import { bold, cyan, dim, yellow } from "./_style.ts";
import { sparkline } from "./sparkline.ts";
import type { RunState } from "./state.ts";
import { fit, printable, styledWidth, width } from "./text.ts";
import { average, bytes, files, percent, rate, speed } from "./units.ts";

/** The pipeline in one line: of each stage the files that wait for it, and its rate. */
export function pipelineLine(stages: readonly StageFigures[], columns: number): string {
  const label = "Pipeline: ";
  const full = stages.map((stage) =>
    `${title(stage)} [${stage.queued}] ${rate(stage.perSecond)}/s`
  );
  if (width(label + full.join(ARROW)) <= columns) return bold(label) + full.join(ARROW);
  if (width(full.join(ARROW)) <= columns) return full.join(ARROW);
  return stages.map((stage) => `${title(stage)} ${stage.queued}`).join(ARROW);
}

const ARROW = " → ";

/** The pipeline as a table: of each stage everything that is known. */
export function stageTable(stages: readonly StageFigures[]): string[] {
  const line = ([name = "", ...cells]: readonly string[]) =>
    `${fit(name, 12)}${cells.map((cell) => cell.padStart(11)).join("")}`;
  return [
    bold(line(["Pipeline", "Waiting", "Active", "Processed", "Errors", "Average", "Rate"])),
    ...stages.map((stage, index) =>
      line([
        `${index === 0 ? "" : "→ "}${title(stage)}`,
        `${stage.queued}`,
        `${stage.active}`,
        `${stage.processed}`,
        `${stage.errors}`,
        stage.processed === 0 ? "–" : average(stage.averageMs),
        `${rate(stage.perSecond)}/s`,
      ])
    ),
  ];
}

/** Workers, queue, limit, and what the run is doing if it isn't simply going on. */
export function countsLine(
  state: RunState,
  view: Limits & { readonly paused: boolean },
  columns: number,
): string {
  const { bytesPerSecond, requestsPerSecond } = view;
  const limit = bytesPerSecond === Infinity ? "none" : speed(bytesPerSecond);
  const parts = [
    `Workers: ${state.busy}/${state.workers} active`,
    `Queue: ${state.waiting} pending`,
    `Limit: ${limit}`,
  ];
  if (requestsPerSecond !== Infinity) parts.push(`Requests: ${rate(requestsPerSecond)}/s`);
  if (view.paused) parts.push(yellow("PAUSED"));
  const gap = [6, 4, 2].find((gap) => styledWidth(parts.join(" ".repeat(gap))) <= columns) ?? 2;
  return parts.join(" ".repeat(gap));
}

/** The limits of a run; `Infinity` is none. */
interface Limits {
  readonly bytesPerSecond: number;
  readonly requestsPerSecond: number;
}

/** Statistics and performance side by side, with headings. */
export function statisticsLines(state: RunState, nowMs: number, rules: boolean): string[] {
  const pairs = figures(state, nowMs);
  const lines = pairs.map(([left, right]) =>
    `${left[0].padEnd(12)}${left[1].padEnd(LEFT_COLUMNS - 12)}${right[0].padEnd(12)}${right[1]}`
  );
  const head = bold("Statistics".padEnd(LEFT_COLUMNS) + "Performance");
  const line = dim(`${"━".repeat(LEFT_COLUMNS - 3)}   ${"━".repeat(23)}`);
  return rules ? [head, line, ...lines] : [head, ...lines];
}

/** The same in two short lines. */
export function statisticsRows(state: RunState, nowMs: number): string[] {
  const left = state.total - state.ended;
  return [
    `Completed ${state.completed}  Failed ${state.failed}  Remaining ${left}  ${
      bytes(state.throughput.bytes)
    }`,
    [
      `Now ${speed(state.throughput.current(nowMs))}`,
      `Average ${speed(state.throughput.average(nowMs))}`,
      `Peak ${speed(state.throughput.peak(nowMs))}`,
      percent(state.efficiency(nowMs)),
    ].join("  "),
  ];
}

/** The speed of the last minute as a line of bars. */
export function sparkLine(state: RunState, columns: number, nowMs: number): string {
  const seconds = state.throughput.lastMinute(nowMs);
  const highest = ` ${speed(Math.max(0, ...seconds))} at most`;
  const label = "Last minute ";
  const room = columns - label.length - width(highest);
  const cells = [60, 30, 20, 15, 10].find((cells) => cells <= room);
  return cells === undefined
    ? ""
    : `${bold(label)}${cyan(sparkline(seconds, cells, 60))}${highest}`;
}

/** The column where the second half begins. */
const LEFT_COLUMNS = 30;

type Figure = readonly [label: string, value: string];

function figures(state: RunState, nowMs: number): [Figure, Figure][] {
  return [
    [["Completed:", files(state.completed)], ["Current:", speed(state.throughput.current(nowMs))]],
    [["Failed:", files(state.failed)], ["Average:", speed(state.throughput.average(nowMs))]],
    [
      ["Downloaded:", bytes(state.throughput.bytes)],
      ["Peak:", speed(state.throughput.peak(nowMs))],
    ],
    [
      ["Remaining:", files(state.total - state.ended)],
      ["Efficiency:", percent(state.efficiency(nowMs))],
    ],
  ];
}

function title({ name }: StageFigures): string {
  const text = printable(name);
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
