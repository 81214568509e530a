import { format as formatBytes } from "@std/fmt/bytes";
import { format as formatDuration } from "@std/fmt/duration";

/** A number of bytes in powers of 1000: `8.5 MB`. */
export function bytes(count: number): string {
  return formatBytes(count, { maximumFractionDigits: count < 1e8 ? 1 : 0, locale: "en-US" });
}

/** A speed: `9.1 MB/s`. */
export function speed(bytesPerSecond: number): string {
  return `${bytes(Number.isFinite(bytesPerSecond) ? bytesPerSecond : 0)}/s`;
}

/** The time that one file took: `40ms`, `2.3s`, `85.2s`, `12m 4s`. */
export function seconds(ms: number): string {
  if (ms < 100) return `${Math.round(ms)}ms`;
  return ms < 600_000 ? `${(ms / 1000).toFixed(1)}s` : duration(ms);
}

/** A longer time, to the second: `2m 15s`; below ten seconds to the tenth. */
export function duration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)}s`;
  return formatDuration(Math.round(ms / 1000) * 1000, { style: "narrow", ignoreZero: true });
}

/** `18 files`, `1 file`. */
export function files(count: number): string {
  return `${count} ${count === 1 ? "file" : "files"}`;
}

/** A progress bar of `cells` characters, as `[████░░░░]`. */
export function bar(fraction: number, cells: number): string {
  const full = Math.max(0, Math.min(cells, Math.floor(fraction * cells)));
  return `[${"█".repeat(full)}${"░".repeat(cells - full)}]`;
}
