/** Control sequences that the terminals in use today understand. */

/** DEC's synchronized output: terminals that know it show the frame at once, others ignore it. */
export const BEGIN_FRAME = "\x1b[?2026h";
/** Ends {@linkcode BEGIN_FRAME}. */
export const END_FRAME = "\x1b[?2026l";
/** Hides the cursor. */
export const HIDE_CURSOR = "\x1b[?25l";
/** Shows the cursor. */
export const SHOW_CURSOR = "\x1b[?25h";
/** Text that reaches the right edge stays there. */
export const WRAP_OFF = "\x1b[?7l";
/** Text that reaches the right edge goes on in the next row. */
export const WRAP_ON = "\x1b[?7h";
/** Clears from the cursor to the end of the row. */
export const CLEAR_LINE_END = "\x1b[K";
/**
 * Clears the cursor's row, at whose start it must be, and all below it. The row is cleared by itself
 * first: only then tmux forgets that it has once been wrapped. The rest is cleared from the second
 * column on: from the first one, at the top of the screen, tmux would move it to its history instead.
 */
export const CLEAR_BELOW = "\x1b[K\x1b[C\x1b[J\r";
/** Remembers where the cursor is. */
export const SAVE_CURSOR = "\x1b7";
/** Moves the cursor where it was. */
export const RESTORE_CURSOR = "\x1b8";
/** Switches to the alternate screen, which has no history; the other stays as it is. */
export const ENTER_ALTERNATE = "\x1b[?1049h";
/** Switches back. */
export const LEAVE_ALTERNATE = "\x1b[?1049l";
/** Moves to the top left corner and clears everything. */
export const CLEAR_ALL = "\x1b[H\x1b[2J";

/** Moves up so many rows. */
export function up(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : "";
}

/** Moves down so many rows. */
export function down(rows: number): string {
  return rows > 0 ? `\x1b[${rows}B` : "";
}

/** Moves to the start of a row, the first being 1. */
export function toRow(row: number): string {
  return `\x1b[${row};1H`;
}
