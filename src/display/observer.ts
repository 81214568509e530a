import type { DownloadEvent } from "../download/mod.ts";

/** Takes in everything that a run tells: to show it, or to write it down. */
export interface EventObserver extends Disposable {
  /** Takes in an event. */
  onEvent(event: DownloadEvent): void;
}
