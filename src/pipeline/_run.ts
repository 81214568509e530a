import type { Clock } from "../clock/mod.ts";
import { StageMonitor } from "./_monitor.ts";
import { TaskGroup } from "./task_group.ts";

/** One run of a pipeline: the tasks of its stages, which end together, and what watches them. */
export class Run {
  readonly clock: Clock;
  /** Whether the first failure ends the run; otherwise failures travel on as values. */
  readonly failFast: boolean;
  readonly group: TaskGroup;
  readonly monitors: StageMonitor[] = [];

  constructor(clock: Clock, signal: AbortSignal | undefined, failFast: boolean) {
    this.clock = clock;
    this.failFast = failFast;
    this.group = new TaskGroup({ signal });
  }

  get signal(): AbortSignal {
    return this.group.signal;
  }

  watch(name: string, input: { readonly length: number }): StageMonitor {
    const monitor = new StageMonitor(name, this.clock, input);
    this.monitors.push(monitor);
    return monitor;
  }
}
