import { bytesPerSecondOf, fractionOf, remainingMsOf, shareOf } from "./_file_progress.ts";
import { hostPauses } from "./_host_pauses.ts";
import { bold, cyan, dim, green } from "./_style.ts";
import type { Size } from "./line.ts";
import type { ActiveFile, RunState } from "./state.ts";
import { clip, fit, printable, shorten, width } from "./text.ts";
import { bar, bytes, eta, percent, span, speed } from "./units.ts";

/**
 * The block that is redrawn while files are under way: a line a worker, one a host that is left
 * alone, and a total. When the run has been told to end there is also the time that is left of
 * `graceMs`. No line reaches the last column, whose filling makes some terminals wrap.
 */
export function liveBlock(
  state: RunState,
  size: Size,
  nowMs: number,
  graceMs = Infinity,
): string[] {
  const columns = Math.max(1, size.columns - 1);
  const total = totalLine(state, columns, nowMs);
  const room = size.rows - Math.max(FIXED_ROWS, Math.floor(size.rows / 3));
  if (room < 2) return [total];
  const notes = [...hostPauses(state.hosts, nowMs), ...graceLeft(state, nowMs, graceMs)]
    .slice(1 - room).map((line) => clip(line, columns));
  return ["", ...workerLines(state, room - notes.length, columns, nowMs), ...notes, total];
}

/** How long what is under way may still take. */
function graceLeft({ drainingSinceMs }: RunState, nowMs: number, graceMs: number): string[] {
  if (drainingSinceMs === undefined) return [];
  const leftMs = drainingSinceMs + graceMs - nowMs;
  if (leftMs <= 0) return [];
  const time = leftMs === Infinity ? "" : `${span(Math.ceil(leftMs / 1000) * 1000)} left; `;
  return [dim(`⏳ ${time}Ctrl+C stops at once`)];
}

/**
 * The blank line above, the total, the cursor's line, and one for what was said last. Larger screens
 * keep a third for that.
 */
const FIXED_ROWS = 4;

function workerLines(state: RunState, room: number, columns: number, nowMs: number): string[] {
  const active = [...state.active.values()].filter(({ worker }) => worker !== undefined);
  const shown = active.length <= room ? active : worthWatching(active, room - 1);
  const digits = `${Math.max(...active.map(({ worker }) => worker!))}`.length;
  const lines = shown.sort((a, b) => a.worker! - b.worker!)
    .map((file) => workerLine(file, digits, columns, nowMs));
  if (shown.length < active.length) {
    lines.push(dim(shorten(`  … and ${active.length - shown.length} more`, columns)));
  }
  return lines;
}

/**
 * The largest and the slowest, which are those that have been there longest: half of either. What
 * they are chosen by doesn't change as they go, so that the lines don't jump.
 */
function worthWatching(active: readonly ActiveFile[], count: number): ActiveFile[] {
  const size = ({ length, bytes }: ActiveFile) => length ?? bytes;
  const largest = active.toSorted((a, b) => size(b) - size(a)).slice(0, Math.ceil(count / 2));
  const chosen = new Set(largest);
  for (const file of active) {
    if (chosen.size >= count) break;
    chosen.add(file);
  }
  return [...chosen];
}

function workerLine(file: ActiveFile, digits: number, columns: number, nowMs: number): string {
  const number = `${file.worker}`.padStart(digits);
  const label = columns < 70 ? `${number}:` : `Worker ${number}:`;
  const rights = figures({
    fraction: fractionOf(file),
    share: shareOf(file),
    bytesPerSecond: bytesPerSecondOf(file, nowMs),
    remainingMs: remainingMsOf(file, nowMs),
  }, columns);
  for (const right of rights) {
    const room = columns - 2 - width(label) - 1 - 1 - right.width;
    if (room < LEAST_NAME) continue;
    return `${cyan("⚙")} ${label} ${fit(printable(file.name), room)} ${right.text}`.trimEnd();
  }
  return shorten(`⚙ ${label} ${printable(file.name)}`, columns).trimEnd();
}

/** A name that has less room says little. */
const LEAST_NAME = 8;

/** How far the whole run is. */
export function totalLine(state: RunState, columns: number, nowMs: number): string {
  const rights = figures({
    fraction: state.fraction,
    share: percent(state.fraction),
    bytesPerSecond: state.throughput.current(nowMs),
    remainingMs: remainingMs(state, nowMs),
  }, columns);
  const title = columns < 70 ? "Total" : "Total:  ";
  const count = `${state.ended}/${state.total} files`;
  for (const right of rights) {
    const room = columns - title.length - 1 - 1 - right.width;
    const counts = [`${count}  ${bytes(state.bytes)}`, count, `${state.ended}/${state.total}`]
      .find((counts) => width(counts) <= room);
    if (counts === undefined) continue;
    return `${bold(title)} ${fit(counts, room)} ${right.text}`.trimEnd();
  }
  return bold(shorten(`Total: ${count} ${bytes(state.bytes)}`, columns));
}

/**
 * The time until everything has ended: not before the last of the files under way is there, and no
 * later when nothing follows them.
 */
function remainingMs(state: RunState, nowMs: number): number | undefined {
  const times = [...state.active.values()].map((file) => remainingMsOf(file, nowMs));
  if (!state.draining) times.push(state.remainingMs(nowMs));
  const known = times.filter((ms) => ms !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

interface Figures {
  readonly fraction: number;
  readonly share: string;
  readonly bytesPerSecond: number;
  readonly remainingMs: number | undefined;
}

/**
 * The right part of a line, as wide in all of them so that bars and figures are lined up; then what
 * is left of it where there is no room for all.
 */
function figures(
  { fraction, share, bytesPerSecond, remainingMs }: Figures,
  columns: number,
): { text: string; width: number }[] {
  const cells = columns < 100 ? 10 : columns < 160 ? 20 : 40;
  const time = remainingMs === undefined ? "" : eta(remainingMs);
  const picture = bar(fraction, cells).replace(/█+/, green);
  const [part, pace] = [share.padStart(8), speed(bytesPerSecond).padStart(9)];
  const all = `${part}  ${pace}  ${time.padEnd(11)}`;
  return [
    { text: `${picture}${all}`, width: cells + 2 + all.length },
    ...[`${part}  ${pace}`, part].map((text) => ({ text, width: text.length })),
  ];
}
