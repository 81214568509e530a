import type { DownloadEvent } from "../download/mod.ts";
import { type Device, processDevice } from "./device.ts";
import { eventBlock, eventLines, throttleLine } from "./event_lines.ts";
import { info, type Line } from "./line.ts";
import { liveBlock } from "./live_block.ts";
import { LiveTerminal } from "./live_terminal.ts";
import { Output } from "./output.ts";
import { banner, summaryLines } from "./run_lines.ts";
import type { Screen, ScreenOptions } from "./screen.ts";
import { cancellingLines, drainedLine, drainingLines, shutdownLines } from "./shutdown_lines.ts";
import { RunState } from "./state.ts";
import { TerminalSession } from "./terminal_session.ts";

/** How often the block is redrawn; a person reads no faster. */
const FRAME_MS = 100;

/** When a frame is so late the process may have been stopped, and a shell have moved the cursor. */
const LATE_MS = 200;

/** A limit is reached when so much of it is used. */
const REACHED = 0.9;

/** What a quiet screen says something of. */
const FAILURES: ReadonlySet<DownloadEvent["type"]> = new Set(["failed", "rejected", "cancelled"]);

/** The standard mode: a line a file as it ends and, on a terminal, a block of what is under way. */
export class StandardScreen implements Screen {
  readonly #options: ScreenOptions;
  readonly #device: Device;
  readonly #state: RunState;
  readonly #output: Output;
  readonly #terminal: LiveTerminal | undefined;
  readonly #session: TerminalSession;
  readonly #linesOf: (event: DownloadEvent) => Line[];
  #lines: string[] = [];
  #cancelFrame = () => {};
  #frameDueMs = Infinity;
  #announcedLimit = Infinity;

  /** Shows nothing yet. A screen that takes over from another goes on from its `state`. */
  constructor(options: ScreenOptions, state?: RunState) {
    this.#options = options;
    const device = options.device ?? processDevice;
    this.#device = device;
    this.#state = state ?? new RunState(options.workers, device.timer.now());
    this.#output = new Output(device.out, device.err);
    this.#linesOf = device.err.isTerminal ? eventBlock : eventLines;
    if (options.live && !options.quiet && device.out.isTerminal) {
      this.#terminal = new LiveTerminal(device.out, device.size);
    }
    const use = {
      enter: () => this.#frame(),
      leave: () => this.#leave(),
      say: (text: string) => device.out.write(`${text}\n`),
      quit: options.quit ?? (() => {}),
    };
    this.#session = new TerminalSession(use, device.process, device.timer, options.ending);
  }

  /** Shows the banner. */
  open(): void {
    const { version, settings } = this.#options;
    for (const text of banner(version, settings)) this.say(info(text));
    this.resume();
  }

  /** Shows what is under way from now on. */
  resume(): void {
    if (this.#terminal) this.#session.open();
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

  /**
   * Says a line. On a terminal both streams are the same screen, and the frame must know all of its
   * lines.
   */
  say({ text, level }: Line): void {
    if (this.#options.quiet && level !== "error") return;
    const toErrors = level !== "info";
    if (this.#terminal && (!toErrors || this.#device.err.isTerminal)) this.#lines.push(text);
    else if (toErrors) this.#output.error(text);
    else this.#output.line(text);
  }

  /** As {@linkcode Screen.expect}. */
  expect(entries: number): void {
    this.#state.expect(entries);
  }

  /** Leaves the terminal as it was, with everything said that is to be said. */
  [Symbol.dispose](): void {
    this.#session.close();
    this.#output.flush();
  }

  /** Removes the block, so that what comes next goes below the lines. */
  #leave(): void {
    this.#cancelFrame();
    this.#terminal?.draw(this.#lines, []);
    this.#lines = [];
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
          this.#terminal !== undefined && this.#state.completedWhileDraining > 0,
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

  #frame(): void {
    const { timer, size } = this.#device;
    const nowMs = timer.now();
    if (nowMs > this.#frameDueMs + LATE_MS) this.#terminal?.forget();
    const block = this.#state.summary
      ? []
      : liveBlock(this.#state, size(), nowMs, this.#options.graceMs);
    this.#terminal?.draw(this.#lines, block);
    this.#lines = [];
    this.#nextFrame(FRAME_MS);
  }

  #nextFrame(ms: number): void {
    const { timer } = this.#device;
    this.#frameDueMs = timer.now() + ms;
    this.#cancelFrame = timer.schedule(ms, () => this.#frame());
  }
}
