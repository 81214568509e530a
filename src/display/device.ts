import type { Size } from "./line.ts";
import { type Sink, stderr, stdout } from "./sink.ts";
import { type TerminalProcess, terminalProcess } from "./terminal_process.ts";

/** Measures time and calls back; a clock of `src/clock` is one. */
export interface Timer {
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Calls `fire` once after `ms` milliseconds, unless the returned function is called first. */
  schedule(ms: number, fire: () => void): () => void;
}

/** What a screen is shown on: the process's streams in the program, others in tests. */
export interface Device {
  /** Where what went well is told. */
  readonly out: Sink;
  /** Where problems are told. */
  readonly err: Sink;
  /** The terminal's size now. */
  size(): Size;
  /** Measures time. */
  readonly timer: Timer;
  /** The signals of the process that has the terminal. */
  readonly process: TerminalProcess;
}

/** The terminal, file or pipe that the process was started with. */
export const processDevice: Device = {
  out: stdout,
  err: stderr,
  size: terminalSize,
  timer: {
    now: () => performance.now(),
    schedule(ms, fire) {
      const timer = setTimeout(fire, ms);
      return () => clearTimeout(timer);
    },
  },
  process: terminalProcess,
};

/** The size of the terminal that the process runs in; 80 by 24 where it can't be told. */
function terminalSize(): Size {
  try {
    const { columns, rows } = Deno.consoleSize();
    return columns > 0 && rows > 0 ? { columns, rows } : FALLBACK_SIZE;
  } catch {
    return FALLBACK_SIZE;
  }
}

const FALLBACK_SIZE: Size = { columns: 80, rows: 24 };
