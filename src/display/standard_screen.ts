import type { DownloadEvent } from "../download/mod.ts";
import { type Device, processDevice } from "./device.ts";
import { eventBlock, eventLines, throttleLine } from "./event_lines.ts";
import { info, type Line } from "./line.ts";
import { liveBlock } from "./live_block.ts";
import { LiveLines } from "./live_lines.ts";
import { banner, summaryLines } from "./run_lines.ts";
import type { Screen, ScreenOptions } from "./screen.ts";
import { cancellingLines, drainedLine, drainingLines, shutdownLines } from "./shutdown_lines.ts";
import { RunState } from "./state.ts";

/** A limit is reached when so much of it is used. */
const REACHED = 0.9;

/** What a quiet screen says something of. */
const FAILURES: ReadonlySet<DownloadEvent["type"]> = new Set(["failed", "rejected", "cancelled"]);

/** The standard mode: a line a file as it ends and, on a terminal, a block of what is under way. */
export class StandardScreen implements Screen {
  readonly #options: ScreenOptions;
  readonly #device: Device;
  readonly #state: RunState;
  readonly #live: LiveLines;
  readonly #linesOf: (event: DownloadEvent) => Line[];
  #announcedLimit = Infinity;

  /** Shows nothing yet. A screen that takes over from another goes on from its `state`. */
  constructor(options: ScreenOptions, state?: RunState) {
    this.#options = options;
    const device = options.device ?? processDevice;
    this.#device = device;
    this.#state = state ?? new RunState(options.workers, device.timer.now());
    this.#linesOf = device.err.isTerminal ? eventBlock : eventLines;
    this.#live = new LiveLines({
      device,
      live: options.live && !options.quiet,
      block: (nowMs) => this.#block(nowMs),
      ending: options.ending,
      quit: options.quit,
    });
  }

  /** Shows the banner. */
  open(): void {
    const { version, settings } = this.#options;
    for (const text of banner(version, settings)) this.say(info(text));
    this.resume();
  }

  /** Shows what is under way from now on. */
  resume(): void {
    this.#live.open();
  }

  /** Takes in an event. */
  onEvent(event: DownloadEvent): void {
    if (this.#options.quiet && !FAILURES.has(event.type)) return;
    this.#state.apply(event, this.#device.timer.now());
    this.show(event);
  }

  /**
   * Says what is to be said of an event that the state has taken in already, as far as it matters
   * enough. Returns how many lines that are.
   */
  show(event: DownloadEvent, least: "info" | "error" = "info"): number {
    const lines = this.#say(event).filter(({ level }) => least === "info" || level === "error");
    for (const line of lines) this.say(line);
    return lines.length;
  }

  /** Says a line, if it matters enough. */
  say(line: Line): void {
    if (!this.#options.quiet || line.level === "error") this.#live.say(line);
  }

  /** As {@linkcode Screen.expect}. */
  expect(entries: number): void {
    this.#state.expect(entries);
  }

  /** Leaves the terminal as it was, with everything said that is to be said. */
  [Symbol.dispose](): void {
    this.#live[Symbol.dispose]();
  }

  #say(event: DownloadEvent): Line[] {
    switch (event.type) {
      case "progress":
        return this.#throttled();
      case "completed":
        return this.#state.draining ? [drainedLine(event)] : this.#linesOf(event);
      case "draining":
        return drainingLines(event.inFlight, this.#options.graceMs);
      case "cancelling":
        return cancellingLines(
          event.reason,
          this.#live.isLive && this.#state.completedWhileDraining > 0,
        );
      case "finished":
        return (this.#state.draining ? shutdownLines(event, this.#state) : summaryLines(event)).map(
          info,
        );
      default:
        return this.#linesOf(event);
    }
  }

  /** Says once for each limit that it is reached. */
  #throttled(): Line[] {
    const limit = this.#options.bytesPerSecond?.() ?? Infinity;
    if (limit === this.#announcedLimit) return [];
    if (this.#state.throughput.current(this.#device.timer.now()) < limit * REACHED) return [];
    this.#announcedLimit = limit;
    return limit === Infinity ? [] : [throttleLine(limit)];
  }

  #block(nowMs: number): string[] {
    if (this.#state.summary) return [];
    return liveBlock(this.#state, this.#device.size(), nowMs, this.#options.graceMs);
  }
}
