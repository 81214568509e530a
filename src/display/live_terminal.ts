import { stripAnsiCode } from "@std/fmt/colors";
import {
  BEGIN_FRAME,
  CLEAR_BELOW,
  CLEAR_LINE_END,
  down,
  END_FRAME,
  HIDE_CURSOR,
  RESTORE_CURSOR,
  SAVE_CURSOR,
  SHOW_CURSOR,
  up,
  WRAP_OFF,
  WRAP_ON,
} from "./_ansi.ts";
import type { Size } from "./line.ts";
import type { Sink } from "./sink.ts";

/**
 * Lines that scroll by, above a block that stays at the bottom and is redrawn in place.
 *
 * Each change is one write. Between two writes the cursor stands where the block begins. Terminals
 * keep it there when they wrap their text anew, so that the block can be replaced whole whatever has
 * become of it: a terminal that is made narrower wraps it, and some give the news of that only up to
 * a quarter of a second later, when other frames have been drawn. Nothing above the cursor is ever
 * touched, so no line is lost. What is echoed or written by others goes where the block begins, too,
 * and the next full frame begins below it.
 *
 * The block's lines must be narrower than the terminal.
 */
export class LiveTerminal implements Disposable {
  readonly #sink: Sink;
  readonly #size: () => Size;
  #block: string[] = [];
  #drawnAt: Size = { columns: 0, rows: 0 };
  /** Whether something may stand below the cursor. */
  #drawn = false;
  /** How many frames have changed only a part of the block since one drew all of it. */
  #updates = 0;

  /** On a terminal of the given size, which may change. */
  constructor(sink: Sink, size: () => Size) {
    this.#sink = sink;
    this.#size = size;
  }

  /** Adds `lines` above the block and makes the block look like `block`. */
  draw(lines: readonly string[], block: readonly string[]): void {
    const { columns, rows } = this.#size();
    const [added, next] = [lines.map(this.#paint), block.map(this.#paint)];
    const inPlace = added.length === 0 && next.length > 0 && next.length === this.#block.length &&
      columns === this.#drawnAt.columns && rows === this.#drawnAt.rows &&
      this.#updates < MOST_UPDATES;
    const frame = inPlace ? this.#update(next) : this.#redraw(added, next);
    this.#block = next;
    this.#drawnAt = { columns, rows };
    if (frame !== "") {
      this.#sink.write(`${BEGIN_FRAME}${HIDE_CURSOR}${frame}${SHOW_CURSOR}${END_FRAME}`);
    }
  }

  /** Others have moved the cursor: the next frame begins where it stands. */
  forget(): void {
    this.#block = [];
  }

  /** Removes the block; lines may be written below what was added. */
  close(): void {
    if (this.#drawn) this.draw([], []);
  }

  /** As {@linkcode LiveTerminal.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #redraw(lines: readonly string[], block: readonly string[]): string {
    this.#updates = 0;
    const before = this.#drawn ? `\r${CLEAR_BELOW}` : "";
    this.#drawn = block.length > 0;
    return `${before}${lines.map((line) => `${line}\n`).join("")}${blockText(block)}`;
  }

  #update(block: readonly string[]): string {
    this.#updates++;
    let text = "";
    let row = 0;
    for (const [index, line] of block.entries()) {
      if (line === this.#block[index]) continue;
      text += `\r${down(index - row)}${line}${CLEAR_LINE_END}`;
      row = index;
    }
    return text && held(text);
  }

  readonly #paint = (line: string): string => this.#sink.colors ? line : stripAnsiCode(line);
}

/** A second's frames: what a user has typed into the block doesn't stay there for longer. */
const MOST_UPDATES = 9;

/**
 * Makes room for a block, and writes it there. Nothing scrolls while it is written: should the
 * terminal have become lower than the block meanwhile, its last rows fall on each other, and its
 * first ones don't end up among the lines that were said.
 */
function blockText(block: readonly string[]): string {
  if (block.length === 0) return "";
  const below = block.length - 1;
  return `${"\n".repeat(below)}${up(below)}${held(block.join(`\r${down(1)}`))}`;
}

/** Leaves the cursor where it is, and what reaches the edge in its row. */
function held(text: string): string {
  return `${SAVE_CURSOR}${WRAP_OFF}${text}${RESTORE_CURSOR}${WRAP_ON}`;
}
