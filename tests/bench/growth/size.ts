import { Nginx } from "../../support/nginx.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { costOfList, type Growth, type Point } from "./measured.ts";

/** What is missing of a file that was begun. */
const MISSING = 100_000_000;

/** What a file of 10⁶ to 10¹⁰ bytes takes. */
export async function size(): Promise<Growth> {
  await using nginx = await Nginx.start();
  await using dir = new TempDir();
  const points: Point[] = [];
  const measure = async (series: string, bytes: number, begin: () => Promise<void> | void) => {
    nginx.writeZeros("zeros", bytes);
    const path = dir.write("urls.txt", `${nginx.url("/zeros")}\n`);
    Deno.mkdirSync(dir.file("out"));
    await begin();
    const cost = await costOfList(dir, path, 1, "--segments", "1");
    points.push({ series, x: bytes, cost, files: 1 });
  };
  for (const bytes of [1e6, 1e7, 1e8, 1e9]) await measure("whole", bytes, () => {});
  for (const bytes of [1e9, 1e10]) {
    await measure("resumed", bytes, () => begin(dir, nginx.url("/zeros"), bytes));
  }
  return {
    name: "size",
    title: "bytes of the file",
    says:
      "One file of zeros over one connection. The resumed ones lack their last 10⁸ bytes only: " +
      "what was there is a hole in the file, so that 10¹⁰ bytes need no disk of that size.",
    isPerFile: false,
    points,
  };
}

/** Leaves what an earlier run would have left that got all but the end. */
async function begin(dir: TempDir, url: string, bytes: number): Promise<void> {
  const { headers } = await fetch(url, { method: "HEAD" });
  using part = Deno.createSync(dir.file("out/zeros.part"));
  part.truncateSync(bytes - MISSING);
  const entry = {
    version: 1,
    url,
    etag: headers.get("etag"),
    lastModified: headers.get("last-modified"),
    length: bytes,
    done: [[0, bytes - MISSING]],
  };
  dir.write("out/zeros.part.json", JSON.stringify(entry));
}
