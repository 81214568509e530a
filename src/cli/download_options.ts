import type { ColorMode } from "../display/mod.ts";
import {
  type Checksum,
  type DownloadManagerOptions,
  type DownloadRequest,
  type IfExists,
  parseChecksum,
  parseHeader,
  parseSums,
  parseUrl,
  safePath,
} from "../download/mod.ts";
import {
  type RawConnectionOptions,
  readConnectionOptions,
  readText,
} from "./connection_options.ts";
import { UsageError } from "./errors.ts";
import { durationMs, frequency, invalid, oneOf, rate, sizeInBytes, wholeNumber } from "./values.ts";

/** The options of `dlm download` as they are typed. */
export interface RawDownloadOptions extends RawConnectionOptions {
  urls?: string | undefined;
  dir?: string | undefined;
  output?: string | undefined;
  ifExists?: string | undefined;
  workers?: string | undefined;
  queue?: string | undefined;
  segments?: string | undefined;
  perHost?: string | undefined;
  rateLimit?: string | undefined;
  requestRate?: string | undefined;
  limits?: string | undefined;
  adaptive?: boolean | undefined;
  pipeline?: boolean | undefined;
  verify?: boolean | undefined;
  checksums?: string | undefined;
  checksum?: string | undefined;
  timeout?: string | undefined;
  minSpeed?: string | undefined;
  maxTime?: string | undefined;
  retries?: string | undefined;
  retryDelay?: string | undefined;
  maxSize?: string | undefined;
  gracePeriod?: string | undefined;
  fsync?: string | undefined;
  dryRun?: boolean | undefined;
  header?: string[] | undefined;
  referer?: string | undefined;
  dashboard?: boolean | undefined;
  json?: boolean | undefined;
  log?: string | undefined;
  report?: string | undefined;
  quiet?: boolean | undefined;
  color?: string | undefined;
}

/** The options of `dlm download` as they are meant. */
export interface DownloadConfig extends DownloadManagerOptions {
  readonly list: string | undefined;
  readonly requests: readonly DownloadRequest[];
  readonly dir: string;
  readonly ifExists: IfExists;
  readonly workers: number | WorkerBounds;
  readonly adaptive: boolean;
  readonly queue: number;
  readonly bytesPerSecond: number;
  readonly requestsPerSecond: number;
  /** The file that limits are read from. */
  readonly limits: string | undefined;
  readonly pipeline: boolean;
  readonly verify: boolean;
  readonly graceMs: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly dashboard: boolean;
  readonly json: boolean;
  readonly log: string | undefined;
  readonly report: string | undefined;
  readonly quiet: boolean;
  readonly color: ColorMode;
}

/** As many as one process can serve without running out of file handles. */
export const MAX_WORKERS = 512;

/** More connections to one server are an attack rather than a download. */
const MAX_SEGMENTS = 64;

/** A number of workers that may change. */
export interface WorkerBounds {
  readonly min: number;
  readonly max: number;
}

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
  if (raw.referer !== undefined) headers.push(["referer", raw.referer]);
  const name = raw.output === undefined ? undefined : outputName(raw.output);
  const checksum: Checksum | undefined = raw.checksum === undefined
    ? undefined
    : attempt("--checksum", () => parseChecksum(raw.checksum!));
  const { workers, adaptive } = readWorkers(raw.workers ?? "5", raw.adaptive ?? false);
  return {
    ...readConnectionOptions(raw, Deno.env.get),
    list: raw.urls,
    requests: urls.map((text) => ({
      urls: [attempt(undefined, () => parseUrl(text))],
      name,
      checksum,
    })),
    dir: folder(raw.dir ?? "."),
    ifExists: oneOf("--if-exists", raw.ifExists ?? "resume", IF_EXISTS),
    workers,
    adaptive,
    queue: wholeNumber("--queue", raw.queue ?? "100", 1, 1_000_000),
    segments: raw.segments === undefined || raw.segments === "auto"
      ? "auto"
      : wholeNumber("--segments", raw.segments, 1, MAX_SEGMENTS, "auto"),
    perHost: raw.perHost === undefined
      ? undefined
      : wholeNumber("--per-host", raw.perHost, 1, MAX_WORKERS),
    bytesPerSecond: raw.rateLimit === undefined ? Infinity : rate("--rate-limit", raw.rateLimit),
    requestsPerSecond: raw.requestRate === undefined
      ? Infinity
      : frequency("--request-rate", raw.requestRate),
    limits: raw.limits,
    pipeline: raw.pipeline ?? false,
    verify: raw.verify ?? false,
    checksums: raw.checksums === undefined ? undefined : sums(raw.checksums),
    timeoutMs: positive("--timeout", durationMs("--timeout", raw.timeout ?? "30s"), raw.timeout),
    minBytesPerSecond: raw.minSpeed === undefined ? 0 : sizeInBytes("--min-speed", raw.minSpeed),
    maxTimeMs: durationMs("--max-time", raw.maxTime ?? "0") || Infinity,
    retries: wholeNumber("--retries", raw.retries ?? "3", 0, 1000),
    retryDelayMs: durationMs("--retry-delay", raw.retryDelay ?? "1s"),
    maxSize: raw.maxSize === undefined ? Infinity : sizeInBytes("--max-size", raw.maxSize),
    graceMs: durationMs("--grace-period", raw.gracePeriod ?? "10s"),
    fsync: oneOf("--fsync", raw.fsync ?? "always", ["always", "never"]) === "always",
    dryRun: raw.dryRun ?? false,
    headers,
    dashboard: raw.dashboard ?? false,
    json: raw.json ?? false,
    log: raw.log,
    report: raw.report,
    quiet: raw.quiet ?? false,
    color: oneOf("--color", raw.color ?? "auto", COLOR_MODES),
  };
}

/** What `--adaptive` chooses from when no bounds are given. */
const ADAPTIVE_BOUNDS: WorkerBounds = { min: 1, max: 32 };

function readWorkers(
  text: string,
  adaptive: boolean,
): { workers: number | WorkerBounds; adaptive: boolean } {
  if (text === "auto") return { workers: ADAPTIVE_BOUNDS, adaptive: true };
  const range = /^(\d+)\.\.(\d+)$/.exec(text.trim());
  if (!range) {
    const max = wholeNumber("--workers", text, 1, MAX_WORKERS, "auto or MIN..MAX");
    return {
      workers: adaptive ? { min: 1, max: Math.max(max, ADAPTIVE_BOUNDS.max) } : max,
      adaptive,
    };
  }
  const [min, max] = [Number(range[1]), Number(range[2])];
  if (min >= 1 && min <= max && max <= MAX_WORKERS) return { workers: { min, max }, adaptive };
  throw invalid("--workers", `a range such as 2..16, from 1 to ${MAX_WORKERS}`, text);
}

/** The checksums of a list, by the name that a file has below the folder. */
function sums(path: string): ReadonlyMap<string, Checksum> {
  const text = readText("--checksums", path);
  const lines = attempt(`--checksums ${path}`, () => parseSums(text));
  return new Map(lines.map(({ name, checksum }) => [name.replace(/^(\.\/)+/, ""), checksum]));
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
