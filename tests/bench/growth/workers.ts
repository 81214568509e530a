import { Nginx } from "../../support/nginx.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { TINY } from "./first_files.ts";
import { costOfList, type Growth, type Point, writeList } from "./measured.ts";

const FILES = 4_096;

/** Each worker gets so many files of a server that takes its time. */
const SLOW_FILES = 2;

/** What 1 to 512 workers take. */
export async function workers(): Promise<Growth> {
  await using nginx = await Nginx.start({
    server: `${TINY} location /slow/ { alias www/; limit_rate 50000; }`,
  });
  await using dir = new TempDir();
  nginx.writeZeros("slow.bin", 100_000);
  const points: Point[] = [];
  for (let workers = 1; workers <= 512; workers *= 2) {
    const tiny = writeList(dir, FILES, (index) => nginx.url(`/tiny/${index}.bin`));
    const cost = await costOfList(dir, tiny, FILES, "-w", `${workers}`);
    points.push({ series: `${FILES} files of 16 bytes`, x: workers, cost, files: FILES });
    const files = SLOW_FILES * workers;
    const slow = writeList(dir, files, (index) => nginx.url(`/slow/slow.bin?${index}`));
    points.push({
      series: `${SLOW_FILES} slow files a worker`,
      x: workers,
      cost: await costOfList(dir, slow, files, "-w", `${workers}`),
      files,
    });
  }
  return {
    name: "workers",
    title: "workers",
    says:
      `${FILES} files of 16 bytes, whatever the number of workers; and ${SLOW_FILES} files of ` +
      "10⁵ bytes for each worker from a server that takes about two seconds for each.",
    isPerFile: false,
    points,
  };
}
