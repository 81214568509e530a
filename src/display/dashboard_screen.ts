import type { DownloadEvent } from "../download/mod.ts";
import { BYTE_LIMITS, REQUEST_LIMITS, type RunControls } from "./controls.ts";
import { dashboard } from "./dashboard.ts";
import { type Device, processDevice } from "./device.ts";
import { FullScreen } from "./full_screen.ts";
import type { Key, KeySource } from "./keys.ts";
import { error, type Line } from "./line.ts";
import type { Screen, ScreenOptions } from "./screen.ts";
import { StandardScreen } from "./standard_screen.ts";
import { RunState } from "./state.ts";
import { TerminalSession } from "./terminal_session.ts";

/** What a dashboard needs besides. */
export interface DashboardOptions extends ScreenOptions {
  /** What its keys change. */
  readonly controls: RunControls;
  /** Tells the run to end: once gracefully, twice at once. */
  readonly quit: () => void;
  /** Where keys come from. */
  readonly keys: KeySource;
}

/** How often the screen is redrawn. */
const FRAME_MS = 100;

/** Two frames are never closer than that, however many keys are pressed. */
const LEAST_FRAME_MS = 50;

/** As many workers as keys can make. */
const MAX_WORKERS = 512;

/** How many errors are kept for the end. */
const MAX_ERRORS = 1_000;

/**
 * The dashboard: everything about a run on the whole screen, and keys to steer it.
 *
 * It ends with the run, or when the run is told to end: the screen comes back as it was, and the
 * rest is shown as the standard mode shows it, so that it is still there afterwards.
 */
export class DashboardScreen implements Screen {
  readonly #options: DashboardOptions;
  readonly #device: Device;
  readonly #state: RunState;
  readonly #standard: StandardScreen;
  readonly #full: FullScreen;
  readonly #keys: KeySource;
  readonly #session: TerminalSession;
  #open = false;
  #errors = 0;
  #scroll = 0;
  #maxScroll = 0;
  #help = false;
  #drawnMs = -Infinity;
  #cancelFrame = () => {};

  /** Shows nothing yet. */
  constructor(options: DashboardOptions) {
    const device = options.device ?? processDevice;
    this.#options = options;
    this.#device = device;
    this.#keys = options.keys;
    this.#state = new RunState(options.workers, device.timer.now());
    this.#standard = new StandardScreen(options, this.#state);
    this.#full = new FullScreen(device.out);
    const use = {
      enter: () => this.#enter(),
      leave: () => this.#leave(),
      say: (text: string) => device.out.write(`${text}\n`),
      quit: options.quit,
    };
    this.#session = new TerminalSession(use, device.process, device.timer, options.ending);
  }

  /** Takes the screen. */
  open(): void {
    this.#open = true;
    this.#session.open();
  }

  /** Takes in an event. */
  onEvent(event: DownloadEvent): void {
    this.#state.apply(event, this.#device.timer.now());
    if (ENDS.has(event.type)) this.#close();
    if (!this.#open) this.#standard.show(event);
    else if (this.#errors < MAX_ERRORS) this.#errors += this.#standard.show(event, "error");
  }

  /** As {@linkcode Screen.expect}. */
  expect(entries: number): void {
    this.#state.expect(entries);
  }

  /** As {@linkcode Screen.say}: when the terminal has been given back. */
  say(line: Line): void {
    this.#standard.say(line);
  }

  /** Gives the terminal back, with everything said that is to be said. */
  [Symbol.dispose](): void {
    this.#close();
    this.#standard[Symbol.dispose]();
  }

  /** From now on the standard mode shows what happens; first the errors until now. */
  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#session.close();
    if (this.#errors >= MAX_ERRORS) this.#standard.say(error("… there may be more errors"));
    this.#standard.resume();
  }

  #enter(): void {
    this.#full.enter();
    if (this.#keys.available) this.#keys.start((key) => this.#onKey(key));
    this.#frame();
  }

  #leave(): void {
    this.#cancelFrame();
    this.#keys.stop();
    this.#full.leave();
  }

  #frame(): void {
    const { controls } = this.#options;
    const size = this.#device.size();
    const nowMs = this.#device.timer.now();
    if (controls.workers > 0) this.#state.setWorkers(controls.workers, nowMs);
    const view = {
      stages: controls.stages,
      bytesPerSecond: controls.bytesPerSecond,
      requestsPerSecond: controls.requestsPerSecond,
      paused: controls.paused,
      scroll: this.#scroll,
      help: this.#help,
      keys: this.#keys.available,
    };
    const { lines, maxScroll } = dashboard(this.#state, view, size, nowMs);
    this.#maxScroll = maxScroll;
    this.#scroll = Math.min(this.#scroll, maxScroll);
    this.#full.draw(lines, size);
    this.#drawnMs = nowMs;
    this.#nextFrame(FRAME_MS);
  }

  #nextFrame(ms: number): void {
    this.#cancelFrame();
    this.#cancelFrame = this.#device.timer.schedule(ms, () => this.#frame());
  }

  #onKey(key: Key): void {
    const action = this.#actions[key];
    if (!action) return;
    action();
    const sinceMs = this.#device.timer.now() - this.#drawnMs;
    if (this.#open) this.#nextFrame(Math.max(0, LEAST_FRAME_MS - sinceMs));
  }

  readonly #actions: Readonly<Record<Key, () => void>> = {
    "q": () => this.#options.quit(),
    "\x03": () => this.#options.quit(),
    "p": () => {
      const { controls } = this.#options;
      if (controls.paused) controls.resume();
      else controls.pause();
    },
    "+": () => {
      const { controls } = this.#options;
      controls.bytesPerSecond = BYTE_LIMITS.higher(controls.bytesPerSecond);
    },
    "-": () => {
      const { controls } = this.#options;
      const current = this.#state.throughput.current(this.#device.timer.now());
      controls.bytesPerSecond = BYTE_LIMITS.lower(controls.bytesPerSecond, current);
    },
    "r": () => {
      const { controls } = this.#options;
      controls.requestsPerSecond = REQUEST_LIMITS.higher(controls.requestsPerSecond);
    },
    "R": () => {
      const { controls } = this.#options;
      // A file takes about one request.
      const current = controls.stages.find(({ name }) => name === "download")?.perSecond ?? 0;
      controls.requestsPerSecond = REQUEST_LIMITS.lower(controls.requestsPerSecond, current);
    },
    "w": () => this.#setWorkers(1),
    "W": () => this.#setWorkers(-1),
    "?": () => {
      this.#help = !this.#help;
    },
    "up": () => this.#scrollBy(-1),
    "down": () => this.#scrollBy(1),
    "page-up": () => this.#scrollBy(-PAGE),
    "page-down": () => this.#scrollBy(PAGE),
    "home": () => this.#scrollBy(-Infinity),
    "end": () => this.#scrollBy(Infinity),
  };

  #setWorkers(more: number): void {
    const { controls } = this.#options;
    controls.workers = Math.max(1, Math.min(MAX_WORKERS, controls.workers + more));
  }

  #scrollBy(rows: number): void {
    this.#scroll = Math.max(0, Math.min(this.#maxScroll, this.#scroll + rows));
  }
}

/** How far a page scrolls. */
const PAGE = 10;

/** After these events there is nothing left to steer. */
const ENDS: ReadonlySet<DownloadEvent["type"]> = new Set(["draining", "cancelling", "finished"]);
