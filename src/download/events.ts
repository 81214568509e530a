import type { FailureKind } from "./errors.ts";

/** Which file an event is about. */
export interface FileRef {
  /** The number of the file in its run, from 1, in the order of the list. */
  readonly id: number;
  /** Its first URL, without credentials. */
  readonly url: string;
  /** Its name, below the folder that it goes to. */
  readonly name: string;
  /** Where it is or will be: the folder and the name. */
  readonly path: string;
}

/** A file waits in the queue. */
export interface QueuedEvent extends FileRef {
  /** Tells the kinds of events apart. */
  readonly type: "queued";
}

/**
 * A worker has begun an attempt at a file. What is in place already, from an earlier attempt or run,
 * is continued, unless the server turns out to have another file now: then `progress` falls back.
 */
export interface StartedEvent extends FileProgress {
  /** Tells the kinds of events apart. */
  readonly type: "started";
  /** The worker's number, from 1. */
  readonly worker: number;
  /** The number of the attempt, from 1. */
  readonly attempt: number;
}

/** How far a file has come; about four times a second for each that is being received. */
export interface ProgressEvent extends FileProgress {
  /** Tells the kinds of events apart. */
  readonly type: "progress";
}

/** An attempt has failed; another will follow. */
export interface RetryingEvent extends FileRef {
  /** Tells the kinds of events apart. */
  readonly type: "retrying";
  /** The number of the next retry, from 1. */
  readonly retry: number;
  /** How many retries there are at most. */
  readonly retries: number;
  /** When it begins, in milliseconds from now. */
  readonly delayMs: number;
  /** Why the last attempt failed. */
  readonly kind: FailureKind;
  /** The same in words. */
  readonly message: string;
  /** The digest that its bytes should have, in hexadecimal, for `checksum`. */
  readonly expected?: string | undefined;
  /** The one that they have. */
  readonly got?: string | undefined;
}

/** A file is complete, on the disk and under its name. */
export interface CompletedEvent extends FileRef {
  /** Tells the kinds of events apart. */
  readonly type: "completed";
  /** Its size. */
  readonly bytes: number;
  /** From the first attempt's start to the end. */
  readonly durationMs: number;
  /** How many attempts it took. */
  readonly attempts: number;
  /** The server gave no length and nothing else proves that the file is whole. */
  readonly lengthUnknown: boolean;
  /** Bytes of it that were in place when this run began; left out if there were none. */
  readonly resumedAt?: number | undefined;
  /** The digest that was checked. */
  readonly checksum?: { readonly algorithm: string; readonly hex: string } | undefined;
}

/** A file was not fetched because it need not be. */
export interface SkippedEvent extends FileRef {
  /** Tells the kinds of events apart. */
  readonly type: "skipped";
  /**
   * `exists`: it is in place already; `unchanged`: it is, and the server has nothing newer;
   * `duplicate`: the same URL came before.
   */
  readonly reason: "exists" | "unchanged" | "duplicate";
  /** The digest of the file in place, if it was checked. */
  readonly checksum?: { readonly algorithm: string; readonly hex: string } | undefined;
}

/** A file could not be had. */
export interface FailedEvent extends FileRef {
  /** Tells the kinds of events apart. */
  readonly type: "failed";
  /** What went wrong. */
  readonly kind: FailureKind;
  /** The same in words, one line. */
  readonly message: string;
  /** What the user can do about it. */
  readonly advice?: string | undefined;
  /** The HTTP status, for `http`. */
  readonly status?: number | undefined;
  /** The digest that its bytes should have, in hexadecimal, for `checksum`. */
  readonly expected?: string | undefined;
  /** The one that they have. */
  readonly got?: string | undefined;
  /** How many attempts were made. */
  readonly attempts: number;
}

/** A file was being received when the run was told to stop at once. */
export interface CancelledEvent extends FileProgress {
  /** Tells the kinds of events apart. */
  readonly type: "cancelled";
}

/** A line of the list can't be used. */
export interface RejectedEvent {
  /** Tells the kinds of events apart. */
  readonly type: "rejected";
  /** Its number, from 1. */
  readonly line: number;
  /** What is wrong with it. */
  readonly message: string;
}

/** The run begins nothing new; what is under way may end. */
export interface DrainingEvent {
  /** Tells the kinds of events apart. */
  readonly type: "draining";
  /** Why, in words: the signal's name, or the key that was pressed. */
  readonly reason: string;
  /** What is under way. */
  readonly inFlight: readonly FileProgress[];
}

/** What is still under way is ended now. */
export interface CancellingEvent {
  /** Tells the kinds of events apart. */
  readonly type: "cancelling";
  /** Why, in words. */
  readonly reason: string;
}

/** How far one file has come. */
export interface FileProgress extends FileRef {
  /** Bytes in place. */
  readonly bytes: number;
  /** Bytes in all, where the server has said so. */
  readonly length?: number | undefined;
}

/** A host is left alone for a while; files from other hosts go on. */
export interface HostPausedEvent {
  /** Tells the kinds of events apart. */
  readonly type: "host-paused";
  /** Host and port. */
  readonly host: string;
  /** `retry-after`: it has asked for it; `failing`: most attempts fail, its circuit is open. */
  readonly reason: "retry-after" | "failing";
  /** For how long, in milliseconds from now. */
  readonly delayMs: number;
}

/** A host that was failing answers again: its circuit has closed. */
export interface HostResumedEvent {
  /** Tells the kinds of events apart. */
  readonly type: "host-resumed";
  /** Host and port. */
  readonly host: string;
}

/** The figures of a run. */
export interface Summary {
  /** Files that were asked for and accepted. */
  readonly files: number;
  /** Files that are complete because of this run. */
  readonly completed: number;
  /** Files that were in place already, and repeated URLs. */
  readonly skipped: number;
  /** Files that could not be had. */
  readonly failed: number;
  /** Files that were being received when the run was stopped. */
  readonly cancelled: number;
  /** Files that had not begun when the run was told to end. */
  readonly dropped: number;
  /** Lines of the list that can't be used. */
  readonly rejected: number;
  /** Bytes of the completed files. */
  readonly bytes: number;
  /** Those of them that were in place when the run began. */
  readonly resumedBytes: number;
  /** The run's time in milliseconds. */
  readonly durationMs: number;
}

/** The run has ended. */
export interface FinishedEvent extends Summary {
  /** Tells the kinds of events apart. */
  readonly type: "finished";
}

/** Everything that a run tells, in the order in which it happens. */
export type DownloadEvent =
  | QueuedEvent
  | StartedEvent
  | ProgressEvent
  | RetryingEvent
  | CompletedEvent
  | SkippedEvent
  | FailedEvent
  | CancelledEvent
  | RejectedEvent
  | HostPausedEvent
  | HostResumedEvent
  | DrainingEvent
  | CancellingEvent
  | FinishedEvent;
