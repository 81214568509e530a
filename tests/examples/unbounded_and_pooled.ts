/**
 * A hundred jobs at once, or five workers that share them.
 *
 * Starting everything at once opens as many files or connections as there are jobs. A pool does the
 * same work with as many as the other side can bear.
 */
import { WorkerPool } from "@dlm/dlm";

const files = Array.from({ length: 100 }, (_, i) => `file${i}.txt`);

let open = 0;
let most = 0;

async function processFile(name: string): Promise<number> {
  most = Math.max(most, ++open);
  await new Promise((resolve) => setTimeout(resolve, 2));
  open--;
  return name.length;
}

await Promise.all(files.map(processFile));
console.log(`unbounded: ${files.length} files, ${most} open at once`);

most = 0;
const pool = new WorkerPool(processFile, { workers: 5 });
await pool.pull(files);
await pool.shutdown();
console.log(`pooled:    ${pool.stats.completed} files, ${most} open at once`);
