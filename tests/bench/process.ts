import { TempDir } from "../support/temp_dir.ts";

/** What one run of a program has cost. */
export interface Cost {
  /** Seconds from its start to its end. */
  readonly wall: number;
  /** Seconds of processors, its own and the system's for it. */
  readonly cpu: number;
  /** The most memory that it has held. */
  readonly rssMiB: number;
}

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** Runs a command in `cwd`; `undefined` if it isn't there or fails. */
export async function costOf([program, ...args]: Command, cwd: string): Promise<Cost | undefined> {
  await using dir = new TempDir();
  const report = dir.file("time");
  const { code } = await new Deno.Command("/usr/bin/time", {
    args: ["-q", "-f", "%e %U %S %M", "-o", report, program, ...args],
    cwd,
    stdout: "null",
    stderr: "null",
  }).output();
  if (code !== 0) return undefined;
  const [wall = 0, user = 0, system = 0, rss = 0] = dir.read("time").split(" ").map(Number);
  return { wall, cpu: user + system, rssMiB: rss / 1024 };
}

/** Of each figure the middle one. */
export function median(costs: readonly Cost[]): Cost {
  const middle = (key: keyof Cost) =>
    costs.map((cost) => cost[key]).toSorted((a, b) => a - b)[costs.length >> 1]!;
  return { wall: middle("wall"), cpu: middle("cpu"), rssMiB: middle("rssMiB") };
}
