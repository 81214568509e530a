import { type Line, printable, speed } from "../display/mod.ts";
import type { DownloadManager } from "../download/mod.ts";
import { systemSignals } from "../shutdown/mod.ts";
import { readText, whyUnreadable } from "./connection_options.ts";
import { type DownloadConfig, MAX_WORKERS } from "./download_options.ts";
import { UsageError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import { frequency, rate, wholeNumber } from "./values.ts";

/** What a file of limits says. */
export interface Limits {
  readonly bytesPerSecond?: number;
  readonly requestsPerSecond?: number;
  readonly workers?: number;
}

/** What can stand in front of `=`, and what it sets: the names of the flags without their hyphens. */
const KEYS: Record<string, (text: string) => Limits> = {
  "rate-limit": (text) => ({ bytesPerSecond: rate("rate-limit", text) }),
  "request-rate": (text) => ({ requestsPerSecond: frequency("request-rate", text) }),
  "workers": (text) => ({ workers: wholeNumber("workers", text, 1, MAX_WORKERS) }),
};

/**
 * Reads lines such as `rate-limit=2.5M`; blank ones, and what follows a `#`, mean nothing.
 *
 * @throws {UsageError} naming the first line that makes no sense, and why.
 */
export function parseLimits(text: string): Limits {
  const seen = new Set<string>();
  let limits: Limits = {};
  for (const [index, line] of text.replace(/^\ufeff/, "").split(/\r?\n/).entries()) {
    const said = line.replace(/(^|\s)#.*$/, "").trim();
    if (said === "") continue;
    try {
      const { key, value } = split(said);
      if (seen.has(key)) throw new UsageError(`${key} stands there twice`);
      seen.add(key);
      limits = { ...limits, ...KEYS[key]!(value) };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(`line ${index + 1}: ${error.message}`);
    }
  }
  return limits;
}

function split(line: string): { key: string; value: string } {
  const at = line.indexOf("=");
  const key = line.slice(0, Math.max(at, 0)).trim();
  if (Object.hasOwn(KEYS, key)) return { key, value: line.slice(at + 1).trim() };
  const meant = nearest(at < 0 ? line : key, Object.keys(KEYS));
  throw new UsageError(
    `"${line}" is no limit; write ${Object.keys(KEYS).map((name) => `${name}=…`).join(", ")}` +
      (meant === undefined || at < 0 ? "" : `; did you mean ${meant}?`),
  );
}

/**
 * What a run begins with: the limits in the file of `--limits` take the place of those that the
 * command line names.
 *
 * @throws {UsageError} if the file can't be read or makes no sense.
 */
export function withLimits(config: DownloadConfig): DownloadConfig {
  if (config.limits === undefined) return config;
  const text = readText("--limits", config.limits);
  const limits = attempt(config.limits, () => parseLimits(text));
  return { ...config, ...limits, adaptive: limits.workers === undefined && config.adaptive };
}

/**
 * Reads the file of `--limits` again at each SIGHUP, and says what is in force from then on. A file
 * that makes no sense changes nothing. What it does not say is as the command line, `config`, has
 * it; `isAdaptive` says whether the run looks for its number of workers. Windows has no such signal.
 */
export function followLimits(
  config: DownloadConfig,
  isAdaptive: boolean,
  manager: DownloadManager,
  say: (line: Line) => void,
): Disposable {
  const { limits: path } = config;
  if (path === undefined || Deno.build.os === "windows") return { [Symbol.dispose]() {} };
  let reading = Promise.resolve();
  const readAgain = async () => {
    try {
      const content = await read(path); // without holding up the downloads, should it be a pipe
      const limits = attempt(path, () => parseLimits(content));
      if (isAdaptive && limits.workers !== undefined) {
        throw new UsageError(`--limits ${path}: --adaptive looks for the number of workers itself`);
      }
      const text = `Limits from ${printable(path)}: ${apply(limits, config, manager)}`;
      say({ text, level: "warning" });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const text = `dlm: ${printable(error.message)}; the limits stay as they are`;
      say({ text, level: "error" });
    }
  };
  const onSignal = () => void (reading = reading.then(readAgain));
  systemSignals.add("SIGHUP", onSignal);
  return { [Symbol.dispose]: () => systemSignals.remove("SIGHUP", onSignal) };
}

async function read(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new UsageError(`--limits ${path}: ${whyUnreadable(error)}`);
  }
}

/** Puts in force what the file says, and else what the command line does, and tells what that is. */
function apply(
  limits: Limits,
  { bytesPerSecond, requestsPerSecond, workers }: DownloadConfig,
  manager: DownloadManager,
): string {
  const bytes = manager.bytesPerSecond = limits.bytesPerSecond ?? bytesPerSecond;
  const requests = manager.requestsPerSecond = limits.requestsPerSecond ?? requestsPerSecond;
  // A range, or a number that is being looked for, is left alone.
  const number = limits.workers ?? (typeof workers === "number" ? workers : undefined);
  if (number !== undefined) manager.workers = number;
  return [
    `rate-limit ${bytes === Infinity ? "none" : speed(bytes)}`,
    `request-rate ${requests === Infinity ? "none" : `${requests}/s`}`,
    `workers ${number ?? manager.workers}`,
  ].join(", ");
}

/** Lets the parser's own words stand, with the file in front. */
function attempt<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`--limits ${path}: ${error.message}`);
  }
}
