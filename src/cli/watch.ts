import {
  canRedraw,
  DashboardScreen,
  type Device,
  ENDING_SIGNALS,
  type EventObserver,
  LogFile,
  NdjsonWriter,
  Output,
  printable,
  processDevice,
  ReportFile,
  type RunControls,
  type Screen,
  type Setting,
  speed,
  StandardScreen,
  stderr,
  stdout,
  TerminalKeys,
} from "../display/mod.ts";
import type { DownloadConfig } from "./download_options.ts";
import { UsageError } from "./errors.ts";
import { VERSION } from "./version.ts";

/**
 * The screen that the options ask for and the terminal allows. `quit` is what its keys call to end
 * the run.
 */
export async function chooseScreen(
  config: DownloadConfig,
  controls: RunControls,
  quit: () => void,
): Promise<Screen> {
  const { quiet, json, graceMs, workers } = config;
  // With --json the standard output belongs to programs.
  const device: Device = json ? { ...processDevice, out: stderr } : processDevice;
  const drawn = canRedraw(Deno.env.get) && !json;
  const options = {
    version: VERSION,
    settings: settingsOf(config),
    workers: typeof workers === "number" ? workers : workers.max,
    graceMs,
    quiet,
    live: drawn,
    bytesPerSecond: () => controls.bytesPerSecond,
    quit,
    // With --limits a SIGHUP is no end, but a request to read them again.
    ending: ENDING_SIGNALS.filter((signal) => signal !== "SIGHUP" || config.limits === undefined),
    device,
  };
  if (!config.dashboard || quiet) return new StandardScreen(options);
  if (drawn && stdout.isTerminal) {
    const keys = await TerminalKeys.load();
    return new DashboardScreen({ ...options, controls, keys });
  }
  using output = new Output();
  output.error("No terminal for the dashboard: showing lines instead.");
  return new StandardScreen(options);
}

/**
 * Everything else that the options ask for and that takes in events.
 *
 * @throws {UsageError} if a file can't be opened.
 */
export function openRecords({ json, log, report }: DownloadConfig): EventObserver[] {
  const records: EventObserver[] = [];
  try {
    if (json) records.push(new NdjsonWriter());
    if (log !== undefined) {
      records.push(openFile("--log", log, () => new LogFile(log, complain("log", log))));
    }
    if (report !== undefined) {
      const program = `dlm ${VERSION}`;
      const open = () => new ReportFile(report, program, complain("report", report));
      records.push(openFile("--report", report, open));
    }
    return records;
  } catch (error) {
    for (const record of records) record[Symbol.dispose]();
    throw error;
  }
}

function openFile<T>(flag: string, path: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw new UsageError(`${flag} ${path}: ${whyUnwritable(error)}`);
  }
}

function whyUnwritable(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such folder";
  if (error instanceof Deno.errors.PermissionDenied) return "there is no permission to write it";
  const text = error instanceof Error ? error.message : String(error);
  return /Is a directory/.test(text) ? "that is a folder" : text;
}

/** A record that can't be written is no reason to stop a download. */
function complain(what: string, path: string): (error: unknown) => void {
  return (error) => {
    using output = new Output();
    const why = error instanceof Error ? error.message : String(error);
    output.error(`dlm: cannot write the ${what} ${printable(path)}: ${printable(why)}`);
  };
}

function settingsOf(config: DownloadConfig): Setting[] {
  const { workers, adaptive, queue, dir, ifExists, bytesPerSecond, requestsPerSecond } = config;
  const range = typeof workers === "number" ? `${workers}` : `${workers.min}..${workers.max}`;
  const settings: Setting[] = [
    ["Workers", adaptive ? `${range}, adaptive` : range],
    ["Queue Size", `${queue}`],
    ["Folder", dir],
    ["If Exists", ifExists],
  ];
  if (bytesPerSecond !== Infinity) settings.push(["Rate Limit", speed(bytesPerSecond)]);
  if (requestsPerSecond !== Infinity) settings.push(["Request Rate", `${requestsPerSecond}/s`]);
  if (config.verify || config.checksums) settings.push(["Verify", "enabled"]);
  if (config.pipeline) settings.push(["Mode", "pipeline"]);
  return settings;
}
