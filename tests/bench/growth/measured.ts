import { dlmCommand } from "../../support/dlm.ts";
import type { TempDir } from "../../support/temp_dir.ts";
import { type Cost, costOf } from "../process.ts";

/** What was measured at one place of a curve. */
export interface Point {
  /** The curve. */
  readonly series: string;
  /** How large it was. */
  readonly x: number;
  /** What it cost. */
  readonly cost: Cost;
  /** The files that it was about. */
  readonly files: number;
}

/** How one quantity grows. */
export interface Growth {
  /** The name of the chart. */
  readonly name: string;
  /** What grows. */
  readonly title: string;
  /** Exactly what was measured. */
  readonly says: string;
  /** Whether the time is to be drawn for one file each. */
  readonly isPerFile: boolean;
  readonly points: readonly Point[];
}

/** Writes a list of URLs; a million of them are never in memory at once. */
export function writeList(
  dir: TempDir,
  count: number,
  urlOf: (index: number) => string,
): string {
  const path = dir.file("urls.txt");
  using file = Deno.createSync(path);
  const encoder = new TextEncoder();
  const MANY = 10_000;
  for (let from = 0; from < count; from += MANY) {
    const length = Math.min(MANY, count - from);
    const lines = Array.from({ length }, (_, index) => `${urlOf(from + index)}\n`);
    const bytes = encoder.encode(lines.join(""));
    for (let written = 0; written < bytes.length;) {
      written += file.writeSync(bytes.subarray(written));
    }
  }
  return path;
}

/**
 * Downloads a list into a folder of its own with the further arguments.
 *
 * @throws {Error} if not every file of it arrives.
 */
export async function costOfList(
  dir: TempDir,
  list: string,
  files: number,
  ...args: string[]
): Promise<Cost> {
  const out = dir.file("out");
  try {
    const command = dlmCommand(["download", "--urls", list, "-d", out, "-q", ...args]);
    const cost = await costOf(command, dir.path);
    const arrived = cost && !args.includes("--dry-run") ? [...Deno.readDirSync(out)].length : files;
    if (!cost || arrived !== files) throw new Error(`${command.join(" ")}: ${arrived} of ${files}`);
    return cost;
  } finally {
    await Deno.remove(out, { recursive: true }).catch(() => {});
  }
}
