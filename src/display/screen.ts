import type { DownloadEvent } from "../download/mod.ts";
import { Output, stderr, stdout } from "./output.ts";
import {
  banner,
  cancellingLine,
  drainingLines,
  eventLines,
  type Line,
  liveBlock,
  type Setting,
  shutdownLines,
  summaryLines,
} from "./standard.ts";
import { RunState } from "./state.ts";
import { LiveTerminal, terminalSize } from "./terminal.ts";

/** What a screen must know besides the events. */
export interface ScreenOptions {
  /** The program's version. */
  readonly version: string;
  /** What the banner lists. */
  readonly settings: readonly Setting[];
  /** How long files under way may take after the first signal, in milliseconds. */
  readonly graceMs: number;
  /** Nothing but errors. */
  readonly quiet: boolean;
  /** Whether a block may be redrawn in place; only on terminals that can. */
  readonly live: boolean;
}

/** Shows a run as it goes. */
export interface Screen extends Disposable {
  /** Shows what is there before the first event. */
  open(): void;
  /** Takes in an event. */
  onEvent(event: DownloadEvent): void;
}

/** How often the block is redrawn; a person reads no faster. */
const FRAME_MS = 100;

/** The standard mode: a line a file as it ends and, on a terminal, a block of what is under way. */
export class StandardScreen implements Screen {
  readonly #options: ScreenOptions;
  readonly #state = new RunState();
  readonly #output = new Output();
  readonly #terminal: LiveTerminal | undefined;
  readonly #startedMs = performance.now();
  #lines: string[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Shows nothing yet. */
  constructor(options: ScreenOptions) {
    this.#options = options;
    if (options.live && !options.quiet && stdout.isTerminal) {
      this.#terminal = new LiveTerminal(stdout, terminalSize);
    }
  }

  /** Shows the banner. */
  open(): void {
    const { quiet, version, settings } = this.#options;
    if (quiet) return;
    for (const text of banner(version, settings)) this.#put({ text, error: false });
    if (this.#terminal) this.#timer = setInterval(() => this.#frame(), FRAME_MS);
  }

  /** Takes in an event. */
  onEvent(event: DownloadEvent): void {
    this.#state.apply(event, performance.now());
    for (const line of this.#linesOf(event)) this.#put(line);
  }

  /** Leaves the terminal as it was, with everything said that is to be said. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#terminal) {
      this.#terminal.draw(this.#lines, []);
      this.#terminal.close();
      this.#lines = [];
    }
    this.#output.flush();
  }

  #linesOf(event: DownloadEvent): Line[] {
    const { quiet, graceMs } = this.#options;
    switch (event.type) {
      case "draining":
        return quiet ? [] : drainingLines(event.inFlight, graceMs);
      case "cancelling":
        return quiet ? [] : [cancellingLine(event.reason)];
      case "finished":
        return quiet ? [] : this.#summary().map((text) => ({ text, error: false }));
      case "retrying":
        return quiet ? [] : eventLines(event);
      default:
        return eventLines(event).filter(({ error }) => error || !quiet);
    }
  }

  #summary(): string[] {
    const { summary, draining, completedWhileDraining } = this.#state;
    if (!summary) return [];
    return draining ? shutdownLines(summary, completedWhileDraining) : summaryLines(summary);
  }

  /** On a terminal both streams are the same screen, and the frame must know all of its lines. */
  #put({ text, error }: Line): void {
    if (this.#terminal && (!error || stderr.isTerminal)) this.#lines.push(text);
    else if (error) this.#output.error(text);
    else this.#output.line(text);
  }

  #frame(): void {
    const now = performance.now();
    const block = this.#state.summary
      ? []
      : liveBlock(this.#state, terminalSize(), now, this.#startedMs);
    this.#terminal?.draw(this.#lines, block);
    this.#lines = [];
  }
}
