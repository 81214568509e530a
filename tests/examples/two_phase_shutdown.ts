/**
 * Ctrl+C during work: first nothing new begins and what is under way may finish, then what is left
 * is cancelled at the deadline.
 *
 * The program sends the signal to itself, so that the example runs without a keyboard.
 */
import { Shutdown, ShutdownTimeoutError, WorkerPool } from "@dlm/dlm";

using shutdown = new Shutdown({ gracePeriodMs: 10_000 });

const pool = new WorkerPool(async (ms: number, { signal }) => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  await promise.finally(() => clearTimeout(timer));
  console.log(`done: the job of ${ms} ms`);
}, { workers: 3 });

await pool.pull([300, 600, 60_000, 70_000, 80_000]);
Deno.kill(Deno.pid, "SIGINT");

const { signal } = await shutdown.draining;
console.log(`${signal} received: no new jobs, ${pool.stats.active} are in flight`);
try {
  await pool.shutdownWithTimeout(1_500, { queued: "drop" });
} catch (error) {
  if (!(error instanceof ShutdownTimeoutError)) throw error;
  const { completed, cancelled, dropped } = error.report;
  console.log(`deadline: ${completed} completed, cancelled ${cancelled}, dropped ${dropped}`);
}
await pool.done;
console.log(`workers left: ${pool.stats.workers}, exit code ${shutdown.exitCode}`);
