/**
 * Measures downloads beside whatever other downloaders are installed, all from one nginx on this
 * machine, in turn. Prints Markdown: `deno task bench:downloads [RUNS]`. With `DLM_BINARY` it
 * measures the executable that this names, otherwise the sources.
 *
 * What the others do is not quite the same: curl writes under the final name and nobody but dlm
 * waits until the bytes are on the disk.
 */
import { dlmCommand } from "../support/dlm.ts";
import { Nginx } from "../support/nginx.ts";
import { TempDir } from "../support/temp_dir.ts";
import { machine, table } from "./rounds.ts";

/** So many files of one size. */
interface Mix {
  readonly name: string;
  readonly count: number;
  readonly bytes: number;
  readonly workers: number;
}

const MIXES: readonly Mix[] = [
  { name: "2000 × 16 KiB", count: 2000, bytes: 16 << 10, workers: 16 },
  { name: "200 × 1 MiB", count: 200, bytes: 1 << 20, workers: 16 },
  { name: "4 × 256 MiB", count: 4, bytes: 256 << 20, workers: 4 },
];

/** What one run has cost. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
  readonly rssMiB: number;
}

type Command = readonly [program: string, ...args: string[]];

const runs = Number(Deno.args[0] ?? 3);
await using nginx = await Nginx.start();
await using dir = new TempDir();
console.log(`## Downloads\n\n${machine()}. Median of ${runs} runs in turn; seconds, MiB.\n`);
const rows: string[][] = [];
for (const mix of MIXES) rows.push(...await race(mix));
console.log(table(["files", "program", "wall", "CPU", "RSS", "dlm ÷ it"], rows));

/** Measures every program on one mix; the fastest comes first. */
async function race(mix: Mix): Promise<string[][]> {
  const urls = serve(mix);
  const list = dir.write("urls.txt", urls.join("\n"));
  dir.write("curl.conf", urls.map((url) => `url = "${url}"\n`).join(""));
  const costs = new Map<string, Cost[]>();
  for (let run = 0; run <= runs; run++) {
    for (const [name, command] of Object.entries(commands(list, mix.workers))) {
      const cost = await measure(command, mix);
      if (cost && run > 0) costs.set(name, [...costs.get(name) ?? [], cost]); // the first warms up
    }
  }
  const medians = [...costs].map(([name, all]) => ({ name, ...median(all) }));
  const dlm = medians.find(({ name }) => name === "dlm")!;
  return medians.toSorted((a, b) => a.wall - b.wall).map(({ name, wall, cpu, rssMiB }) => [
    mix.name,
    name,
    wall.toFixed(2),
    cpu.toFixed(2),
    rssMiB.toFixed(0),
    (dlm.wall / wall).toFixed(2),
  ]);
}

/** Puts the files of a mix where nginx serves them. */
function serve({ count, bytes }: Mix): string[] {
  const body = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) {
    crypto.getRandomValues(body.subarray(at, Math.min(bytes, at + 65_536)));
  }
  return Array.from({ length: count }, (_, index) => {
    const name = `${bytes}-${index}.bin`;
    nginx.write(name, body);
    return nginx.url(`/${name}`);
  });
}

function commands(list: string, workers: number): Record<string, Command> {
  const out = dir.file("out");
  const curl = ["-s", "-Z", "--parallel-max", `${workers}`, "--parallel-immediate"];
  return {
    dlm: dlmCommand(["download", "--urls", list, "-d", out, "-w", `${workers}`, "-q"]),
    aria2: ["aria2c", "-q", "-i", list, "-j", `${workers}`, "-d", out, "--file-allocation=none"],
    curl: ["curl", ...curl, "--remote-name-all", "-K", dir.file("curl.conf")],
    wget2: ["wget2", "-q", "--no-config", "--http2=off", `--max-threads=${workers}`, "-i", list],
  };
}

/** Runs a command in an empty folder; `undefined` if it isn't there or did not get every file. */
async function measure([program, ...args]: Command, { count }: Mix): Promise<Cost | undefined> {
  const out = dir.file("out");
  await Deno.mkdir(out);
  const report = dir.file("time");
  try {
    const { code } = await new Deno.Command("/usr/bin/time", {
      args: ["-q", "-f", "%e %U %S %M", "-o", report, program, ...args],
      cwd: out,
      stdout: "null",
      stderr: "null",
    }).output();
    if (code !== 0 || [...Deno.readDirSync(out)].length !== count) return undefined;
    const [wall = 0, user = 0, system = 0, rss = 0] = dir.read("time").split(" ").map(Number);
    return { wall, cpu: user + system, rssMiB: rss / 1024 };
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

function median(costs: readonly Cost[]): Cost {
  const middle = (key: keyof Cost) =>
    costs.map((cost) => cost[key]).toSorted((a, b) => a - b)[costs.length >> 1]!;
  return { wall: middle("wall"), cpu: middle("cpu"), rssMiB: middle("rssMiB") };
}
