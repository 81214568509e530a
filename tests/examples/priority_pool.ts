/**
 * Jobs that matter more go first, in the order of their coming among equals.
 *
 * With `agingMs` a job that has waited long counts as more urgent, so the low ones are not starved
 * by a stream of high ones.
 */
import { WorkerPool } from "@dlm/dlm";

const LEVELS = { low: 0, normal: 1, high: 2 };

interface Report {
  readonly title: string;
  readonly level: keyof typeof LEVELS;
}

const pool = new WorkerPool(({ title, level }: Report) => {
  console.log(`processing ${level} priority job: ${title}`);
}, { workers: 1, priority: ({ level }) => LEVELS[level], agingMs: 60_000 });

pool.pause();
await pool.pull([
  { title: "weekly statistics", level: "low" },
  { title: "invoice", level: "normal" },
  { title: "fraud alert", level: "high" },
  { title: "newsletter", level: "low" },
  { title: "password reset", level: "high" },
]);
pool.resume();
await pool.shutdown();
