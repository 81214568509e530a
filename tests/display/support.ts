import { stripAnsiCode } from "@std/fmt/colors";
import { ManualClock } from "../../src/clock/mod.ts";
import { type Device, RunState, type TerminalProcess, width } from "../../src/display/mod.ts";
import type {
  CompletedEvent,
  DownloadEvent,
  FailedEvent,
  FileRef,
  StartedEvent,
  Summary,
} from "../../src/download/mod.ts";
import { TerminalEmulator } from "../support/terminal_emulator.ts";

/** The widths at which everything must look right. */
export const WIDTHS = [60, 80, 120, 200] as const;

/** Which file an event is about. */
export function file(id: number, name = `file${id}.zip`): FileRef {
  return { id, name, path: `downloads/${name}`, url: `https://example.com/${encodeURI(name)}` };
}

/** An event that a worker has begun. */
export function started(
  ref: FileRef,
  worker: number,
  more: Partial<StartedEvent> = {},
): DownloadEvent {
  return { type: "started", ...ref, worker, attempt: 1, bytes: 0, ...more };
}

/** An event that bytes have come. */
export function progress(ref: FileRef, bytes: number, length?: number): DownloadEvent {
  return { type: "progress", ...ref, bytes, length };
}

/** An event that a file is complete. */
export function completed(
  ref: FileRef,
  bytes: number,
  more: Partial<CompletedEvent> = {},
): CompletedEvent {
  return {
    type: "completed",
    ...ref,
    bytes,
    durationMs: 2300,
    attempts: 1,
    lengthUnknown: false,
    ...more,
  };
}

/** An event that a file can't be had. */
export function failed(ref: FileRef, more: Partial<FailedEvent> = {}): FailedEvent {
  return {
    type: "failed",
    ...ref,
    kind: "timeout",
    message: "no byte for 30s",
    attempts: 4,
    ...more,
  };
}

/** The figures of a run. */
export function summary(more: Partial<Summary> = {}): Summary {
  return {
    files: 25,
    completed: 24,
    skipped: 0,
    failed: 1,
    cancelled: 0,
    dropped: 0,
    rejected: 0,
    bytes: 1_200_000_000,
    resumedBytes: 0,
    durationMs: 135_000,
    ...more,
  };
}

/** A run to which events happen at given times, in milliseconds from its start. */
export function runOf(
  events: readonly (readonly [atMs: number, event: DownloadEvent])[],
  workers = 5,
): RunState {
  const state = new RunState(workers, 0);
  for (const [atMs, event] of events) state.apply(event, atMs);
  return state;
}

/** Throws unless every line leaves the last column free and has no space at its end. */
export function assertFits(lines: readonly string[], columns: number): void {
  for (const line of lines) {
    const text = stripAnsiCode(line);
    if (width(text) >= columns) throw new Error(`too wide for ${columns} columns: ${text}`);
    if (text !== text.trimEnd()) throw new Error(`spaces at the end of ${JSON.stringify(text)}`);
  }
}

/** A device with terminals, or files, that tests can look at. */
export class TestDevice implements Device {
  readonly timer = new ManualClock();
  readonly process = new FakeProcess();
  readonly out: TerminalEmulator | TextSink;
  readonly err: TerminalEmulator | TextSink;
  columns = 80;
  rows = 24;

  constructor(
    kind: { out: "terminal" | "file"; err: "terminal" | "file" },
    columns = 80,
    rows = 24,
  ) {
    const terminal = new TerminalEmulator(columns, rows);
    this.out = kind.out === "terminal" ? terminal : new TextSink();
    this.err = kind.err === "terminal" ? terminal : new TextSink();
  }

  readonly size = (): { columns: number; rows: number } => {
    const terminal = [this.out, this.err].find((sink) => sink instanceof TerminalEmulator);
    return terminal ?? { columns: 80, rows: 24 };
  };
}

/** A stream to a file. */
export class TextSink {
  readonly isTerminal = false;
  colors = false;
  text = "";

  write(text: string): void {
    this.text += text;
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }
}

/** A process whose signals a test sends, and a terminal that notes what is done to it. */
export class FakeProcess implements TerminalProcess {
  readonly events: string[] = [];
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #mayRaise: boolean;

  constructor(mayRaise = true) {
    this.#mayRaise = mayRaise;
  }

  onSignal(signal: Deno.Signal, listener: () => void): () => void {
    return this.#on(signal, listener);
  }

  onEnd(listener: () => void): () => void {
    return this.#on("end", listener);
  }

  raise(signal: Deno.Signal): boolean {
    this.events.push(this.#mayRaise ? `raise ${signal}` : `may not raise ${signal}`);
    return this.#mayRaise;
  }

  /** Sends a signal; false if nobody listens, so that it does what it always does. */
  send(signal: Deno.Signal | "end"): boolean {
    const listeners = [...this.#listeners.get(signal) ?? []];
    for (const listener of listeners) listener();
    return listeners.length > 0;
  }

  /** How many listeners there are. */
  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  #on(signal: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(signal) ?? new Set();
    this.#listeners.set(signal, listeners.add(listener));
    return () => void listeners.delete(listener);
  }
}
