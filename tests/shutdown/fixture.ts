/**
 * A program with three jobs under way: the first ends when draining begins, the second with the
 * line "finish" on standard input, the third never. Prints what happens, a line each.
 */
import { Shutdown } from "../../src/shutdown/mod.ts";

const [gracePeriodMs] = Deno.args.map(Number);

/** Takes the place of work: keeps the process alive until it finishes or is cancelled. */
async function job(name: string, finished: Promise<unknown>, cancelled: Promise<unknown>) {
  const alive = setInterval(() => {}, 60_000);
  const how = await Promise.race([
    finished.then(() => "finished"),
    cancelled.then(() => "cancelled"),
  ]);
  clearInterval(alive);
  console.log(`${name} ${how}`);
}

async function run(): Promise<number> {
  using shutdown = new Shutdown({ gracePeriodMs });
  shutdown.onPhase(({ phase, cause, signal }) => console.log(`${phase} by ${signal ?? cause}`));
  const line = Deno.stdin.readable.getReader().read();
  const never = new Promise<never>(() => {});
  const jobs = [shutdown.draining, line, ...(gracePeriodMs === Infinity ? [] : [never])];
  const running = jobs.map((finished, i) => job(`job ${i + 1}`, finished, shutdown.cancelled));
  console.log("ready");
  await Promise.all(running);
  return shutdown.exitCode ?? 0;
}

Deno.exit(await run());
