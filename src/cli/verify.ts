import { pooledMap } from "@std/async/pool";
import { Output, printable } from "../display/mod.ts";
import { hashFile, parseSums, sameDigest, type SumLine } from "../download/mod.ts";
import { readText, whyUnreadable } from "./connection_options.ts";
import { UsageError } from "./errors.ts";
import { ExitCode } from "./exit_code.ts";

/** The options of `dlm verify` as they are typed. */
export interface RawVerifyOptions {
  dir?: string | undefined;
  quiet?: boolean | undefined;
}

/** Files that are read at the same time: enough to keep the disk busy while others are hashed. */
const AT_ONCE = 4;

/** How one file fared. */
interface Verdict {
  readonly name: string;
  /** What is wrong with it, if anything is. */
  readonly error?: string;
  readonly mismatch: boolean;
}

/**
 * Runs `dlm verify`: checks the files that a list of checksums names, and resolves with the exit
 * code: 0 if all are as listed, 3 if one is not, 1 if one can't be read.
 *
 * @throws {UsageError} if the list can't be read or makes no sense.
 */
export async function verify(path: string, raw: RawVerifyOptions): Promise<number> {
  const sums = readSums(path);
  const dir = raw.dir ?? ".";
  using output = new Output();
  let [good, missing, wrong] = [0, 0, 0];
  for await (
    const { name, error, mismatch } of pooledMap(AT_ONCE, sums, (sum) => check(sum, dir))
  ) {
    if (error === undefined) {
      good++;
      if (!raw.quiet) output.line(`✓ ${printable(name)}`);
    } else {
      if (mismatch) wrong++;
      else missing++;
      output.error(`✗ ${printable(name)} Error: ${printable(error)}`);
    }
  }
  if (!raw.quiet) {
    output.line(`\n${good} as listed, ${wrong} different, ${missing} not readable`);
  }
  if (wrong > 0) return ExitCode.checksum;
  return missing > 0 ? ExitCode.failed : ExitCode.ok;
}

function readSums(path: string): SumLine[] {
  const text = readText("SUMS", path);
  let sums: SumLine[];
  try {
    sums = parseSums(text);
  } catch (error) {
    throw new UsageError(`SUMS ${path}: ${error instanceof Error ? error.message : error}`);
  }
  if (sums.length === 0) throw new UsageError(`SUMS ${path}: there is no checksum in it`);
  return sums;
}

async function check({ name, checksum }: SumLine, dir: string): Promise<Verdict> {
  try {
    const isAbsolute = /^([/\\]|[A-Za-z]:)/.test(name);
    const got = await hashFile(isAbsolute ? name : `${dir}/${name}`, checksum.algorithm);
    if (sameDigest(got, checksum.hex)) return { name, mismatch: false };
    const error = `checksum mismatch (${checksum.algorithm}): expected ${checksum.hex}, got ${got}`;
    return { name, mismatch: true, error: `${error}; download it again` };
  } catch (error) {
    return { name, mismatch: false, error: whyUnreadable(error) };
  }
}
