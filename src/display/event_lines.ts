import type {
  CompletedEvent,
  DownloadEvent,
  FailedEvent,
  HostPausedEvent,
  RetryingEvent,
  SkippedEvent,
} from "../download/mod.ts";
import { error, info, type Line, warning } from "./line.ts";
import { howFar, named } from "./_names.ts";
import { dim, green, red, yellow } from "./_style.ts";
import { printable, shorten } from "./text.ts";
import { bytes, seconds, span, speed } from "./units.ts";

/** What is said of an event when it happens, in one line; most events say nothing by themselves. */
export function eventLines(event: DownloadEvent): Line[] {
  switch (event.type) {
    case "completed":
      return [info(completedLine(event))];
    case "skipped":
      return [info(skippedLine(event))];
    case "failed":
      return [error(failedLine(event))];
    case "rejected":
      return [
        error(`${red("✗")} Line ${event.line}: ${shorten(printable(event.message), LONGEST)}`),
      ];
    case "retrying": {
      const why = `${printable(event.message)} (${printable(event.url)})`;
      const again = event.kind === "checksum"
        ? redownloading(event)
        : `retry ${event.retry}/${event.retries} ${when(event)}`;
      return [warning(`${yellow("⚠")} ${named(event)} ${why}; ${again}`)];
    }
    case "cancelled": {
      const state = event.length ? "complete" : "received";
      return [error(`${red("✗")} ${named(event)} cancelled (${howFar(event)} ${state})`)];
    }
    case "host-paused":
      return [warning(`${yellow("⚠")} ${hostPaused(event)}`)];
    case "host-resumed":
      return [
        warning(`${green("✓")} ${printable(event.host)} answers again; its circuit is closed`),
      ];
    default:
      return [];
  }
}

/**
 * As {@linkcode eventLines}, for people: what takes a longer look has a line for each of its
 * parts. Only for a terminal; programs that read the standard error get one line an event.
 */
export function eventBlock(event: DownloadEvent): Line[] {
  if (event.type !== "retrying" && event.type !== "failed") return eventLines(event);
  if (event.kind === "checksum") return mismatch(event);
  if (event.type === "failed") return eventLines(event);
  return parts(`${yellow("⚠")} Error downloading ${printable(event.name)}`, [
    ["URL", printable(event.url)],
    ["Error", printable(event.message)],
    ["Retry", `attempt ${event.retry}/${event.retries} ${when(event)}`],
  ]).map(warning);
}

/** A file's bytes have come, but they are not the ones that were expected. */
function mismatch(event: RetryingEvent | FailedEvent): Line[] {
  const last = event.type === "failed";
  const action = last ? `given up; ${printable(event.advice ?? "")}` : redownloading(event);
  const digests: Part[] = event.expected === undefined || event.got === undefined
    ? [["Error", printable(event.message)]]
    : [["Expected", event.expected], ["Got", event.got]];
  return parts(`${red("✗")} Pipeline stage failed: checksum verification`, [
    ["File", printable(event.name)],
    ...digests,
    ["Action", action],
  ]).map(last ? error : warning);
}

/** When another attempt begins. */
function when({ delayMs }: RetryingEvent): string {
  return delayMs < 50 ? "at once" : `in ${span(delayMs)}`;
}

function redownloading({ delayMs }: RetryingEvent): string {
  return delayMs < 1000 ? "re-downloading" : `re-downloading in ${span(delayMs)}`;
}

/** What is said when downloads come as fast as they may. */
export function throttleLine(bytesPerSecond: number): Line {
  const limit = speed(bytesPerSecond);
  return warning(`${yellow("⚠")} Rate limit reached. Throttling downloads to ${limit}...`);
}

/** A line's own words are cut here; a list may hold anything. */
const LONGEST = 240;

const SKIPPED = {
  exists: "is already here",
  unchanged: "is already here, and the server has nothing newer",
  duplicate: "has the same URL as a file before it",
} as const;

function completedLine(event: CompletedEvent): string {
  const notes: string[] = [];
  if (event.checksum) notes.push(`[${green("✓")} checksum verified]`);
  if (event.lengthUnknown) notes.push(`[${yellow("length unknown")}]`);
  if (event.resumedAt) notes.push(`[resumed at ${bytes(event.resumedAt)}]`);
  if (event.attempts > 1) notes.push(`[attempt ${event.attempts}]`);
  const figures = `${bytes(event.bytes).padEnd(9)} ${seconds(event.durationMs).padEnd(7)}`;
  return `${green("✓")} ${named(event)} ${`${figures} ${notes.join(" ")}`.trimEnd()}`;
}

function skippedLine(event: SkippedEvent): string {
  const line = dim(`- ${named(event)} ${SKIPPED[event.reason]}`);
  return event.checksum ? `${line} [${green("✓")} checksum verified]` : line;
}

function failedLine({ name, url, message, advice }: FailedEvent): string {
  const what = `${red("Error:")} ${printable(message)} (${printable(url)})`;
  return `${red("✗")} ${named({ name })} ${what}${advice ? `; ${printable(advice)}` : ""}`;
}

function hostPaused({ host, reason, delayMs }: HostPausedEvent): string {
  const [name, time] = [printable(host), span(delayMs)];
  if (reason === "retry-after") {
    return `${name} asks to be left alone for ${time}; its files wait, the others go on`;
  }
  return `${name} keeps failing: its circuit is open, the next try is in ${time}`;
}

/** A title, and below it what belongs to it. */
function parts(title: string, parts: readonly Part[]): string[] {
  const column = Math.max(6, ...parts.map(([label]) => label.length)) + 1;
  return [title, ...parts.map(([label, value]) => `  ${`${label}:`.padEnd(column)} ${value}`)];
}

type Part = readonly [label: string, value: string];
