import type { Clock } from "../clock/mod.ts";
import type { Checksum } from "./checksum.ts";
import type { DownloadEvent } from "./events.ts";
import type { IfExists } from "./if_exists.ts";
import type { DownloadRequest } from "./request.ts";
import type { ConnectionOptions } from "./transport.ts";
import type { ListError } from "./url_list.ts";

/** How a {@linkcode DownloadManager} works. */
export interface DownloadManagerOptions extends ConnectionOptions {
  /** The folder for files whose request names none. Made if need be. Default: `.` */
  readonly dir?: string | undefined;
  /**
   * How many files are received at the same time: a number, or a range within which it follows the
   * queue, or with `adaptive` the throughput. Default: 5.
   */
  readonly workers?: number | { readonly min: number; readonly max: number } | undefined;
  /** Finds the number of workers that gives the most throughput. Default: false. */
  readonly adaptive?: boolean | undefined;
  /** How many files are read ahead of the workers. Default: 100. */
  readonly queue?: number | undefined;
  /** How long an attempt may be without a byte, in milliseconds. Default: 30,000. */
  readonly timeoutMs?: number | undefined;
  /** How often a file is tried again. Default: 3. */
  readonly retries?: number | undefined;
  /** The first retry comes after about this time, each further one after twice the last. Default: 1,000. */
  readonly retryDelayMs?: number | undefined;
  /**
   * No retry waits longer than this, unless the server asks for it. Default: 30,000, or
   * `retryDelayMs` if that is more.
   */
  readonly maxRetryDelayMs?: number | undefined;
  /** How long a file may take, all its attempts together, in milliseconds. Default: no limit. */
  readonly maxTimeMs?: number | undefined;
  /** An attempt that brings less over the time of `timeoutMs` ends, in bytes per second. Default: 0. */
  readonly minBytesPerSecond?: number | undefined;
  /** Requests per second, redirects and retries included. Default: no limit. */
  readonly requestsPerSecond?: number | undefined;
  /** Files from one host at the same time. Default: no limit but `workers`. */
  readonly perHost?: number | undefined;
  /** What to do where a file's name is taken. Default: `resume`. */
  readonly ifExists?: IfExists | undefined;
  /** What files must hash to, by name below their folder; a request's own checksum comes first. */
  readonly checksums?: ReadonlyMap<string, Checksum> | undefined;
  /** Checks files for which nothing else is known against the digest that their server sends. */
  readonly verify?: boolean | undefined;
  /** The largest file allowed, in bytes. Default: no limit. */
  readonly maxSize?: number | undefined;
  /**
   * Connections for one file, where the server allows it; `auto` begins with one and doubles them,
   * up to eight, while that makes a long download faster. Default: `auto`.
   */
  readonly segments?: number | "auto" | undefined;
  /** Bytes per second for all files together, divided fairly. Default: no limit. */
  readonly bytesPerSecond?: number | undefined;
  /**
   * Waits until a file's bytes are on the disk before it gets its name, and at the end until the names
   * are. Without it a power cut may leave files that are empty or damaged under their names. What is
   * written down for resuming is on the disk in either case. Default: true.
   */
  readonly fsync?: boolean | undefined;
  /** Says what would be done, and does nothing: no request, no file. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** Gets every event, at once and in order. */
  readonly onEvent?: ((event: DownloadEvent) => void) | undefined;
  /** When it aborts, no further file is begun; those under way end as they would. */
  readonly drain?: AbortSignal | undefined;
  /** When it aborts, the run ends at once; part files stay for a later run. */
  readonly signal?: AbortSignal | undefined;
  /** Measures time; for tests. */
  readonly clock?: Clock | undefined;
}

/** Requests as a manager takes them: {@linkcode readUrlList} yields them, and so does an array. */
export type Requests =
  | Iterable<DownloadRequest | ListError>
  | AsyncIterable<DownloadRequest | ListError>;
