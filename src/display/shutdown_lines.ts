import type { CompletedEvent, FileProgress, Summary } from "../download/mod.ts";
import { howFar, named } from "./_names.ts";
import { green, yellow } from "./_style.ts";
import { info, type Line, warning } from "./line.ts";
import { figure, heading } from "./run_lines.ts";
import { printable } from "./text.ts";
import { bar, bytes, duration, files, seconds, span } from "./units.ts";

/** What is said when the run is told to end: what is still under way. */
export function drainingLines(inFlight: readonly FileProgress[], graceMs: number): Line[] {
  const lines = ["", "Shutdown signal received. Initiating graceful shutdown...", ""];
  const count = inFlight.length;
  if (count > 0) {
    const limit = graceMs > 0 && Number.isFinite(graceMs) ? ` (at most ${span(graceMs)})` : "";
    lines.push(
      `⏳ Waiting for ${count} in-flight ${
        count === 1 ? "download" : "downloads"
      } to complete${limit}...`,
      ...inFlight.map((file) => {
        const progress = file.length ? `${bar(file.bytes / file.length, 20)} ` : "";
        return `   ${named(file)} ${progress}${howFar(file)} - continuing...`;
      }),
      "",
    );
  }
  return lines.map(warning);
}

/** What is said of a file that has ended well after the run was told to end. */
export function drainedLine(event: CompletedEvent): Line {
  const figures = `${bytes(event.bytes)} in ${seconds(event.durationMs)}`;
  return info(`${green("✓")} ${named(event)} completed (${figures})`);
}

/** What is said when the rest is given up; apart from the lines of files that have ended before. */
export function cancellingLines(reason: string, apart: boolean): Line[] {
  return [...apart ? [""] : [], `${yellow("⏰")} ${printable(reason)}`].map(warning);
}

/** What a run that was told to end early has come to. */
export interface ShutdownFigures {
  /** Files that ended well after it was told so. */
  readonly completedWhileDraining: number;
  /** Files of the list that had not been read. */
  readonly unread: number;
  /** Bytes that have come, also of files that are not complete. */
  readonly throughput: { readonly bytes: number };
}

/** Figures that are left out where they are nothing. */
const UNUSUAL: ReadonlySet<string> = new Set(["Failed", "Left in list"]);

/** What a run ends with that was told to end early. */
export function shutdownLines(
  summary: Summary,
  { completedWhileDraining, unread, throughput }: ShutdownFigures,
): string[] {
  const counts: [string, number][] = [
    ["Completed", summary.completed],
    ["In-flight done", completedWhileDraining],
    ["Failed", summary.failed],
    ["Cancelled", summary.cancelled],
    ["Queued dropped", summary.dropped],
    ["Left in list", unread],
  ];
  const shown = counts.filter(([label, count]) => count > 0 || !UNUSUAL.has(label));
  return [
    ...heading("Shutdown Summary:"),
    ...shown.map(([label, count]) => figure(label, files(count), 16)),
    "",
    figure("Total downloaded", bytes(throughput.bytes), 17),
    figure("Time", duration(summary.durationMs), 17),
    "",
    "What has arrived is kept. Run the same command again to download the rest.",
  ];
}
