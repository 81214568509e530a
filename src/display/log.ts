import { stripAnsiCode } from "@std/fmt/colors";
import type { DownloadEvent } from "../download/mod.ts";
import { eventLines } from "./event_lines.ts";
import { info, type Line, warning } from "./line.ts";
import type { EventObserver } from "./observer.ts";
import { Output } from "./output.ts";
import { StreamSink } from "./sink.ts";
import { printable } from "./text.ts";
import { bytes, duration, files } from "./units.ts";

/** What a log says of an event: one line, or none. */
export function logLines(event: DownloadEvent, time: Date): string[] {
  return linesOf(event).map(({ text, level }) =>
    `${time.toISOString()} ${level.padEnd(7)} ${stripAnsiCode(text)}`
  );
}

function linesOf(event: DownloadEvent): Line[] {
  switch (event.type) {
    case "started": {
      const { name, url, attempt, worker } = event;
      const from = event.bytes > 0 ? `, resumed at ${bytes(event.bytes)}` : "";
      const which = `attempt ${attempt}, worker ${worker}${from}`;
      return [info(`> ${printable(name)} from ${printable(url)} (${which})`)];
    }
    case "draining": {
      const { reason, inFlight } = event;
      return [warning(`${printable(reason)}: waiting for ${files(inFlight.length)} in flight`)];
    }
    case "cancelling":
      return [warning(`${printable(event.reason)}: cancelling what is in flight`)];
    case "finished": {
      const { files: all, completed, failed, skipped, cancelled, dropped, rejected } = event;
      const counts = `${completed} completed, ${failed} failed, ${skipped} skipped, ` +
        `${cancelled} cancelled, ${dropped} not begun, ${rejected} bad lines`;
      const figures = `${bytes(event.bytes)} in ${duration(event.durationMs)}`;
      return [info(`${files(all)}: ${counts}; ${figures}`)];
    }
    default:
      return eventLines(event);
  }
}

/** Appends to a file what a run says, a line an event, each with its time and level. */
export class LogFile implements EventObserver {
  readonly #file: Deno.FsFile;
  readonly #output: Output;
  readonly #now: () => Date;

  /**
   * Opens the file, and makes it if there is none. `onFailure` is told once if it can be written no
   * more, such as on a full disk; the run goes on without a log.
   *
   * @throws whatever `Deno.open` does.
   */
  constructor(
    path: string,
    onFailure: (error: unknown) => void,
    now: () => Date = () => new Date(),
  ) {
    this.#file = Deno.openSync(path, { append: true, create: true });
    const sink = new StreamSink(this.#file, onFailure);
    this.#output = new Output(sink, sink);
    this.#now = now;
  }

  /** Writes down an event. */
  onEvent(event: DownloadEvent): void {
    for (const line of logLines(event, this.#now())) this.#output.line(line);
  }

  /** Writes what waits, and closes the file. */
  [Symbol.dispose](): void {
    this.#output.flush();
    this.#file.close();
  }
}
