import { Nginx } from "../../support/nginx.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { firstFiles, TINY } from "./first_files.ts";
import { costOfList, type Growth, type Point, writeList } from "./measured.ts";

const WORKERS = "16";

/** A real run of a longer list is ended after so many files. */
const MOST_FILES = 60_000;

/** What a list of 10³ to 10⁶ lines takes. */
export async function list(): Promise<Growth> {
  await using nginx = await Nginx.start({ server: TINY });
  await using dir = new TempDir();
  const points: Point[] = [];
  const begun: string[] = [];
  for (const lines of [1_000, 10_000, 100_000, 1_000_000]) {
    const path = writeList(dir, lines, (index) => nginx.url(`/tiny/${index}.bin`));
    const dry = await costOfList(dir, path, lines, "--dry-run");
    points.push({ series: "dry run", x: lines, cost: dry, files: lines });
    if (lines <= MOST_FILES) {
      const cost = await costOfList(dir, path, lines, "-w", WORKERS);
      points.push({ series: "download", x: lines, cost, files: lines });
      continue;
    }
    const first = await firstFiles(nginx, path, dir.file("out"), MOST_FILES, "-w", WORKERS);
    points.push({ series: "download", x: lines, cost: first.cost, files: MOST_FILES });
    const memory = first.tenthsMiB.map((mib) => mib.toFixed(0)).join(", ");
    begun.push(
      `Of ${lines.toLocaleString("en")} lines the first request is sent ` +
        `${first.firstRequest.toFixed(2)} s after the start of the program; ` +
        `after each ${MOST_FILES / 10} files it holds ${memory} MiB.`,
    );
  }
  return {
    name: "list",
    title: "lines of the list",
    says: `Files of 16 bytes, ${WORKERS} workers, start and end of the program included. ` +
      `Of lists longer than ${MOST_FILES} lines the download is ended after ${MOST_FILES} files. ` +
      begun.join(" "),
    isPerFile: true,
    points,
  };
}
