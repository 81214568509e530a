import { pooledMap } from "@std/async/pool";
import { type Line, printable } from "../display/mod.ts";
import { FileHasher, parseSums, sameDigest, type SumLine } from "../download/mod.ts";
import { Shutdown } from "../shutdown/mod.ts";
import { readText, whyUnreadable } from "./connection_options.ts";
import { UsageError } from "./errors.ts";
import { ExitCode } from "./exit_code.ts";
import { VerifyScreen } from "./verify_screen.ts";

/** The options of `dlm verify` as they are typed. */
export interface RawVerifyOptions {
  dir?: string | undefined;
  quiet?: boolean | undefined;
}

/** Files that are read at the same time on one thread: the disk is busy while others are hashed. */
const AT_ONCE = 4;

/** More threads than this, and the disk is what they wait for. */
const MOST_THREADS = 8;

/** From so many bytes on, further threads are worth the time that they take to begin. */
const THREADS_FROM_BYTES = 64 * 1024 * 1024;

/** How one file fared. */
interface Verdict {
  readonly name: string;
  /** What is wrong with it, if anything is. */
  readonly error?: string;
  readonly mismatch: boolean;
}

/**
 * Runs `dlm verify`: checks the files that a list of checksums names, and resolves with the exit
 * code: 0 if all are as listed, 3 if one is not, 1 if one can't be read. SIGINT and SIGTERM end it
 * at once, with their own codes.
 *
 * @throws {UsageError} if the list can't be read or makes no sense.
 */
export async function verify(path: string, raw: RawVerifyOptions): Promise<number> {
  const sums = readSums(path);
  const { dir = ".", quiet = false } = raw;
  using shutdown = new Shutdown({ gracePeriodMs: 0 });
  const bytes = sums.reduce((sum, { name }) => sum + sizeOf(pathOf(name, dir)), 0);
  const threads = bytes < THREADS_FROM_BYTES
    ? 0
    : Math.min(navigator.hardwareConcurrency, MOST_THREADS, sums.length);
  using hasher = new FileHasher(threads);
  using screen = new VerifyScreen({
    files: sums.length,
    bytes,
    quiet,
    quit: () => shutdown.request("Quit"),
  });
  let [good, missing, wrong] = [0, 0, 0];
  const check = (sum: SumLine) => checkOne(sum, dir, hasher, screen, shutdown.cancel);
  for await (
    const verdict of pooledMap(threads || AT_ONCE, unless(shutdown.cancel, sums), check)
  ) {
    if (!verdict) continue;
    if (verdict.error === undefined) good++;
    else if (verdict.mismatch) wrong++;
    else missing++;
    screen.checked(lineOf(verdict));
  }
  const unchecked = sums.length - good - wrong - missing;
  const rest = unchecked > 0 ? `, ${unchecked} not checked` : "";
  const text = `\n${good} as listed, ${wrong} different, ${missing} not readable${rest}`;
  screen.say({ text, level: "info" });
  if (shutdown.exitCode !== undefined) return shutdown.exitCode;
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

/** All of `values`, as long as `signal` has not aborted. */
function* unless<T>(signal: AbortSignal, values: Iterable<T>): Generator<T> {
  for (const value of values) {
    if (signal.aborted) return;
    yield value;
  }
}

function pathOf(name: string, dir: string): string {
  return /^([/\\]|[A-Za-z]:)/.test(name) ? name : `${dir}/${name}`;
}

/** The size of a file; whoever reads it says why it can't be read. */
function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}

/** Checks one file; `undefined` if that came to no end. */
async function checkOne(
  { name, checksum }: SumLine,
  dir: string,
  hasher: FileHasher,
  screen: VerifyScreen,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  const { algorithm, hex } = checksum;
  try {
    const onBytes = (bytes: number) => screen.read(bytes);
    const got = await hasher.hash(pathOf(name, dir), algorithm, { signal, onBytes });
    if (await sameDigest(got, hex)) return { name, mismatch: false };
    const error = `checksum mismatch (${algorithm}): expected ${hex}, got ${got}`;
    return { name, mismatch: true, error: `${error}; download it again` };
  } catch (error) {
    if (signal.aborted) return undefined;
    return { name, mismatch: false, error: whyUnreadable(error) };
  }
}

function lineOf({ name, error }: Verdict): Line {
  return error === undefined
    ? { text: `✓ ${printable(name)}`, level: "info" }
    : { text: `✗ ${printable(name)} Error: ${printable(error)}`, level: "error" };
}
