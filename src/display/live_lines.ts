import type { Device } from "./device.ts";
import type { Line } from "./line.ts";
import { LiveTerminal } from "./live_terminal.ts";
import { Output } from "./output.ts";
import { TerminalSession } from "./terminal_session.ts";

/** What {@linkcode LiveLines} needs to know. */
export interface LiveLinesOptions {
  /** Where they are shown. */
  readonly device: Device;
  /** Whether a block may be redrawn in place; it is if the standard output is a terminal. */
  readonly live: boolean;
  /** The block's lines as they are now, narrower than the terminal. */
  readonly block: (nowMs: number) => readonly string[];
  /** The signals that end the process at once. Default: SIGHUP and SIGQUIT. */
  readonly ending?: readonly Deno.Signal[] | undefined;
  /** Ends the program, where the process can't be ended itself. */
  readonly quit?: (() => void) | undefined;
}

/** How often the block is redrawn; a person reads no faster. */
const FRAME_MS = 100;

/** When a frame is so late the process may have been stopped, and a shell have moved the cursor. */
const LATE_MS = 200;

/**
 * Lines for the standard output and the standard error and, on a terminal, a block below them that
 * is redrawn as long as it lasts. The terminal is given back whatever happens.
 */
export class LiveLines implements Disposable {
  readonly #options: LiveLinesOptions;
  readonly #output: Output;
  readonly #terminal: LiveTerminal | undefined;
  readonly #session: TerminalSession;
  #lines: string[] = [];
  #cancelFrame = () => {};
  #frameDueMs = Infinity;

  /** Shows nothing yet. */
  constructor(options: LiveLinesOptions) {
    const { device, live, ending, quit = () => {} } = options;
    this.#options = options;
    this.#output = new Output(device.out, device.err);
    if (live && device.out.isTerminal) {
      this.#terminal = new LiveTerminal(device.out, device.size);
    }
    const use = {
      enter: () => this.#frame(),
      leave: () => this.#leave(),
      say: (text: string) => device.out.write(`${text}\n`),
      quit,
    };
    this.#session = new TerminalSession(use, device.process, device.timer, ending);
  }

  /** Whether there is a block. */
  get isLive(): boolean {
    return this.#terminal !== undefined;
  }

  /** Shows the block from now on. */
  open(): void {
    if (this.#terminal) this.#session.open();
  }

  /**
   * Says a line. On a terminal both streams are the same screen, and the frame must know all of its
   * lines.
   */
  say({ text, level }: Line): void {
    const toErrors = level !== "info";
    if (this.#terminal && (!toErrors || this.#options.device.err.isTerminal)) {
      this.#lines.push(text);
    } else if (toErrors) this.#output.error(text);
    else this.#output.line(text);
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

  #frame(): void {
    const { device: { timer }, block } = this.#options;
    const nowMs = timer.now();
    if (nowMs > this.#frameDueMs + LATE_MS) this.#terminal?.forget();
    this.#terminal?.draw(this.#lines, block(nowMs));
    this.#lines = [];
    this.#frameDueMs = timer.now() + FRAME_MS;
    this.#cancelFrame = timer.schedule(FRAME_MS, () => this.#frame());
  }
}
