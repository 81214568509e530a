import { connectError } from "./_connect_error.ts";
import type { Hasher } from "./checksum.ts";
import { DownloadError, fileError } from "./errors.ts";

/** A body as `fetch` has it. */
export type Body = ReadableStream<Uint8Array<ArrayBuffer>>;

/** What every way of receiving a body needs. */
interface BodyOptions {
  /** Where the bytes go, positioned at `start`. Nobody else writes through it. */
  readonly file: Deno.FsFile;
  /** The path of that file, for messages. */
  readonly path: string;
  /** The place of the first byte in the file. */
  readonly start: number;
  /** Told where the next byte will go, as it moves on. */
  readonly onPosition: (position: number) => void;
  /** Ends the transfer. */
  readonly signal: AbortSignal;
}

/** How {@linkcode copyBody} works. */
export interface CopyOptions extends BodyOptions {
  /** Where to stop; it may come closer meanwhile. */
  readonly end: () => number;
  /** The place that no byte may reach. */
  readonly maxSize: number;
  /** What waits until so many bytes may pass, if anything does at the moment. */
  readonly take: () => ((bytes: number) => Promise<void>) | undefined;
  /** Is fed every byte. */
  readonly hasher?: Hasher | undefined;
}

/** Larger reads cost fewer turns of the event loop; the buffer is reused for a whole body. */
const BUFFER_BYTES = 256 * 1024;

/** Under a bandwidth limit, so that it flows evenly. */
const LIMITED_BUFFER_BYTES = 16 * 1024;

/** A piece of this size is written faster than another thread is asked to. */
const SMALL_WRITE_BYTES = 64 * 1024;

/**
 * Receives a body through a buffer until it ends or reaches `end()`, and resolves with the place
 * after the last byte. What comes beyond the end is not written.
 *
 * @throws {DownloadError} `too-large`, `connect` if the connection breaks, `disk-full` or `file`.
 * What came before is in the file.
 * @throws the signal's reason when it aborts.
 */
export async function copyBody(body: Body, options: CopyOptions): Promise<number> {
  const { file, path, start, end, maxSize, take, hasher, onPosition, signal } = options;
  const reader = body.getReader({ mode: "byob" });
  // The signal of the request is not enough: once the response is garbage, the runtime no longer
  // heeds it, though the body is still being read.
  const onAbort = () => reader.cancel().catch(() => {});
  signal.addEventListener("abort", onAbort, { once: true });
  const limit = Math.max(1, Math.min(take() ? LIMITED_BUFFER_BYTES : BUFFER_BYTES, end() - start));
  let buffer = new ArrayBuffer(limit);
  let position = start;
  try {
    while (position < end()) {
      const { value, done } = await reader.read(new Uint8Array(buffer));
      if (done) break;
      const bytes = value.subarray(0, Math.max(0, Math.min(value.length, end() - position)));
      if (position + bytes.length > maxSize) throw tooLarge(maxSize);
      if (bytes.length < SMALL_WRITE_BYTES) writeSync(file, bytes);
      else await write(file, bytes);
      hasher?.update(bytes);
      position += bytes.length;
      onPosition(position);
      buffer = value.buffer;
      await take()?.(bytes.length);
      signal.throwIfAborted();
    }
    signal.throwIfAborted(); // then what looks like the end is none
    return position;
  } catch (error) {
    signal.throwIfAborted();
    throw bodyError(error, path);
  } finally {
    signal.removeEventListener("abort", onAbort);
    reader.cancel().catch(() => {}); // nothing is left, or the connection is broken
  }
}

/** How often the size of a piped file is read. */
const POLL_MS = 200;

/**
 * Whether `pipeTo` from a response to a file stays in native code: since Deno 2.9. Before, it is a
 * slower loop, and with `preventClose` it can end before its last write has.
 */
export const PIPE_IS_NATIVE: boolean = isAtLeast(Deno.version.deno, 2, 9);

/**
 * Receives a whole body in native code, which shows none of the bytes, and resolves with the
 * file's size. Only for a body that may be as long as it says, into the end of a file.
 *
 * @throws {DownloadError} `connect` if the connection breaks, `disk-full` or `file`. What came
 * before is in the file.
 * @throws the signal's reason when it aborts.
 */
export async function pipeBody(body: Body, options: BodyOptions): Promise<number> {
  const { file, path, onPosition, signal } = options;
  const poll = setInterval(() => onPosition(file.statSync().size), POLL_MS);
  try {
    await body.pipeTo(file.writable, { signal, preventClose: true, preventAbort: true });
  } catch (error) {
    signal.throwIfAborted();
    throw bodyError(error, path);
  } finally {
    clearInterval(poll);
    onPosition(file.statSync().size);
  }
  return file.statSync().size;
}

/** The failure of a file that is larger than allowed. */
export function tooLarge(maxSize: number): DownloadError {
  return new DownloadError("too-large", `larger than the allowed ${maxSize} bytes`, {
    advice: "raise --max-size if you want it",
  });
}

/** The failure of a body that ended after `got` of `length` bytes. */
export function truncated(got: number, length: number): DownloadError {
  return new DownloadError("truncated", `the body ended after ${got} of ${length} bytes`, {
    retryable: true,
  });
}

function bodyError(error: unknown, path: string): DownloadError {
  if (error instanceof DownloadError) return error;
  if (!(error instanceof TypeError)) return fileError(error, path);
  const { message, advice } = connectError(error);
  return new DownloadError("connect", message, { cause: error, retryable: true, advice });
}

function writeSync(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += file.writeSync(bytes.subarray(written));
  }
}

async function write(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [a = 0, b = 0] = version.split(".").map(Number);
  return a > major || (a === major && b >= minor);
}
