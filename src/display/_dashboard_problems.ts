import { eventLines } from "./event_lines.ts";
import { hostPauses } from "./_host_pauses.ts";
import { bold, red, yellow } from "./_style.ts";
import type { Problem, RunState } from "./state.ts";
import { fit, printable } from "./text.ts";

/** The hosts that are left alone, and what went wrong, latest first; nothing if nothing did. */
export function problemLines(
  state: RunState,
  nowMs: number,
  titled: boolean,
  columns: number,
): string[] {
  const problems = state.problems.toReversed().flatMap((problem) => textsOf(problem, columns));
  const lines = [...hostPauses(state.hosts, nowMs), ...problems];
  return titled && lines.length > 0 ? [bold("Recent errors:"), ...lines] : lines;
}

/** As in the standard mode, but what matters comes before the edge: no address, and a name of its room. */
function textsOf(problem: Problem, columns: number): string[] {
  if (problem.type !== "retrying" && problem.type !== "failed") {
    return eventLines(problem).map(({ text }) => text);
  }
  const name = fit(printable(problem.name), Math.max(8, Math.min(40, Math.floor(columns / 4))));
  const message = printable(problem.message);
  if (problem.type === "failed") {
    const advice = problem.advice ? `; ${printable(problem.advice)}` : "";
    return [`${red("✗")} ${name} ${red("Error:")} ${message}${advice}`];
  }
  const again = problem.kind === "checksum"
    ? "re-downloading"
    : `retry ${problem.retry}/${problem.retries}`;
  return [`${yellow("⚠")} ${name} ${again}: ${message}`];
}
