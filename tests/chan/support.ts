import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";
import { type ChanState, inspect } from "../../mod.ts";

/** One turn of the event loop: whatever can settle without a timer has settled after it. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** How a promise stands one turn from now. */
export async function stateOf(
  promise: Promise<unknown>,
): Promise<"pending" | "fulfilled" | "rejected"> {
  let state: "pending" | "fulfilled" | "rejected" = "pending";
  promise.then(() => state = "fulfilled", () => state = "rejected");
  await turn();
  return state;
}

export async function assertPending(promise: Promise<unknown>): Promise<void> {
  assertEquals(await stateOf(promise), "pending");
}

/** Law 53: whatever has run, nobody waits any more. */
export function assertNobodyWaits(...chans: ChanState[]): void {
  for (const chan of chans) assertEquals(inspect(chan).waiting, []);
}

/** The integers from 0 to `n - 1`. */
export function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
