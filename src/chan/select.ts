import { Branch } from "./_branch.ts";
import { choose } from "./_choice.ts";
import { type Outcome, SelectWait } from "./_select_wait.ts";
import { fulfilled } from "./_turn.ts";
import type { Cases, Selected } from "./case.ts";
import type { WaitOptions } from "./options.ts";

/**
 * How a select chooses.
 *
 * @example Looking at the stop signal before anything else
 * ```ts
 * import { Chan, receiveFrom, trySelect } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const stop = new Chan<void>();
 * const jobs = new Chan<string>(1);
 * await jobs.send("report.pdf");
 * stop.close();
 *
 * const cases = { stop: receiveFrom(stop), job: receiveFrom(jobs) };
 * assertEquals(trySelect(cases, { biased: true })?.key, "stop");
 * ```
 */
export interface SelectOptions {
  /**
   * Takes the first ready case in the order of the record (which puts keys like `"1"` first)
   * instead of a random one. A case that is always ready then starves those after it.
   */
  readonly biased?: boolean | undefined;
}

/**
 * Waits until one of several things can happen, and makes exactly that one happen, as Go's
 * `select`.
 *
 * - If several can happen now, chance decides, each being equally likely, so that none starves;
 *   `biased` takes the first instead.
 * - The others leave no trace: no value is taken or given, no waiter, timer or listener stays.
 * - A case over a null channel never happens; over no cases at all, only the signal ends the wait.
 * - Receiving from a closed channel is always ready, with `ok` false once it is drained. Sending to
 *   one is ready as well, and rejects if it is chosen.
 *
 * Cancelling ends the wait with nothing taken or given.
 *
 * @throws {ChanClosedError} if the case chosen sends to a closed channel.
 * @throws {UndeliveredError} with the value, if a channel that it offers a value to closes.
 * @throws what {@linkcode Chan.close} was given, if the case chosen receives from a channel that
 * failed, and the reason of a rejected promise, if that is what happened.
 * @throws the signal's reason, if it aborts before or during the wait.
 * @throws {TypeError} if a case is not one.
 *
 * @example Whatever comes first
 * ```ts
 * import { after, Chan, receiveFrom, select } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const jobs = new Chan<string>(1);
 * await jobs.send("report.pdf");
 *
 * const got = await select({ job: receiveFrom(jobs), late: after(1_000) });
 * switch (got.key) {
 *   case "job":
 *     assertEquals(got.value, "report.pdf");
 *     break;
 *   case "late":
 *     throw new Error("No job came within a second");
 * }
 * ```
 */
export function select<const C extends Cases>(
  cases: C,
  options?: SelectOptions & WaitOptions,
): Promise<Selected<C>> {
  const signal = options?.signal;
  if (signal?.aborted) return Promise.reject(signal.reason);
  try {
    const outcome = attempt(cases, options?.biased);
    if (outcome !== undefined) return fulfilled(outcome as Selected<C>);
  } catch (error) {
    return Promise.reject(error);
  }
  const wait = new SelectWait(signal);
  try {
    for (const key in cases) branchOf(cases, key).park(wait, key);
  } catch (error) {
    wait.fail(error);
  }
  return wait.promise as Promise<Selected<C>>;
}

/**
 * Makes one of several things happen if any can at this instant, and returns undefined if none
 * can: Go's `select` with a `default`.
 *
 * It chooses and fails as {@linkcode select} does.
 *
 * @throws {ChanClosedError} if the case chosen sends to a closed channel.
 * @throws what {@linkcode Chan.close} was given, if the case chosen receives from a channel that
 * failed, and the reason of a rejected promise, if that is what happened.
 * @throws {TypeError} if a case is not one.
 *
 * @example Sending only where there is room
 * ```ts
 * import { Chan, sendTo, trySelect } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const metrics = new Chan<number>(1);
 * assertEquals(trySelect({ sent: sendTo(metrics, 1) }), { key: "sent" });
 * assertEquals(trySelect({ sent: sendTo(metrics, 2) }), undefined);
 * ```
 */
export function trySelect<const C extends Cases>(
  cases: C,
  options?: SelectOptions,
): Selected<C> | undefined {
  return attempt(cases, options?.biased) as Selected<C> | undefined;
}

/** Makes one of the ready cases happen, if there are any. */
function attempt(cases: Cases, biased: boolean | undefined): Outcome | undefined {
  let ready = 0;
  let chosen: Branch<unknown> | undefined;
  let chosenKey = "";
  for (const key in cases) {
    const branch = branchOf(cases, key);
    if (!branch.ready()) continue;
    if (ready++ > 0) continue;
    chosen = branch;
    chosenKey = key;
    if (biased) break;
  }
  if (ready > 1) {
    chosenKey = nthReady(cases, choose(ready));
    chosen = branchOf(cases, chosenKey);
  }
  return chosen?.happen(chosenKey);
}

/** The key of the ready case that has `n` others before it. */
function nthReady(cases: Cases, n: number): string {
  let nth = "";
  for (const key in cases) {
    if (branchOf(cases, key).ready() && n-- === 0) nth = key;
  }
  return nth;
}

function branchOf(cases: Cases, key: string): Branch<unknown> {
  const branch = cases[key];
  if (branch instanceof Branch) return branch;
  throw new TypeError(
    `Cannot select: case "${key}" must be made by receiveFrom, sendTo, after or settled, got ${branch}`,
  );
}
