import type { DownloadEvent } from "../download/mod.ts";
import type { EventObserver } from "./observer.ts";
import { Output } from "./output.ts";
import { type Sink, stdout } from "./sink.ts";
import { escapeJson } from "./text.ts";

/**
 * An event as a line of NDJSON, without the line feed. This is the schema of `--json`:
 *
 * - every line is one JSON object, and every event of the run is one line, in their order
 * - `time` comes first: when it happened, ISO 8601 in UTC, to the millisecond
 * - `type` says which event it is: `queued`, `started`, `progress`, `retrying`, `completed`,
 *   `skipped`, `failed`, `cancelled`, `rejected`, `host-paused`, `host-resumed`, `draining`,
 *   `cancelling` or `finished`; others may be added
 * - all other members are those of `DownloadEvent`, with the same names, types and units: bytes,
 *   milliseconds (`…Ms`), and for files `id`, `url`, `name` and `path`. A member that is optional
 *   there is left out where it is not known
 * - `bytes` of a `started` says what is in place already; the first `bytes` of a file's `progress`
 *   may be less, if the server turns out to have another file now
 * - the last line of a run is its `finished`
 * - control characters, also C1, DEL and those that change the direction of text, are written as
 *   `\u` escapes, so that a line can be looked at on a terminal
 *
 * ```json
 * {"time":"2026-01-31T12:00:00.000Z","type":"completed","id":1,"url":"https://example.com/a.zip",…}
 * ```
 */
export function ndjsonLine(event: DownloadEvent, time: Date): string {
  return escapeJson(JSON.stringify({ time: time.toISOString(), ...event }));
}

/** Writes every event as a line of NDJSON, as {@linkcode ndjsonLine} has it. */
export class NdjsonWriter implements EventObserver {
  readonly #output: Output;
  readonly #now: () => Date;

  /** Writes to the standard output unless told otherwise. */
  constructor(sink: Sink = stdout, now: () => Date = () => new Date()) {
    this.#output = new Output(sink, sink);
    this.#now = now;
  }

  /** Writes an event. */
  onEvent(event: DownloadEvent): void {
    this.#output.line(ndjsonLine(event, this.#now()));
    if (event.type === "finished") this.#output.flush();
  }

  /** Writes what waits. */
  [Symbol.dispose](): void {
    this.#output.flush();
  }
}
