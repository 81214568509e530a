import { eventLines } from "./event_lines.ts";
import { hostPauses } from "./_host_pauses.ts";
import { bold } from "./_style.ts";
import type { RunState } from "./state.ts";

/** The hosts that are left alone, and what went wrong, latest first; nothing if nothing did. */
export function problemLines(state: RunState, nowMs: number, titled: boolean): string[] {
  const problems = state.problems.toReversed().flatMap(eventLines).map(({ text }) => text);
  const lines = [...hostPauses(state.hosts, nowMs), ...problems];
  return titled && lines.length > 0 ? [bold("Recent errors:"), ...lines] : lines;
}
