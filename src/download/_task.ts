import type { Mirrors } from "./_mirrors.ts";
import type { FileRef } from "./events.ts";
import type { DownloadRequest } from "./request.ts";

/** One file on its way, from its place in the list to its last attempt. */
export interface Task {
  /** How events name it. */
  readonly ref: FileRef;
  /** What was asked for. */
  readonly request: DownloadRequest;
  /** Where it can be had from. */
  readonly mirrors: Mirrors;
  /** The folder of its path. */
  readonly folder: string;
  /** Whether a file that stands at its path may be replaced. */
  readonly replace: boolean;
  /** Higher goes first. */
  readonly priority: number;
  /** The attempts begun so far. */
  attempts: number;
  /** The server has shown that the file can't be had in parts. */
  undivided: boolean;
  /** The bytes came whole but were not the ones expected; once more is allowed. */
  mismatched: boolean;
  /** When the first attempt began, on the manager's clock. */
  startedMs: number;
}
