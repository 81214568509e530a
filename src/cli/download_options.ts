import type { ColorMode } from "../display/mod.ts";
import {
  type Checksum,
  type DownloadRequest,
  type IfExists,
  parseChecksum,
  parseHeader,
  parseUrl,
  safePath,
} from "../download/mod.ts";
import { UsageError } from "./errors.ts";
import { durationMs, oneOf, sizeInBytes, wholeNumber } from "./values.ts";

/** The options of `dlm download` as they are typed. */
export interface RawDownloadOptions {
  urls?: string | undefined;
  dir?: string | undefined;
  output?: string | undefined;
  ifExists?: string | undefined;
  workers?: string | undefined;
  queue?: string | undefined;
  timeout?: string | undefined;
  retries?: string | undefined;
  retryDelay?: string | undefined;
  maxSize?: string | undefined;
  gracePeriod?: string | undefined;
  checksum?: string | undefined;
  header?: string[] | undefined;
  userAgent?: string | undefined;
  quiet?: boolean | undefined;
  color?: string | undefined;
}

/** The options of `dlm download` as they are meant. */
export interface DownloadConfig {
  readonly list: string | undefined;
  readonly requests: readonly DownloadRequest[];
  readonly dir: string;
  readonly ifExists: IfExists;
  readonly workers: number;
  readonly queue: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly maxSize: number;
  readonly graceMs: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly userAgent: string | undefined;
  readonly quiet: boolean;
  readonly color: ColorMode;
}

/** As many as one process can serve without running out of file handles. */
const MAX_WORKERS = 512;

/**
 * Checks every option and URL.
 *
 * @throws {UsageError} naming the flag, what it got and what it takes.
 */
export function readDownloadOptions(
  raw: RawDownloadOptions,
  urls: readonly string[],
): DownloadConfig {
  if (urls.length === 0 && raw.urls === undefined) {
    throw new UsageError("nothing to download: name a URL, or a list of them with --urls FILE");
  }
  const single = urls.length === 1 && raw.urls === undefined;
  for (const flag of ["output", "checksum"] as const) {
    if (raw[flag] === undefined || single) continue;
    throw new UsageError(
      `--${flag} goes with exactly one URL; in a list write ${
        flag === "output" ? "out=NAME" : "checksum=ALGO=HEX"
      } below a URL`,
    );
  }
  const headers = (raw.header ?? []).map((text) => attempt("--header", () => parseHeader(text)));
  const name = raw.output === undefined ? undefined : outputName(raw.output);
  const checksum: Checksum | undefined = raw.checksum === undefined
    ? undefined
    : attempt("--checksum", () => parseChecksum(raw.checksum!));
  return {
    list: raw.urls,
    requests: urls.map((text) => ({
      urls: [attempt(undefined, () => parseUrl(text))],
      name,
      checksum,
    })),
    dir: folder(raw.dir ?? "."),
    ifExists: oneOf("--if-exists", raw.ifExists ?? "resume", IF_EXISTS),
    workers: wholeNumber("--workers", raw.workers ?? "5", 1, MAX_WORKERS),
    queue: wholeNumber("--queue", raw.queue ?? "100", 1, 1_000_000),
    timeoutMs: positive("--timeout", durationMs("--timeout", raw.timeout ?? "30s"), raw.timeout),
    retries: wholeNumber("--retries", raw.retries ?? "3", 0, 1000),
    retryDelayMs: durationMs("--retry-delay", raw.retryDelay ?? "1s"),
    maxSize: raw.maxSize === undefined ? Infinity : sizeInBytes("--max-size", raw.maxSize),
    graceMs: durationMs("--grace-period", raw.gracePeriod ?? "10s"),
    headers,
    userAgent: raw.userAgent,
    quiet: raw.quiet ?? false,
    color: oneOf("--color", raw.color ?? "auto", COLOR_MODES),
  };
}

const IF_EXISTS: readonly IfExists[] = ["skip", "resume", "rename", "overwrite"];
const COLOR_MODES: readonly ColorMode[] = ["auto", "always", "never"];

function outputName(text: string): string {
  return attempt("--output", () => safePath(text));
}

function folder(text: string): string {
  if (text === "" || text.includes("\0")) {
    throw new UsageError(`--dir must be a folder, got "${text}"`);
  }
  return text;
}

function positive(flag: string, ms: number, text: string | undefined): number {
  if (ms > 0) return ms;
  throw new UsageError(`${flag} must be longer than nothing, got "${text}"`);
}

/** Lets a parser's own words stand, with the flag in front. */
function attempt<T>(flag: string | undefined, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(flag ? `${flag}: ${message}` : message);
  }
}
