import type { SkippedEvent } from "./events.ts";

/** Ends an attempt because its file need not be fetched after all. */
export class NotNeeded extends Error {
  override readonly name = "NotNeeded";
  /** Why not. */
  readonly reason: SkippedEvent["reason"];

  /** Says why not. */
  constructor(reason: SkippedEvent["reason"]) {
    super(`not needed: ${reason}`);
    this.reason = reason;
  }
}
