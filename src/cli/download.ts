import { canRedraw, type Setting, StandardScreen, useColor } from "../display/mod.ts";
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
import { UsageError } from "./errors.ts";
import { exitCode } from "./exit_code.ts";
import { VERSION } from "./version.ts";

/**
 * Runs `dlm download` and resolves with its exit code.
 *
 * @throws {UsageError} if the list can't be opened.
 */
export async function download(config: DownloadConfig): Promise<number> {
  const list = config.list === undefined ? undefined : await openList(config.list);
  useColor(config.color, Deno.env.get);
  using screen = new StandardScreen({
    version: VERSION,
    settings: settingsOf(config),
    graceMs: config.graceMs,
    quiet: config.quiet,
    live: canRedraw(Deno.env.get),
  });
  using shutdown = new Shutdown({ gracePeriodMs: config.graceMs });
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

async function openList(path: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  if (path === "-") return Deno.stdin.readable;
  try {
    const file = await Deno.open(path);
    const { isDirectory } = await file.stat();
    if (!isDirectory) return file.readable;
    file.close();
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new UsageError(`--urls ${path}: ${why}`);
  }
  throw new UsageError(`--urls ${path}: that is a folder`);
}

function settingsOf(config: DownloadConfig): Setting[] {
  const { workers, queue, dir, ifExists } = config;
  return [
    ["Workers", `${workers}`],
    ["Queue Size", `${queue}`],
    ["Folder", dir],
    ["If Exists", ifExists],
  ];
}
