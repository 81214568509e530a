import { coreOf } from "./chan.ts";
import type { ChanState } from "./directions.ts";
import { type ChanReport, lineOf } from "./report.ts";

/**
 * What a channel holds and who waits on it, for tests and for finding out why a program is stuck.
 *
 * @throws {TypeError} if `chan` is not a {@linkcode Chan}.
 *
 * @example Seeing that nobody is left behind
 * ```ts
 * import { Chan, inspect } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const jobs = new Chan<string>();
 * const job = jobs.receive();
 * assertEquals(inspect(jobs).waiting, [{ operation: "receive", place: "call" }]);
 *
 * await jobs.send("report.pdf");
 * assertEquals(await job, ["report.pdf", true]);
 * assertEquals(inspect(jobs).waiting, []);
 * ```
 */
export function inspect(chan: ChanState): ChanReport {
  return coreOf(chan).report();
}

/**
 * The same in words, one line a channel: what Go's "all goroutines are asleep" tells of a program
 * that hangs.
 *
 * @throws {TypeError} if one of `chans` is not a {@linkcode Chan}.
 *
 * @example Asking a stuck program why
 * ```ts
 * import { Chan, describeWaiters } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const jobs = new Chan<string>(10, { name: "jobs" });
 * const results = new Chan<string>(0, { name: "results" });
 * const stuck = [jobs.receive(), jobs.receive(), results.receive()];
 *
 * assertEquals(
 *   describeWaiters(jobs, results),
 *   'channel "jobs": open, 0 of 10 values, waiting: 2 receive in a call\n' +
 *     'channel "results": open, 0 of 0 values, waiting: 1 receive in a call',
 * );
 *
 * jobs.close();
 * results.close();
 * await Promise.all(stuck);
 * ```
 */
export function describeWaiters(...chans: readonly ChanState[]): string {
  return chans.map((chan) => lineOf(coreOf(chan).report())).join("\n");
}
