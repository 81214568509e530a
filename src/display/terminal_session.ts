import type { Timer } from "./device.ts";
import type { TerminalProcess } from "./terminal_process.ts";

/** What a {@linkcode TerminalSession} does to the terminal. */
export interface TerminalUse {
  /** Takes the terminal. */
  enter(): void;
  /** Gives it back as it was; harmless if it has been given back. */
  leave(): void;
  /** Says something on the terminal that was given back. */
  say(text: string): void;
  /** Ends the program when the process may not be ended. */
  quit(): void;
}

/** How long to wait for a second Ctrl+Z where the process can't stop itself. */
const SECOND_STOP_MS = 3_000;

/** Signals that end a program unless it is told otherwise; SIGINT and SIGTERM are the shutdown's. */
export const ENDING_SIGNALS: readonly Deno.Signal[] = ["SIGHUP", "SIGQUIT"];

/**
 * Holds the terminal, and gives it back whatever happens: when it is closed, when the process ends
 * by an exit, an error or a signal, and while it is stopped. After that the terminal is taken again.
 *
 * A process that isn't allowed to signal itself (before Deno 2.9 that takes `--allow-run`) can't stop
 * after it has given the terminal back: there a second Ctrl+Z, which nobody listens to, does.
 */
export class TerminalSession implements Disposable {
  readonly #use: TerminalUse;
  readonly #process: TerminalProcess;
  readonly #timer: Timer;
  readonly #ending: readonly Deno.Signal[];
  #listeners: (() => void)[] = [];
  #ignoreStop = () => {};
  #cancelReturn = () => {};

  /** Takes nothing yet. `ending` are the signals that end the process at once. */
  constructor(
    use: TerminalUse,
    process: TerminalProcess,
    timer: Timer,
    ending: readonly Deno.Signal[] = ENDING_SIGNALS,
  ) {
    this.#ending = ending;
    this.#use = use;
    this.#process = process;
    this.#timer = timer;
  }

  /** Takes the terminal. */
  open(): void {
    this.#listeners = [
      this.#process.onEnd(() => this.#use.leave()),
      this.#process.onSignal("SIGCONT", () => this.#return()),
      ...this.#ending.map((signal) => this.#process.onSignal(signal, () => this.#end(signal))),
    ];
    this.#take();
  }

  /** Gives the terminal back for good. */
  close(): void {
    this.#cancelReturn();
    this.#ignoreStop();
    for (const remove of this.#listeners.splice(0)) remove();
    this.#use.leave();
  }

  /** As {@linkcode TerminalSession.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #take(): void {
    this.#use.enter();
    this.#ignoreStop();
    this.#ignoreStop = this.#process.onSignal("SIGTSTP", () => this.#stop());
  }

  #stop(): void {
    this.#use.leave();
    if (this.#process.raise("SIGSTOP")) return; // SIGCONT comes next
    this.#ignoreStop();
    this.#ignoreStop = () => {};
    this.#use.say("Press Ctrl+Z again to suspend.");
    this.#cancelReturn = this.#timer.schedule(SECOND_STOP_MS, () => this.#return());
  }

  /** The shell may have changed the terminal, so it is taken anew. */
  #return(): void {
    this.#cancelReturn();
    this.#use.leave();
    this.#take();
  }

  #end(signal: Deno.Signal): void {
    this.close();
    if (!this.#process.raise(signal)) this.#use.quit();
  }
}
