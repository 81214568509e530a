import { stripAnsiCode } from "@std/fmt/colors";
import {
  BEGIN_FRAME,
  CLEAR_LINE_END,
  down,
  END_FRAME,
  HIDE_CURSOR,
  SHOW_CURSOR,
  up,
  WRAP_OFF,
  WRAP_ON,
} from "./_ansi.ts";
import type { Size } from "./line.ts";
import type { Sink } from "./sink.ts";
import { wrap } from "./text.ts";

/**
 * Lines that scroll by, above a block that stays at the bottom and is redrawn in place.
 *
 * Each change is one write, of only what differs. Between two writes the terminal is as the shell
 * left it, cursor and all: whatever ends or stops the process, there is nothing to restore.
 *
 * The block's lines must be narrower than the terminal. When it is made narrower, terminals wrap
 * what stands there already, and how many rows the block has come to take is reckoned with. But some
 * frames may have been drawn between the wrapping and the news of it (tmux gives the news up to a
 * quarter of a second later), on top of a part of the wrapped block. So the lines of the last frames
 * are written again, from where they began in either case.
 */
export class LiveTerminal implements Disposable {
  readonly #sink: Sink;
  readonly #size: () => Size;
  #block: string[] = [];
  #columns = 0;
  /** The lines that the last frames have added. */
  #recent: string[][] = [];

  /** On a terminal of the given size, which may change. */
  constructor(sink: Sink, size: () => Size) {
    this.#sink = sink;
    this.#size = size;
  }

  /** Adds `lines` above the block and makes the block look like `block`. */
  draw(lines: readonly string[], block: readonly string[]): void {
    const size = this.#size();
    const { columns } = size;
    const [added, next] = [lines.map(this.#paint), block.map(this.#paint)];
    const inPlace = added.length === 0 && next.length === this.#block.length &&
      columns === this.#columns;
    const frame = inPlace ? this.#update(next) : this.#redraw(added, next, size);
    this.#block = next;
    this.#columns = columns;
    this.#recent = [...this.#recent, added].slice(-RECENT_FRAMES);
    if (frame !== "") {
      this.#sink.write(`${BEGIN_FRAME}${HIDE_CURSOR}${frame}${SHOW_CURSOR}${END_FRAME}`);
    }
  }

  /** Leaves the block where it stands, since others have written below it. */
  forget(): void {
    this.#block = [];
    this.#recent = [];
  }

  /** Removes the block; lines may be written below what was added. */
  close(): void {
    if (this.#block.length > 0) this.draw([], []);
  }

  /** As {@linkcode LiveTerminal.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #redraw(lines: readonly string[], block: readonly string[], size: Size): string {
    if (this.#block.length + lines.length + block.length === 0) return "";
    const { columns } = size;
    const narrowed = columns < this.#columns ? this.#wrapped(size) : undefined;
    const back = narrowed?.rows ?? this.#block.length;
    const above = [...narrowed?.recent ?? [], ...lines];
    const text = above.map((line) => `${line}\n`).join("");
    const below = block.map((line) => `${line}\n`).join("");
    return `${eraseRows(back)}${text}${below && WRAP_OFF + below + WRAP_ON}`;
  }

  #update(block: readonly string[]): string {
    const first = block.findIndex((line, index) => line !== this.#block[index]);
    if (first < 0) return "";
    const lines = block.slice(first).map((line, index) =>
      line === this.#block[first + index] ? "\n" : `${line}${CLEAR_LINE_END}\n`
    );
    return `\r${up(lines.length)}${WRAP_OFF}${lines.join("")}${WRAP_ON}`;
  }

  /**
   * The lines of the last frames, as many as the screen has room for, and how many rows they and
   * the wrapped block take. Nothing if there is room for none: rather a rest of the block than a
   * lost line.
   */
  #wrapped({ columns, rows }: Size): { recent: string[]; rows: number } | undefined {
    const rowsOf = (lines: readonly string[]) =>
      lines.reduce((sum, line) => sum + wrap(stripAnsiCode(line), columns).rows, 0);
    let recent: string[] = [];
    let taken = rowsOf(this.#block);
    for (const [index, frame] of this.#recent.toReversed().entries()) {
      const more = rowsOf(frame);
      if (taken + more >= rows) {
        if (index === 0) return undefined;
        break;
      }
      taken += more;
      recent = [...frame, ...recent];
    }
    return { recent, rows: taken };
  }

  readonly #paint = (line: string): string => this.#sink.colors ? line : stripAnsiCode(line);
}

/** How many frames may have been drawn since the terminal was made narrower: half a second's. */
const RECENT_FRAMES = 5;

/**
 * Clears the rows above the cursor, and its own, and goes to the first of them. Each is cleared from
 * its start: only then tmux forgets that it has once been wrapped. They are not cleared with one
 * sequence, for at the top of the screen tmux would move them to its history instead.
 */
function eraseRows(rows: number): string {
  return `\r${up(rows)}${`${CLEAR_LINE_END}${down(1)}`.repeat(rows)}${CLEAR_LINE_END}${up(rows)}`;
}
