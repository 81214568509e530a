/**
 * What people see of a run: pure functions that turn its state into lines, and the terminal that
 * they are drawn on.
 *
 * @module
 */

export { canRedraw, type ColorMode, useColor, wantsColor } from "./color.ts";
export { Output, type Sink, stderr, stdout } from "./output.ts";
export { type Screen, type ScreenOptions, StandardScreen } from "./screen.ts";
export {
  banner,
  eventLines,
  type Line,
  liveBlock,
  type Setting,
  shutdownLines,
  type Size,
  summaryLines,
} from "./standard.ts";
export { RunState } from "./state.ts";
export { LiveTerminal, terminalSize } from "./terminal.ts";
export { fit, printable, shorten, width } from "./text.ts";
export { bytes, duration, speed } from "./units.ts";
