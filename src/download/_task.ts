import type { Visit } from "./_hosts.ts";
import type { Mirrors } from "./_mirrors.ts";
import type { FileRef } from "./events.ts";
import type { Checksum } from "./checksum.ts";
import type { Plan } from "./if_exists.ts";
import type { DownloadRequest } from "./request.ts";

/** One file on its way, from its place in the list to its last attempt. */
export interface Task {
  /** How events name it. The name may change once, when the server proposes one. */
  ref: FileRef;
  /** The name that the server has proposed. */
  proposed: string | undefined;
  /** The path that its part file stands beside; the first one that the file had. */
  readonly partOf: string;
  /** What its bytes must hash to, as far as anyone has said so. */
  expected: Checksum | undefined;
  /** What was asked for. */
  readonly request: DownloadRequest;
  /** Where it can be had from. */
  readonly mirrors: Mirrors;
  /** The folder of its path. */
  readonly folder: string;
  /** What is to be done at its path. */
  plan: Plan;
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
  /** The scheduler's note, while a worker has it. */
  begunAs?: string | undefined;
  /** What is known of its host, while a worker has it. */
  visit?: Visit | undefined;
}
