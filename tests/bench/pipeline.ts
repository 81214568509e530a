/**
 * Measures what a pipeline of three stages costs beside a plain loop that does the same work. Prints
 * Markdown.
 *
 * `deno task bench:pipeline`
 */
import { pipeline } from "@dlm/dlm";
import { fastest, machine, table } from "./rounds.ts";

const ITEMS = 2_000;
const ROUNDS = 15;
const STAGES = 3;

const bytes = Uint8Array.from({ length: 1_024 }, (_, i) => i * 31);

/** Keeps the processor busy with a checksum (FNV-1a), so that no step can be left out. */
function spin(steps: number, seed: number): number {
  let hash = seed | 0;
  for (let step = 0; step < steps; step++) {
    hash = Math.imul(hash ^ bytes[step & 1_023]!, 16_777_619);
  }
  return hash;
}

/** How many steps take so many microseconds here and now. */
function stepsFor(microseconds: number): number {
  let steps = 1_000;
  let perStep = Infinity;
  for (let round = 0; round < 200; round++) {
    const started = performance.now();
    spin(steps, round);
    const tookMs = performance.now() - started;
    perStep = Math.min(perStep, tookMs * 1_000 / steps);
    if (tookMs < 1) steps *= 2;
  }
  return Math.round(microseconds / perStep);
}

const items = Array.from({ length: ITEMS }, (_, i) => i);

async function measure(microseconds: number): Promise<string[]> {
  const steps = microseconds === 0 ? 0 : stepsFor(microseconds / STAGES);
  const work = (n: number) => spin(steps, n);
  const best = await fastest([
    ["loop", () => Promise.resolve(items.map((n) => work(work(work(n)))))],
    ["pipeline", () => pipeline(items).map("a", work).map("b", work).map("c", work).collect()],
  ], ROUNDS);
  const [loop, piped] = ["loop", "pipeline"].map((name) => best.get(name)! * 1_000 / ITEMS);
  return [
    `${microseconds} µs`,
    loop!.toFixed(2),
    piped!.toFixed(2),
    (piped! - loop!).toFixed(2),
    microseconds === 0 ? "" : `${((piped! / loop! - 1) * 100).toFixed(1)}%`,
  ];
}

const rows = [];
for (const microseconds of [0, 100, 1_000]) rows.push(await measure(microseconds));
console.log(`${ITEMS} items, ${STAGES} stages, best of ${ROUNDS} (${machine()})\n`);
console.log(
  table(["work an item", "loop, µs an item", "pipeline", "difference", "overhead"], rows),
);
