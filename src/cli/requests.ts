import {
  type ByteChunks,
  type DownloadRequest,
  type ListError,
  readRequestList,
} from "../download/mod.ts";
import { chunksOf } from "./chunks.ts";
import { whyUnreadable } from "./connection_options.ts";
import type { DownloadConfig } from "./download_options.ts";
import { UsageError } from "./errors.ts";

/**
 * What the command line and the list ask for. The list is read as far as requests are taken, and
 * ends when `signal` aborts, even while the standard input keeps it waiting.
 *
 * @throws {UsageError} if the list can't be opened.
 */
export async function openRequests(
  config: DownloadConfig,
  signal: AbortSignal,
): Promise<AsyncIterable<DownloadRequest | ListError>> {
  const list = config.list === undefined ? undefined : await openList(config.list, signal);
  return requestsOf(config, list);
}

/** What the command line and the list ask for. */
async function* requestsOf(
  { requests, headers }: DownloadConfig,
  list: ByteChunks | undefined,
): AsyncGenerator<DownloadRequest | ListError, void> {
  const withHeaders = (request: DownloadRequest): DownloadRequest =>
    headers.length === 0
      ? request
      : { ...request, headers: [...headers, ...request.headers ?? []] };
  for (const request of requests) yield withHeaders(request);
  if (!list) return;
  for await (const entry of readRequestList(list)) {
    yield entry instanceof Error ? entry : withHeaders(entry);
  }
}

/** The list, which ends when no further file is to be begun. */
async function openList(path: string, signal: AbortSignal): Promise<ByteChunks> {
  if (path !== "-") return await openFile(path);
  return Deno.stdin.readable.pipeThrough(new TransformStream(), { signal });
}

async function openFile(path: string): Promise<ByteChunks> {
  try {
    const file = await Deno.open(path);
    const { isDirectory } = await file.stat();
    if (!isDirectory) return chunksOf(file);
    file.close();
  } catch (error) {
    throw new UsageError(`--urls ${path}: ${whyUnreadable(error)}`);
  }
  throw new UsageError(`--urls ${path}: that is a folder`);
}
