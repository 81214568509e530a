import { stripAnsiCode } from "@std/fmt/colors";
import {
  BEGIN_FRAME,
  CLEAR_ALL,
  CLEAR_LINE_END,
  END_FRAME,
  ENTER_ALTERNATE,
  HIDE_CURSOR,
  LEAVE_ALTERNATE,
  SHOW_CURSOR,
  toRow,
  WRAP_OFF,
  WRAP_ON,
} from "./_ansi.ts";
import type { Size } from "./line.ts";
import type { Sink } from "./sink.ts";

/**
 * A terminal's whole screen, apart from what stood there before, which comes back when it is left.
 *
 * Each frame is one write of the rows that have changed; all of them when the size has.
 */
export class FullScreen implements Disposable {
  readonly #sink: Sink;
  #rows: string[] = [];
  #size: Size | undefined;
  #open = false;

  /** On a terminal; nothing is shown yet. */
  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Takes the screen. */
  enter(): void {
    if (this.#open) return;
    this.#open = true;
    this.#size = undefined;
    this.#sink.write(`${ENTER_ALTERNATE}${HIDE_CURSOR}${WRAP_OFF}`);
  }

  /** Shows `rows`, which are narrower than the screen and no more than it has. */
  draw(rows: readonly string[], { columns, rows: height }: Size): void {
    if (!this.#open) return;
    const painted = this.#sink.colors ? [...rows] : rows.map(stripAnsiCode);
    const resized = columns !== this.#size?.columns || height !== this.#size.rows;
    const before = resized ? [] : this.#rows;
    let frame = resized ? CLEAR_ALL : "";
    for (let row = 0; row < Math.max(painted.length, before.length); row++) {
      const text = painted[row] ?? "";
      if (text !== (before[row] ?? "")) frame += `${toRow(row + 1)}${text}${CLEAR_LINE_END}`;
    }
    this.#rows = painted;
    this.#size = { columns, rows: height };
    if (frame !== "") this.#sink.write(`${BEGIN_FRAME}${frame}${END_FRAME}`);
  }

  /** Gives the screen back as it was. */
  leave(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#sink.write(`${WRAP_ON}${SHOW_CURSOR}${LEAVE_ALTERNATE}`);
  }

  /** As {@linkcode FullScreen.leave}. */
  [Symbol.dispose](): void {
    this.leave();
  }
}
