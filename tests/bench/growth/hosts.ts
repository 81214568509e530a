import { Nginx } from "../../support/nginx.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { TINY } from "./first_files.ts";
import { costOfList, type Growth, type Point, writeList } from "./measured.ts";

const FILES = 4_000;
const WORKERS = "16";

/** What 1 to 1000 hosts take. */
export async function hosts(): Promise<Growth> {
  await using nginx = await Nginx.start({ server: TINY, everywhere: true });
  await using dir = new TempDir();
  const points: Point[] = [];
  for (const hosts of [1, 10, 100, 1_000]) {
    const path = writeList(dir, FILES, (index) => {
      const host = index % hosts;
      return nginx.url(`/tiny/${index}.bin`, `127.1.${host >> 8}.${host & 255}`);
    });
    const cost = await costOfList(dir, path, FILES, "-w", WORKERS);
    points.push({ series: `${FILES} files`, x: hosts, cost, files: FILES });
  }
  return {
    name: "hosts",
    title: "hosts",
    says: `${FILES} files of 16 bytes from so many addresses of 127.0.0.0/8 in turn, ${WORKERS} ` +
      "workers; of many hosts hardly one is asked twice over the same connection.",
    isPerFile: false,
    points,
  };
}
