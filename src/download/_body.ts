import type { ByteSource } from "./_http_response.ts";
import type { Hasher } from "./checksum.ts";
import { DownloadError, fileError } from "./errors.ts";

/** How {@linkcode copyBody} works. */
export interface CopyOptions {
  /** Where the bytes go, positioned at `start`. Nobody else writes through it. */
  readonly file: Deno.FsFile;
  /** The path of that file, for messages. */
  readonly path: string;
  /** The place of the first byte in the file. */
  readonly start: number;
  /** Where to stop; it may come closer meanwhile. */
  readonly end: () => number;
  /** The place that no byte may reach. */
  readonly maxSize: number;
  /** What waits until so many bytes may pass, if anything does at the moment. */
  readonly take: () => ((bytes: number) => Promise<void>) | undefined;
  /** Is fed every byte. */
  readonly hasher?: Hasher | undefined;
  /** Told where the next byte will go, as it moves on: what is before has been written. */
  readonly onPosition: (position: number) => void;
  /** Ends the transfer. */
  readonly signal: AbortSignal;
}

/** Under a bandwidth limit pieces are no larger, so that it flows evenly. */
const LIMITED_PIECE_BYTES = 16 * 1024;

/** A piece below this size is written faster than another thread is asked to. */
const SMALL_WRITE_BYTES = 32 * 1024;

/** Only beyond this is a body worth another thread. */
const ALONE_BYTES = 2 * 1024 * 1024;

/**
 * Receives a body until it ends or reaches `end()`, and resolves with the place after the last byte.
 * What comes beyond the end is not written. Large pieces are written by another thread while the
 * next ones come.
 *
 * @throws {DownloadError} `too-large`, `connect` if the connection breaks, `disk-full` or `file`.
 * What came before is in the file.
 * @throws the signal's reason when it aborts.
 */
export async function copyBody(body: ByteSource, options: CopyOptions): Promise<number> {
  const { file, path, start, end, maxSize, take, hasher, onPosition, signal } = options;
  using _listener = body.signal === signal ? undefined : abortOn(signal, body);
  let position = start;
  let writing: Promise<void> | undefined;
  try {
    signal.throwIfAborted();
    while (position < end()) {
      const most = take() ? LIMITED_PIECE_BYTES : Infinity;
      const piece = body.ready?.(most) ?? await body.next(most);
      if (writing) await writing;
      writing = undefined;
      signal.throwIfAborted(); // then what looks like the end is none
      if (piece === undefined) break;
      const size = Math.max(0, Math.min(piece.length, end() - position));
      const bytes = size === piece.length ? piece : piece.subarray(0, size);
      if (position + size > maxSize) throw tooLarge(maxSize);
      hasher?.update(bytes);
      const from = position;
      position += size;
      if (size < SMALL_WRITE_BYTES || from - start < ALONE_BYTES) {
        writeSync(file, bytes, (written) => onPosition(from + written));
        body.release?.();
      } else {
        writing = write(file, bytes, (written) => onPosition(from + written));
        writing.catch(() => {}); // it is thrown by the next turn, or below
      }
      const passed = take()?.(size);
      if (passed) await passed;
    }
    if (writing) await writing;
    signal.throwIfAborted();
    return position;
  } catch (error) {
    signal.throwIfAborted();
    throw fileError(error, path);
  } finally {
    if (writing) await writing.catch(() => {}); // the file may be closed after this
    body.cancel();
  }
}

function abortOn(signal: AbortSignal, body: ByteSource): Disposable {
  const onAbort = () => body.abort();
  signal.addEventListener("abort", onAbort, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener("abort", onAbort) };
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

/** Told how many bytes of a piece have been written; a disk may take the first part of one. */
type OnWritten = (written: number) => void;

function writeSync(file: Deno.FsFile, bytes: Uint8Array, onWritten: OnWritten): void {
  for (let written = 0; written < bytes.length;) {
    written += file.writeSync(written === 0 ? bytes : bytes.subarray(written));
    onWritten(written);
  }
}

async function write(file: Deno.FsFile, bytes: Uint8Array, onWritten: OnWritten): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(written === 0 ? bytes : bytes.subarray(written));
    onWritten(written);
  }
}
