/**
 * Runs 100,000 selects that all lose against silent channels, a promise and a signal, and prints
 * how much the heap grew during the last 80,000 and how many waiters are left.
 *
 * Needs `--v8-flags=--expose-gc`.
 *
 * @module
 */
import { Chan, inspect, receiveFrom, select, sendTo, settled } from "../../mod.ts";

const { gc } = globalThis as unknown as { gc: () => void };

const silent = new Chan<number>();
const live = new Chan<number>();
const forever = new Promise<never>(() => {});
const abort = new AbortController();

async function loseSelects(rounds: number): Promise<void> {
  for (let i = 0; i < rounds; i++) {
    const selected = select({
      silent: receiveFrom(silent),
      alsoSilent: sendTo(silent, 1),
      forever: settled(forever),
      live: receiveFrom(live),
    }, { signal: abort.signal });
    live.trySend(i);
    await selected;
  }
}

async function heapUsed(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  gc();
  return Deno.memoryUsage().heapUsed;
}

await loseSelects(20_000);
const before = await heapUsed();
await loseSelects(80_000);
const grownBytes = await heapUsed() - before;
const waiting = inspect(silent).waiting.length + inspect(live).waiting.length;
console.log(JSON.stringify({ waiting, grownBytes }));
