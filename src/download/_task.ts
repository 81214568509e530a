import type { FileRef } from "./events.ts";
import type { DownloadRequest } from "./request.ts";

/** One file on its way, from its place in the list to its last attempt. */
export interface Task {
  /** How events name it. */
  readonly ref: FileRef;
  /** What was asked for. */
  readonly request: DownloadRequest;
  /** The folder of its path. */
  readonly folder: string;
  /** Whether a file that stands at its path may be replaced. */
  readonly replace: boolean;
  /** Higher goes first. */
  readonly priority: number;
  /** The attempts begun so far. */
  attempts: number;
  /** When the first attempt began, on the manager's clock. */
  startedMs: number;
}
