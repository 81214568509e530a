/**
 * What people see of a run: pure functions that turn its state into lines, and the terminal that
 * they are drawn on.
 *
 * @module
 */

export { canRedraw, type ColorMode, type Env, useColor, wantsColor } from "./color.ts";
export { BYTE_LIMITS, LimitSteps, REQUEST_LIMITS, type RunControls } from "./controls.ts";
export { dashboard, type DashboardFrame, type DashboardView } from "./dashboard.ts";
export { type DashboardOptions, DashboardScreen } from "./dashboard_screen.ts";
export { type Device, processDevice, type Timer } from "./device.ts";
export { eventBlock, eventLines, throttleLine } from "./event_lines.ts";
export { FullScreen } from "./full_screen.ts";
export { type Key, type KeySource, parseKeys } from "./keys.ts";
export type { Level, Line, Size } from "./line.ts";
export { liveBlock } from "./live_block.ts";
export { LiveLines, type LiveLinesOptions } from "./live_lines.ts";
export { LiveTerminal } from "./live_terminal.ts";
export { LogFile, logLines } from "./log.ts";
export { ndjsonLine, NdjsonWriter } from "./ndjson.ts";
export type { EventObserver } from "./observer.ts";
export { Output } from "./output.ts";
export { type ReportEntry, ReportFile } from "./report.ts";
export { banner, type Setting, summaryLines } from "./run_lines.ts";
export type { Screen, ScreenOptions } from "./screen.ts";
export {
  cancellingLines,
  drainedLine,
  drainingLines,
  type ShutdownFigures,
  shutdownLines,
} from "./shutdown_lines.ts";
export { type Sink, stderr, stdout, type Stream, StreamSink } from "./sink.ts";
export { sparkline } from "./sparkline.ts";
export { StandardScreen } from "./standard_screen.ts";
export { type ActiveFile, type HostPause, type Problem, RunState } from "./state.ts";
export { TerminalKeys } from "./terminal_keys.ts";
export { type TerminalProcess, terminalProcess } from "./terminal_process.ts";
export { ENDING_SIGNALS, TerminalSession, type TerminalUse } from "./terminal_session.ts";
export { clip, escapeJson, fit, printable, shorten, width } from "./text.ts";
export { Throughput } from "./throughput.ts";
export {
  average,
  bar,
  bytes,
  duration,
  eta,
  files,
  percent,
  rate,
  seconds,
  span,
  speed,
} from "./units.ts";
