/**
 * Workers that stop calling a service that is down, and try again after a while.
 *
 * While the circuit is open calls fail at once, so jobs don't pile up behind a dead service.
 */
import { CircuitBreaker, CircuitOpenError, consume, WorkerPool } from "@dlm/dlm";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const breaker = new CircuitBreaker({
  failureThreshold: 3,
  resetTimeoutMs: 50,
  onStateChange: ({ to }) => console.log(`circuit ${to}`),
});

let isUp = false;
async function callService(job: number): Promise<string> {
  await sleep(1);
  if (!isUp) throw new Error("connection refused");
  return `job ${job} done`;
}

const pool = new WorkerPool(
  (job: number) => breaker.call(() => callService(job)),
  { workers: 1, results: "ordered" },
);

await pool.pull([1, 2, 3, 4, 5]);
while (breaker.state !== "open") await sleep(1);
await sleep(60);
isUp = true;
await pool.pull([6, 7]);
await pool.shutdown();

await consume(pool.results, (result) => {
  if (result.ok) console.log(result.value);
  else if (result.error instanceof CircuitOpenError) console.log(`job ${result.job} not tried`);
  else console.log(`job ${result.job} failed: ${result.error}`);
});
