/**
 * Measures dlm's channels beside Go's and those of other libraries, all in one run, and prints
 * Markdown: `deno task bench:chan`. Go is left out where it is not installed, a library where it
 * can't be had.
 *
 * Every library is measured in a process of its own, several times in turn, and the best counts, so
 * that neither another's compiled code nor a busy moment of the machine decides.
 *
 * @module
 */
import { machine, table } from "../rounds.ts";
import { nanosecondsOf } from "./measure.ts";
import { type ProgramName, PROGRAMS } from "./programs.ts";
import { subject as dlm } from "./subjects/dlm.ts";

const ROUNDS = 5;

const SUBJECTS = {
  dlm: "dlm",
  thi_ng_csp: "@thi.ng/csp",
  ts_chan: "ts-chan",
  async_channel: "async-channel",
  effect_queue: "effect Queue",
  std_async: "@std/async",
} as const;

type Column = keyof typeof SUBJECTS | "go";
type Results = Partial<Record<ProgramName, number>>;

const names = Object.keys(PROGRAMS) as ProgramName[];

/** A command's output, or undefined if there is no such command or it fails. */
async function outputOf(command: string, args: string[], cwd: URL): Promise<string | undefined> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, { args, cwd }).output();
    if (success) return new TextDecoder().decode(stdout);
    console.error(`${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error(`${command} is not installed`);
  }
  return undefined;
}

async function measureSubject(subject: string): Promise<Results | undefined> {
  const args = ["run", "--no-check", "--allow-all", "measure.ts", subject];
  const output = await outputOf(Deno.execPath(), args, new URL("./", import.meta.url));
  return output === undefined ? undefined : JSON.parse(output);
}

async function measureGo(): Promise<Results | undefined> {
  const args = ["test", "-bench", ".", "-benchtime", "300ms", "-cpu", "1"];
  const output = await outputOf("go", args, new URL("./go/", import.meta.url));
  if (output === undefined) return undefined;
  const times = new Map(
    output.matchAll(/^Benchmark(\w+)\s+\d+\s+([\d.]+) ns\/op/gm).map(([, name, time]) => [
      name,
      Number(time),
    ]),
  );
  const results: Results = {};
  for (const name of names) {
    const time = times.get(PROGRAMS[name].go);
    if (time !== undefined) results[name] = time;
  }
  return results;
}

function keepBest(best: Map<Column, Results>, column: Column, results: Results | undefined): void {
  if (results === undefined) return;
  const merged = best.get(column) ?? {};
  for (const name of names) {
    const time = results[name];
    if (time !== undefined) merged[name] = Math.min(time, merged[name] ?? Infinity);
  }
  best.set(column, merged);
}

function inNanoseconds(time: number | undefined): string {
  if (time === undefined) return "";
  return time.toLocaleString("en", { maximumFractionDigits: time < 100 ? 1 : 0 });
}

/** A time, and how many times dlm's it is. */
function compared(time: number | undefined, ours: number): string {
  return time === undefined ? "" : `${inNanoseconds(time)} (${(time / ours).toFixed(1)}×)`;
}

const best = new Map<Column, Results>();
const missing = new Set<Column>();
for (let round = 0; round < ROUNDS; round++) {
  for (const column of ["go", ...Object.keys(SUBJECTS)] as Column[]) {
    if (missing.has(column)) continue;
    const results = column === "go" ? await measureGo() : await measureSubject(column);
    if (results === undefined) missing.add(column);
    keepBest(best, column, results);
  }
}

const peers = [...best.keys()].filter((column) => column !== "go" && column !== "dlm");
console.log(`Nanoseconds an operation, the best of ${ROUNDS} rounds. ${machine()}`);
console.log(`Behind each other library: how many times dlm's time.\n`);
console.log(table(
  ["", "dlm", "Go", "dlm / Go", ...peers.map((peer) => SUBJECTS[peer as keyof typeof SUBJECTS])],
  names.map((name) => {
    const ours = best.get("dlm")?.[name] ?? NaN;
    const go = best.get("go")?.[name];
    return [
      PROGRAMS[name].title,
      inNanoseconds(ours),
      inNanoseconds(go),
      go === undefined ? "" : (ours / go).toFixed(2),
      ...peers.map((peer) => compared(best.get(peer)?.[name], ours)),
    ];
  }),
));

console.log("\nWaiters cancelled one by one, in an order without pattern:\n");
console.log(table(
  ["waiters", "ns a cancel"],
  await Array.fromAsync([1_000, 10_000, 100_000], async (waiters) => [
    waiters.toLocaleString("en"),
    inNanoseconds(await nanosecondsOf(dlm.cancel!, waiters)),
  ]),
));
