import { receiveBody } from "./_body.ts";
import type { Task } from "./_task.ts";
import type { Transfer } from "./_transfers.ts";
import { type Checksum, hashFile, sameDigest } from "./checksum.ts";
import { DownloadError } from "./errors.ts";
import { PartFile } from "./part_file.ts";
import { discard, type Transport } from "./transport.ts";

/** What an attempt brought. */
export interface Received {
  /** The size of the file. */
  readonly bytes: number;
  /** Nothing but the end of the connection says that the file is whole. */
  readonly lengthUnknown: boolean;
}

/**
 * Tries once to bring a file to its place.
 *
 * @throws {DownloadError} for whatever prevents it; nothing stands under the final name then.
 * @throws the reason of the transfer's signal when it aborts.
 */
export async function attempt(
  task: Task,
  transfer: Transfer,
  transport: Transport,
  maxSize: number,
): Promise<Received> {
  const { request } = task;
  const { urls } = request;
  const { response } = await transport.get({
    url: urls[(task.attempts - 1) % urls.length]!,
    headers: request.headers,
    signal: transfer.signal,
  });
  try {
    return await receive(response, task, transfer, maxSize);
  } catch (error) {
    discard(response);
    throw error;
  }
}

async function receive(
  response: Response,
  { request, ref, replace }: Task,
  transfer: Transfer,
  maxSize: number,
): Promise<Received> {
  const { status, headers } = response;
  if (status !== 200 && status !== 203 && status !== 204) {
    throw new DownloadError("protocol", `the server answered ${status} to a plain request`);
  }
  const length = contentLength(headers, status);
  transfer.length = length;

  const part = PartFile.open(ref.path);
  try {
    part.cut(0);
    const bytes = await receiveBody(response.body, {
      part,
      offset: 0,
      length,
      maxSize,
      onProgress: (size) => transfer.grow(size),
      signal: transfer.signal,
    });
    if (request.checksum) await check(part, request.checksum, transfer.signal);
    await part.publish(replace, lastModified(headers));
    return { bytes, lengthUnknown: length === undefined && !headers.has("transfer-encoding") };
  } catch (error) {
    part.discard();
    throw error;
  }
}

/** The length that the headers promise; `undefined` when the body's end is its only mark. */
function contentLength(headers: Headers, status: number): number | undefined {
  if (status === 204) return 0;
  const header = headers.get("content-length");
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}

function lastModified(headers: Headers): Date | undefined {
  const time = Date.parse(headers.get("last-modified") ?? "");
  return Number.isNaN(time) ? undefined : new Date(time);
}

async function check(part: PartFile, expected: Checksum, signal: AbortSignal): Promise<void> {
  const got = await hashFile(part.path, expected.algorithm, signal);
  if (sameDigest(got, expected.hex)) return;
  throw new DownloadError(
    "checksum",
    `the ${expected.algorithm} checksum is ${got}, expected ${expected.hex}`,
    { retryable: true, advice: "check where the expected checksum comes from" },
  );
}
