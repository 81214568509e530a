/**
 * Measures how time and memory grow with the list, the file, the workers and the hosts. Prints
 * Markdown, and draws the curves into `growth/`: `deno task bench:growth [list|size|workers|hosts]`.
 *
 * Everything comes from an nginx on this machine and goes to the folder for temporary files
 * (`TMPDIR`). With `DLM_BINARY` it measures the executable that this names, otherwise the sources.
 */
import { chart, type Curve } from "./chart.ts";
import { hosts } from "./growth/hosts.ts";
import { list } from "./growth/list.ts";
import type { Growth, Point } from "./growth/measured.ts";
import { size } from "./growth/size.ts";
import { workers } from "./growth/workers.ts";
import { fileSystem, machine, table } from "./rounds.ts";

const ALL: Record<string, () => Promise<Growth>> = { list, size, workers, hosts };

const wanted = Deno.args.length > 0 ? Deno.args : Object.keys(ALL);
const disk = await fileSystem(Deno.env.get("TMPDIR") ?? "/tmp");
console.log(`## Growth\n\n${machine()}, files on ${disk}. One run each.`);
for (const name of wanted) {
  const growth = await ALL[name]!();
  console.log(`\n### ${growth.title}\n\n${growth.says}\n\n${tableOf(growth)}`);
  const picture = new URL(`growth/${growth.name}.svg`, import.meta.url);
  Deno.writeTextFileSync(picture, draw(growth));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", picture.pathname] }).output();
}

function tableOf({ title, points }: Growth): string {
  return table(
    [title, "what", "files", "seconds", "µs a file", "CPU µs a file", "RSS MiB"],
    points.map(({ series, x, cost, files }) => [
      x.toLocaleString("en"),
      series,
      files.toLocaleString("en"),
      cost.wall.toFixed(2),
      ...[cost.wall, cost.cpu].map((time) => files === 1 ? "" : (time / files * 1e6).toFixed(0)),
      cost.rssMiB.toFixed(0),
    ]),
  );
}

/** Times beside memory. */
function draw({ title, isPerFile, points }: Growth): string {
  const time = (key: "wall" | "cpu") =>
    curves(points, ({ cost, files }) => isPerFile ? cost[key] / files * 1e6 : cost[key]);
  const per = isPerFile ? "µs a file" : "seconds";
  return chart(title, [
    { title: per, curves: time("wall") },
    { title: `${per}, processors`, curves: time("cpu") },
    { title: "peak memory, MiB", curves: curves(points, ({ cost }) => cost.rssMiB) },
  ]);
}

function curves(points: readonly Point[], figure: (point: Point) => number): Curve[] {
  return [...Map.groupBy(points, ({ series }) => series)].map(([name, own]) => ({
    name,
    points: own.map((point) => [point.x, figure(point)] as const),
  }));
}
