/**
 * What went wrong with one file, as a caller can act upon it.
 *
 * - `connect`: no connection (refused, unreachable, unknown host, TLS)
 * - `timeout`: no byte for the stall time, or the whole file took too long
 * - `http`: the server answered with an error status
 * - `protocol`: the answer breaks HTTP's rules or this program's (redirects, ranges, encodings)
 * - `truncated`: the body ended before its declared length
 * - `too-large`: more bytes than the caller allows
 * - `checksum`: the bytes are not the ones expected
 * - `exists`: something that must not be replaced stands at the file's name
 * - `disk-full`: no space left; no other file can succeed either
 * - `file`: any other refusal of the file system
 */
export type FailureKind =
  | "connect"
  | "timeout"
  | "http"
  | "protocol"
  | "truncated"
  | "too-large"
  | "checksum"
  | "exists"
  | "disk-full"
  | "file";

/** Details of a {@linkcode DownloadError}. */
export interface DownloadErrorOptions extends ErrorOptions {
  /** Whether another attempt may succeed. Default: false. */
  retryable?: boolean | undefined;
  /** The HTTP status, for `http`. */
  status?: number | undefined;
  /** How long the server asks to wait before the next attempt, in milliseconds. */
  retryAfterMs?: number | undefined;
  /** The digest that the bytes should have, in hexadecimal, for `checksum`. */
  expected?: string | undefined;
  /** The one that they have. */
  got?: string | undefined;
  /** What the user can do, as the end of a sentence. Default: what helps against most of the kind. */
  advice?: string | undefined;
}

/** Why one file could not be downloaded. The message is one line and names neither file nor URL. */
export class DownloadError extends Error {
  /** The class's own name. */
  override readonly name = "DownloadError";
  /** What went wrong. */
  readonly kind: FailureKind;
  /** Whether another attempt may succeed. */
  readonly retryable: boolean;
  /** The HTTP status, for `http`. */
  readonly status: number | undefined;
  /** How long the server asks to wait before the next attempt, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The digest that the bytes should have, in hexadecimal, for `checksum`. */
  readonly expected: string | undefined;
  /** The one that they have. */
  readonly got: string | undefined;
  /** What the user can do. */
  readonly advice: string;

  /** Describes one failure. */
  constructor(kind: FailureKind, message: string, options: DownloadErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
    this.retryable = options.retryable ?? false;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.expected = options.expected;
    this.got = options.got;
    this.advice = options.advice ?? (this.retryable ? "try again later" : ADVICE[kind]);
  }
}

/** What helps against failures that nothing better is known of. */
const ADVICE: Record<FailureKind, string> = {
  "connect": "check the address",
  "timeout": "try again later",
  "http": "check the address",
  "protocol": "check the address in a browser",
  "truncated": "try again later",
  "too-large": "raise --max-size if you want it",
  "checksum": "check where the expected checksum comes from",
  "exists": "move it away or choose --if-exists rename",
  "disk-full": "free some space and run the same command again; what has arrived is kept",
  "file": "choose another folder with --dir",
};

/** The failure that `error`, thrown by a file operation on `path`, stands for. */
export function fileError(error: unknown, path: string): DownloadError {
  if (error instanceof DownloadError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const cause = { cause: error };
  if (code === "ENOSPC" || code === "EDQUOT" || /No space left|os error (28|122)\b/.test(text)) {
    return new DownloadError("disk-full", `no space left on the disk of ${path}`, {
      ...cause,
      advice: "free some space and run the same command again; what has arrived is kept",
    });
  }
  if (error instanceof Deno.errors.NotCapable) {
    return new DownloadError("file", `Deno was not allowed to write ${path}`, {
      ...cause,
      advice: "run it with --allow-all; --allow-write alone does not reach into /dev",
    });
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new DownloadError("file", `no permission to write ${path}`, {
      ...cause,
      advice: "choose another folder with --dir",
    });
  }
  if (code === "EROFS" || /Read-only file system/.test(text)) {
    return new DownloadError("file", `${path} is on a read-only file system`, {
      ...cause,
      advice: "choose another folder with --dir",
    });
  }
  if (error instanceof Deno.errors.NotADirectory || code === "ENOTDIR") {
    return new DownloadError("file", `a part of the path ${path} is not a folder`, {
      ...cause,
      advice: "choose another folder with --dir",
    });
  }
  return new DownloadError("file", `cannot write ${path}: ${text}`, cause);
}
