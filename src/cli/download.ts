import { canRedraw, type Setting, speed, StandardScreen, useColor } from "../display/mod.ts";
import {
  type DownloadEvent,
  DownloadManager,
  type DownloadRequest,
  type FailureKind,
  type ListError,
  readUrlList,
} from "../download/mod.ts";
import { Shutdown } from "../shutdown/mod.ts";
import type { DownloadConfig } from "./download_options.ts";
import { whyUnreadable } from "./connection_options.ts";
import { UsageError } from "./errors.ts";
import { exitCode } from "./exit_code.ts";
import { VERSION } from "./version.ts";

/**
 * Runs `dlm download` and resolves with its exit code.
 *
 * @throws {UsageError} if the list can't be opened.
 */
export async function download(config: DownloadConfig): Promise<number> {
  useColor(config.color, Deno.env.get);
  using screen = new StandardScreen({
    version: VERSION,
    settings: settingsOf(config),
    workers: config.workers,
    graceMs: config.graceMs,
    quiet: config.quiet,
    live: canRedraw(Deno.env.get),
  });
  using shutdown = new Shutdown({ gracePeriodMs: config.graceMs });
  const list = config.list === undefined ? undefined : await openList(config.list, shutdown.drain);
  const failures = new Set<FailureKind>();
  const onEvent = (event: DownloadEvent) => {
    if (event.type === "failed") failures.add(event.kind);
    screen.onEvent(event);
  };
  screen.open();
  const manager = new DownloadManager({
    ...config,
    userAgent: config.userAgent ?? `dlm/${VERSION}`,
    drain: shutdown.drain,
    signal: shutdown.cancel,
    onEvent,
  });
  const summary = await manager.run(requestsOf(config, list));
  return exitCode(summary, shutdown.signal, failures);
}

async function* requestsOf(
  { requests, headers }: DownloadConfig,
  list: ReadableStream<Uint8Array<ArrayBuffer>> | undefined,
): AsyncGenerator<DownloadRequest | ListError, void> {
  const withHeaders = (request: DownloadRequest): DownloadRequest =>
    headers.length === 0
      ? request
      : { ...request, headers: [...headers, ...request.headers ?? []] };
  for (const request of requests) yield withHeaders(request);
  if (!list) return;
  for await (const entry of readUrlList(list)) {
    yield entry instanceof Error ? entry : withHeaders(entry);
  }
}

/** The list as a stream that ends when no further file is to be begun. */
async function openList(
  path: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const bytes = path === "-" ? Deno.stdin.readable : await openFile(path);
  return bytes.pipeThrough(new TransformStream(), { signal });
}

async function openFile(path: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  try {
    const file = await Deno.open(path);
    const { isDirectory } = await file.stat();
    if (!isDirectory) return file.readable;
    file.close();
  } catch (error) {
    throw new UsageError(`--urls ${path}: ${whyUnreadable(error)}`);
  }
  throw new UsageError(`--urls ${path}: that is a folder`);
}

function settingsOf(config: DownloadConfig): Setting[] {
  const { workers, adaptive, queue, dir, ifExists, bytesPerSecond, requestsPerSecond } = config;
  const range = typeof workers === "number" ? `${workers}` : `${workers.min}..${workers.max}`;
  const settings: Setting[] = [
    ["Workers", adaptive ? `${range}, adaptive` : range],
    ["Queue Size", `${queue}`],
    ["Folder", dir],
    ["If Exists", ifExists],
  ];
  if (bytesPerSecond !== Infinity) settings.push(["Rate Limit", speed(bytesPerSecond)]);
  if (requestsPerSecond !== Infinity) settings.push(["Request Rate", `${requestsPerSecond}/s`]);
  if (config.verify || config.checksums) settings.push(["Verify", "enabled"]);
  if (config.pipeline) settings.push(["Mode", "pipeline"]);
  if (config.dryRun) settings.push(["Dry Run", "nothing is fetched"]);
  return settings;
}
