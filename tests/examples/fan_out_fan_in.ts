/**
 * One channel of work, three workers, one channel of results.
 *
 * The first run takes results as they are ready, the second in the order of the work.
 */
import { fanIn, fanOut, generate } from "@dlm/dlm";

const delaysMs = [150, 50, 100, 50, 50, 100];

async function work(ms: number): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return `${ms} ms`;
}

for (const ordered of [false, true]) {
  const started = performance.now();
  const workers = fanOut(generate(delaysMs), 3, work, { ordered });
  const results = await Array.fromAsync(fanIn(workers, { ordered }));
  const tookMs = performance.now() - started;

  console.log(`${ordered ? "in order" : "as ready"}: ${results.join(", ")}`);
  const oneByOneMs = delaysMs.reduce((sum, ms) => sum + ms);
  console.log(`  faster than one by one: ${tookMs < oneByOneMs ? "yes" : "no"}`);
}
