/**
 * Measures downloads beside whatever other downloaders are installed, all from one nginx on this
 * machine, in turn. Prints Markdown: `deno task bench:downloads [RUNS]`. With `DLM_BINARY` it
 * measures the executable that this names, otherwise the sources.
 */
import { dlmCommand } from "../support/dlm.ts";
import { Nginx } from "../support/nginx.ts";
import { TempDir } from "../support/temp_dir.ts";
import { LIMITED, type Race, RACES } from "./downloads/races.ts";
import { type Command, type Cost, costOf, median } from "./process.ts";
import { fileSystem, machine, table, versionOf } from "./rounds.ts";

const runs = Number(Deno.args[0] ?? 3);
await using nginx = await Nginx.start({ server: LIMITED });
await using dir = new TempDir();
const disk = await fileSystem(dir.path);
console.log(`## Downloads

${machine()}, files on ${disk}; ${await versions()}. Median of ${runs} runs in turn;
seconds, MiB.

The others leave out some of the work. Only dlm waits until the bytes are on the disk, unless it is
told not to. curl and the loop write under the final name, so that a file which is broken off looks
like a whole one. curl checks no sums, so sha256sum does it after the last file. The segments come
from a server that sends 20 MiB a second over each connection, of which curl opens one.
`);
const rows: string[][] = [];
for (const race of RACES) rows.push(...await run(race));
console.log(table(["files", "program", "wall", "CPU", "RSS", "dlm ÷ it"], rows));

/** Measures every program of a race; the fastest comes first. */
async function run({ name, count, prepare, isSlow }: Race): Promise<string[][]> {
  const commands = Object.entries(await prepare(nginx, dir));
  const costs = new Map<string, Cost[]>();
  for (let run = isSlow ? 1 : 0; run <= runs; run++) {
    for (const [program, command] of commands) {
      const cost = await measure(command, count);
      if (cost && run > 0) costs.set(program, [...costs.get(program) ?? [], cost]); // the first warms up
    }
  }
  const medians = [...costs].map(([program, all]) => ({ program, ...median(all) }));
  const dlm = medians.find(({ program }) => program === "dlm")?.wall ?? NaN;
  return medians.toSorted((a, b) => a.wall - b.wall).map(({ program, wall, cpu, rssMiB }) => [
    name,
    program,
    wall.toFixed(2),
    cpu.toFixed(2),
    rssMiB.toFixed(0),
    (dlm / wall).toFixed(2),
  ]);
}

/** Runs a command in an empty folder; `undefined` if it isn't there or did not get every file. */
async function measure(command: Command, count: number): Promise<Cost | undefined> {
  const out = dir.file("out");
  await Deno.mkdir(out);
  try {
    const cost = await costOf(command, out);
    return [...Deno.readDirSync(out)].length === count ? cost : undefined;
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

/** What takes part, and in which version. */
async function versions(): Promise<string> {
  const all = await Promise.all([
    versionOf(...dlmCommand(["--version"])),
    versionOf("aria2c", "--version"),
    versionOf("curl", "--version"),
    versionOf("wget2", "--version"),
    versionOf("nginx", "-v"),
  ]);
  return all.filter((version) => version !== undefined).join(", ");
}
