import { DownloadError, fileError } from "./errors.ts";
import { connectError } from "./_connect_error.ts";
import type { PartFile } from "./part_file.ts";

/** How a body is received. */
export interface ReceiveOptions {
  /** Where it goes, from the file's current position on. */
  readonly part: PartFile;
  /** The file's size when the body starts. */
  readonly offset: number;
  /** The bytes that the headers promise. */
  readonly length: number | undefined;
  /** The largest size that the file may reach. */
  readonly maxSize: number;
  /** Called with the file's size as it grows; whoever watches for a stall learns from it. */
  readonly onProgress: (size: number) => void;
  /** Ends the transfer. */
  readonly signal: AbortSignal;
}

/** From this length on the runtime's own pipe is worth its set-up. */
const PIPE_FROM_BYTES = 2 * 1024 * 1024;

/** How often the size of a piped file is read. */
const PIPE_POLL_MS = 200;

/** Larger reads cost fewer turns of the event loop; the buffer is reused for a whole body. */
const BUFFER_BYTES = 256 * 1024;

/**
 * Receives a body into a part file and resolves with the file's size.
 *
 * @throws {DownloadError} `truncated` if it ends before its length (what has come is kept),
 * `too-large`, `connect` if the connection breaks, `disk-full` or `file`.
 * @throws the signal's reason when it aborts.
 */
export async function receiveBody(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  options: ReceiveOptions,
): Promise<number> {
  const { length, offset, maxSize, signal } = options;
  if (offset + (length ?? 0) > maxSize) throw tooLarge(maxSize);
  const piped = length !== undefined && length >= PIPE_FROM_BYTES && PIPE_IS_NATIVE;
  try {
    const size = !body ? offset : await (piped ? pipe(body, options) : copy(body, options));
    if (length === undefined || size === offset + length) return size;
    throw truncated(size - offset, length);
  } catch (error) {
    signal.throwIfAborted();
    throw bodyError(error, options);
  }
}

/** The runtime moves the bytes without showing them; their number is read off the file. */
async function pipe(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  { part, signal, onProgress }: ReceiveOptions,
): Promise<number> {
  const poll = setInterval(() => onProgress(part.size), PIPE_POLL_MS);
  try {
    await body.pipeTo(part.file.writable, { signal, preventClose: true, preventAbort: true });
    return part.size;
  } finally {
    clearInterval(poll);
  }
}

async function copy(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  { part, offset, length, maxSize, onProgress, signal }: ReceiveOptions,
): Promise<number> {
  const reader = body.getReader({ mode: "byob" });
  const end = length === undefined ? Infinity : offset + length;
  let buffer = new ArrayBuffer(Math.min(BUFFER_BYTES, Math.max(1, end - offset)));
  let size = offset;
  try {
    while (size < end) {
      const { value, done } = await reader.read(new Uint8Array(buffer));
      if (done) break;
      if (size + value.length > maxSize) throw tooLarge(maxSize);
      if (value.length < BUFFER_BYTES / 4) part.write(value);
      else await part.writeAsync(value);
      size += value.length;
      onProgress(size);
      signal.throwIfAborted();
      buffer = value.buffer;
    }
    return size;
  } finally {
    reader.cancel().catch(() => {}); // nothing is left, or the connection is broken
  }
}

function bodyError(error: unknown, { part }: ReceiveOptions): DownloadError {
  if (error instanceof DownloadError) return error;
  if (!(error instanceof TypeError)) return fileError(error, part.path);
  const { message, advice } = connectError(error);
  return new DownloadError("connect", message, { cause: error, retryable: true, advice });
}

function truncated(got: number, length: number): DownloadError {
  return new DownloadError("truncated", `the body ended after ${got} of ${length} bytes`, {
    retryable: true,
  });
}

function tooLarge(maxSize: number): DownloadError {
  return new DownloadError("too-large", `larger than the allowed ${maxSize} bytes`, {
    advice: "raise --max-size if you want it",
  });
}

/**
 * Whether `pipeTo` from a response to a file stays in native code: since Deno 2.9. Before, it is a
 * slower loop, and with `preventClose` it can end before its last write has.
 */
const PIPE_IS_NATIVE = isAtLeast(Deno.version.deno, 2, 9);

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [a = 0, b = 0] = version.split(".").map(Number);
  return a > major || (a === major && b >= minor);
}
