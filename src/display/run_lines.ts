import type { Summary } from "../download/mod.ts";
import { bold, dim } from "./_style.ts";
import { printable } from "./text.ts";
import { bytes, duration, speed } from "./units.ts";

/** One line of a configuration: what it is and how it is set. */
export type Setting = readonly [label: string, value: string];

const RULE = dim("━".repeat(53));

/** What a run begins with. */
export function banner(version: string, settings: readonly Setting[]): string[] {
  return [
    bold(`Concurrent Download Manager v${version}`),
    RULE,
    "",
    "Configuration:",
    ...settings.map(([label, value]) => `  ${figure(label, printable(value), 15)}`),
    "",
    "Starting workers...",
    "",
  ];
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
  figures.push(["Total Size", bytes(summary.bytes)]);
  if (summary.resumedBytes > 0) figures.push(["Resumed", bytes(summary.resumedBytes)]);
  const received = summary.bytes - summary.resumedBytes;
  figures.push(
    ["Total Time", duration(summary.durationMs)],
    ["Avg Speed", speed(received / summary.durationMs * 1000)],
  );
  return [...heading("Summary:"), ...figures.map(([label, value]) => figure(label, value, 18))];
}

/** A title between two rules. */
export function heading(text: string): string[] {
  return ["", RULE, bold(text), RULE, ""];
}

/** A label and, in its column, a value. */
export function figure(label: string, value: string, column: number): string {
  return `${`${label}:`.padEnd(column)} ${value}`;
}
