/**
 * A pipeline that is watched while it runs: how much each stage has done, how fast, and where the
 * queue builds up.
 */
import { pipeline, type StageMetrics } from "@dlm/dlm";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const urls = Array.from({ length: 60 }, (_, i) => `https://example.com/${i}`);

const work = pipeline(urls)
  .map("validate", (url) => new URL(url))
  .map("download", async (url) => {
    await sleep(5);
    if (url.pathname.endsWith("7")) throw new Error("not found");
    return url.pathname;
  }, { workers: 4 })
  .map("checksum", async (path) => {
    await sleep(1);
    return path.length;
  });

function box({ name, processed, errors, averageMs, p99Ms, queueDepth }: StageMetrics): string {
  const ms = (value: number | undefined) => value === undefined ? "–" : `${value.toFixed(1)} ms`;
  return [
    `┌ ${name}`,
    `│ Processed: ${processed}  Errors: ${errors}  Queue: ${queueDepth}`,
    `└ Average: ${ms(averageMs)}  p99: ${ms(p99Ms)}`,
  ].join("\n");
}

const timer = setInterval(() => console.log(work.metrics.map(box).join("\n"), "\n"), 40);
const results = await work.collectResults();
clearInterval(timer);

console.log("Finished\n" + work.metrics.map(box).join("\n"));
console.log(`${results.filter(({ ok }) => ok).length} of ${results.length} came through`);
