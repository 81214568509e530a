/**
 * Measures the worker pool: what an empty job costs beside other pools, and how much faster several
 * workers are than one. Prints Markdown.
 *
 * `deno task bench:pool`
 */
import { WorkerPool } from "@dlm/dlm";
import fastq from "npm:fastq@1.20.3";
import pLimit from "npm:p-limit@7.3.3";
import PQueue from "npm:p-queue@9.3.5";
import { type Contestant, fastest, machine, table } from "./rounds.ts";

const JOBS = 200_000;
const WORKERS = 5;
const ROUNDS = 9;

const empty = async () => {};

function* jobs(): Generator<number> {
  for (let job = 0; job < JOBS; job++) yield job;
}

async function pulled(): Promise<void> {
  const pool = new WorkerPool(empty, { workers: WORKERS });
  await pool.pull(jobs());
  await pool.shutdown();
}

async function ran(): Promise<void> {
  const pool = new WorkerPool(empty, { workers: WORKERS });
  await Promise.all(Array.from(jobs(), (job) => pool.run(job)));
  await pool.shutdown();
}

async function fastqPushed(): Promise<void> {
  const queue = fastq.promise(empty, WORKERS);
  for (const job of jobs()) queue.push(job);
  await queue.drained();
}

async function fastqAwaited(): Promise<void> {
  const queue = fastq.promise(empty, WORKERS);
  await Promise.all(Array.from(jobs(), (job) => queue.push(job)));
}

async function pQueueAdded(): Promise<void> {
  const queue = new PQueue({ concurrency: WORKERS });
  for (const _ of jobs()) queue.add(empty);
  await queue.onIdle();
}

async function pQueueAwaited(): Promise<void> {
  const queue = new PQueue({ concurrency: WORKERS });
  await Promise.all(Array.from(jobs(), () => queue.add(empty)));
}

async function pLimitAwaited(): Promise<void> {
  const limit = pLimit(WORKERS);
  await Promise.all(Array.from(jobs(), () => limit(empty)));
}

async function compare(): Promise<void> {
  const best = await fastest([
    ["WorkerPool, `pull`", pulled],
    ["fastq, `push` and `drained`", fastqPushed],
    ["p-queue, `add` and `onIdle`", pQueueAdded],
    ["WorkerPool, `run` of each", ran],
    ["fastq, `push` of each", fastqAwaited],
    ["p-queue, `add` of each", pQueueAwaited],
    ["p-limit, call of each", pLimitAwaited],
  ], ROUNDS);
  const rows = [...best].map(([name, ms]) => [
    name,
    ms.toFixed(0),
    (ms * 1e6 / JOBS).toFixed(0),
    (ms / best.get("WorkerPool, `pull`")!).toFixed(2),
  ]);
  console.log(`${JOBS} empty jobs, ${WORKERS} workers, best of ${ROUNDS} (${machine()})\n`);
  console.log(table(["", "ms", "ns a job", "times `pull`"], rows) + "\n");
}

const SLEEPS = 320;

const sleep = () => new Promise((resolve) => setTimeout(resolve, 10));

async function sleptInLoop(): Promise<void> {
  for (let i = 0; i < SLEEPS; i++) await sleep();
}

async function sleptInPool(workers: number): Promise<void> {
  const pool = new WorkerPool(sleep, { workers });
  await pool.pull(Array.from({ length: SLEEPS }, (_, i) => i));
  await pool.shutdown();
}

async function speedUp(): Promise<void> {
  const counts = [1, 2, 4, 8, 16];
  const best = await fastest([
    ["loop", sleptInLoop],
    ...counts.map((workers): Contestant => [`${workers}`, () => sleptInPool(workers)]),
  ], 3);
  const loop = best.get("loop")!;
  const rows = counts.map((workers) => {
    const ms = best.get(`${workers}`)!;
    const times = loop / ms;
    return [
      `${workers}`,
      ms.toFixed(0),
      times.toFixed(2),
      `${(times / workers * 100).toFixed(1)}%`,
    ];
  });
  console.log(`${SLEEPS} jobs of 10 ms; one after the other in a loop: ${loop.toFixed(0)} ms\n`);
  console.log(table(["workers", "ms", "times as fast", "of ideal"], rows));
}

await compare();
await speedUp();
