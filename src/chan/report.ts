/**
 * Somebody who waits on a channel.
 *
 * @example
 * ```ts
 * import { Chan, inspect, receiveFrom, select, type WaitReport } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const jobs = new Chan<string>();
 * const got = select({ job: receiveFrom(jobs) });
 * const [wait]: readonly WaitReport[] = inspect(jobs).waiting;
 * assertEquals(wait, { operation: "receive", place: "select", key: "job" });
 *
 * jobs.close();
 * await got;
 * ```
 */
export interface WaitReport {
  /** What it waits to do. */
  readonly operation: "send" | "receive";
  /** Where it waits: in a call of that name, in a loop over the channel, or in a select. */
  readonly place: "call" | "loop" | "select";
  /** The key of the select's case. */
  readonly key?: string;
}

/**
 * A channel at one moment.
 *
 * @example
 * ```ts
 * import { Chan, type ChanReport, inspect } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const report: ChanReport = inspect(new Chan<string>(2, { name: "jobs" }));
 * assertEquals(report, { name: "jobs", length: 0, capacity: 2, closed: false, waiting: [] });
 * ```
 */
export interface ChanReport {
  /** The name it was given, if any. */
  readonly name: string | undefined;
  /** The values in the buffer. */
  readonly length: number;
  /** The values that the buffer can hold. */
  readonly capacity: number;
  /** Whether it has been closed. */
  readonly closed: boolean;
  /** Who waits, in the order in which they will be served. */
  readonly waiting: readonly WaitReport[];
}

/** The report as a line: `channel "jobs": open, 0 of 10 values, waiting: 2 receive in a loop`. */
export function lineOf(report: ChanReport): string {
  const title = report.name === undefined ? "channel" : `channel "${report.name}"`;
  const state = report.closed ? "closed" : "open";
  return `${title}: ${state}, ${report.length} of ${report.capacity} values, waiting: ${
    countAlike(report.waiting.map(phraseOf)) || "nobody"
  }`;
}

function phraseOf({ operation, place, key }: WaitReport): string {
  return `${operation} in a ${place}${key === undefined ? "" : ` as "${key}"`}`;
}

/** "2 x, 1 y" for ["x", "y", "x"]. */
function countAlike(phrases: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const phrase of phrases) counts.set(phrase, (counts.get(phrase) ?? 0) + 1);
  return [...counts].map(([phrase, count]) => `${count} ${phrase}`).join(", ");
}
