import { dim } from "./_style.ts";
import type { HostPause } from "./state.ts";
import { printable } from "./text.ts";
import { span } from "./units.ts";

/** A line for each host that is left alone, with the time that is left. */
export function hostPauses(hosts: ReadonlyMap<string, HostPause>, nowMs: number): string[] {
  return [...hosts].filter(([, { untilMs }]) => untilMs > nowMs).map(([host, pause]) => {
    const why = pause.reason === "failing" ? "keeps failing" : "asked for a pause";
    const time = span(Math.ceil((pause.untilMs - nowMs) / 1000) * 1000);
    return dim(`⏸ ${printable(host)} ${why}: ${time} left`);
  });
}
