/**
 * Measures one library in a process of its own: `deno run measure.ts dlm`. Prints the nanoseconds
 * that each program takes for one operation, as JSON.
 *
 * @module
 */
import { type Program, type ProgramName, PROGRAMS, type Subject } from "./programs.ts";

/** A measurement this long is not about the start. */
const ENOUGH_MS = 60;
const REPEATS = 4;

/** Cancelling gets slower with the number of waiters where each cancel searches them. */
const WAITERS = 10_000;

async function time(program: Program, n: number): Promise<number> {
  const start = performance.now();
  await program(n);
  return performance.now() - start;
}

/** The least time for one operation among several runs that each take long enough. */
export async function nanosecondsOf(program: Program, fixed?: number): Promise<number> {
  let n = fixed ?? 8;
  let best = await time(program, n);
  while (fixed === undefined && best < ENOUGH_MS) {
    n *= best < ENOUGH_MS / 8 ? 8 : 2;
    best = await time(program, n);
  }
  for (let i = 0; i < REPEATS; i++) best = Math.min(best, await time(program, n));
  return best * 1e6 / n;
}

if (import.meta.main) {
  const { subject }: { subject: Subject } = await import(`./subjects/${Deno.args[0]}.ts`);
  const results: Partial<Record<ProgramName, number>> = {};
  for (const name of Object.keys(PROGRAMS) as ProgramName[]) {
    const program = subject[name];
    if (program === undefined) continue;
    results[name] = await nanosecondsOf(program, name === "cancel" ? WAITERS : undefined);
  }
  console.log(JSON.stringify(results));
}
