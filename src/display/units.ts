import { format as formatBytes } from "@std/fmt/bytes";
import { format as formatDuration } from "@std/fmt/duration";

/** A number of bytes in powers of 1000, with one decimal below 100: `8.5 MB`, `650 MB`, `1.2 GB`. */
export function bytes(count: number): string {
  const whole = Math.max(0, Math.round(count));
  if (whole < 1000) return formatBytes(whole);
  const unit = 1000 ** Math.floor(Math.log10(whole) / 3);
  const step = whole < 100 * unit ? unit / 10 : unit;
  return formatBytes(Math.round(whole / step) * step);
}

/** A speed: `9.1 MB/s`. What is no number yet is no speed. */
export function speed(bytesPerSecond: number): string {
  return `${bytes(Number.isFinite(bytesPerSecond) ? bytesPerSecond : 0)}/s`;
}

/** The time that one file took: `40ms`, `2.3s`, `85.2s`, `12m 4s`. */
export function seconds(ms: number): string {
  if (ms < 99.5) return `${Math.round(ms)}ms`;
  return ms < 599_950 ? `${(ms / 1000).toFixed(1)}s` : duration(ms);
}

/** What something takes on average, which may be next to nothing: `18µs`, `4.2ms`, `2.3s`. */
export function average(ms: number): string {
  if (ms < 0.9995) return `${Math.round(ms * 1000)}µs`;
  return ms < 9.95 ? `${ms.toFixed(1)}ms` : seconds(ms);
}

/** A longer time, to the second: `2m 15s`; below ten seconds to the tenth. */
export function duration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)}s`;
  return rounded(ms, 1000);
}

/** A time that somebody has set or that counts down: `8s`, `0.4s`, `2m`. */
export function span(ms: number): string {
  return duration(ms).replace(".0s", "s");
}

/** The time that is left, as precise as one can be about it: `ETA 42s`, `ETA 5m`, `ETA 3h 20m`. */
export function eta(ms: number): string {
  if (!(ms >= 0 && ms < 100 * DAY_MS)) return "";
  if (ms < 10 * MINUTE_MS) return `ETA ${rounded(Math.max(1000, ms), 1000)}`;
  return `ETA ${rounded(ms, ms < DAY_MS ? MINUTE_MS : HOUR_MS)}`;
}

/** `2.54` as `2.5`, `340.4` as `340`: a rate, with one decimal below ten. */
export function rate(perSecond: number): string {
  return `${perSecond < 9.95 ? Math.round(perSecond * 10) / 10 : Math.round(perSecond)}`;
}

/** `18 files`, `1 file`. */
export function files(count: number): string {
  return `${count} ${count === 1 ? "file" : "files"}`;
}

/** A share, rounded down so that 100% means all of it. */
export function percent(fraction: number): string {
  return `${Math.floor(Math.max(0, Math.min(1, fraction)) * 100 + 1e-9)}%`;
}

/** A progress bar of `cells` characters and its brackets, as `[████░░░░]`. */
export function bar(fraction: number, cells: number): string {
  const full = Math.max(0, Math.min(cells, Math.floor(fraction * cells + 1e-9)));
  return `[${"█".repeat(full)}${"░".repeat(cells - full)}]`;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function rounded(ms: number, stepMs: number): string {
  const style = { style: "narrow", ignoreZero: true } as const;
  return formatDuration(Math.round(ms / stepMs) * stepMs, style);
}
