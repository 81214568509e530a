/**
 * A pool that has as many workers as there is work for.
 *
 * A worker comes when five jobs wait, up to four of them, and leaves when it has had nothing to do
 * for 30 ms, down to one. It can be resized by hand, too.
 */
import { WorkerPool } from "@dlm/dlm";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const pool = new WorkerPool(() => sleep(40), {
  workers: { min: 1, max: 4, growAt: 5, idleMs: 30 },
});

let last = pool.stats.workers;
function report(): void {
  const { workers, queued } = pool.stats;
  if (workers > last) console.log(`scaled up to ${workers} workers (queue: ${queued})`);
  if (workers < last) console.log(`scaled down to ${workers} workers`);
  last = workers;
}

for (let job = 0; job < 20; job++) {
  await pool.submit(job);
  report();
}
while (pool.stats.workers > 1) {
  await sleep(1);
  report();
}

pool.resize(2);
report();
await pool.shutdown();
console.log(`${pool.stats.completed} jobs done`);
