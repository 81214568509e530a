import { eventLines } from "./event_lines.ts";
import { hostPauses } from "./_host_pauses.ts";
import { bold } from "./_style.ts";
import type { RunState } from "./state.ts";

/** What went wrong, latest first, below the hosts that are left alone; nothing if nothing did. */
export function problemLines(state: RunState, nowMs: number): string[] {
  const problems = state.problems.toReversed().flatMap(eventLines).map(({ text }) => text);
  const lines = [...hostPauses(state.hosts, nowMs), ...problems];
  return lines.length === 0 ? [] : [bold("Recent errors:"), ...lines];
}
