import { stripAnsiCode } from "@std/fmt/colors";
import {
  BEGIN_FRAME,
  CLEAR_BELOW,
  CLEAR_LINE_END,
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
 * what stands there already; how many rows the block has come to take is reckoned with.
 */
export class LiveTerminal implements Disposable {
  readonly #sink: Sink;
  readonly #size: () => Size;
  #block: string[] = [];
  #columns = 0;

  /** On a terminal of the given size, which may change. */
  constructor(sink: Sink, size: () => Size) {
    this.#sink = sink;
    this.#size = size;
  }

  /** Adds `lines` above the block and makes the block look like `block`. */
  draw(lines: readonly string[], block: readonly string[]): void {
    const { columns } = this.#size();
    const [added, next] = [lines.map(this.#paint), block.map(this.#paint)];
    const inPlace = added.length === 0 && next.length === this.#block.length &&
      columns === this.#columns;
    const frame = inPlace ? this.#update(next) : this.#redraw(added, next, columns);
    this.#block = next;
    this.#columns = columns;
    if (frame !== "") {
      this.#sink.write(`${BEGIN_FRAME}${HIDE_CURSOR}${frame}${SHOW_CURSOR}${END_FRAME}`);
    }
  }

  /** Removes the block; lines may be written below what was added. */
  close(): void {
    if (this.#block.length > 0) this.draw([], []);
  }

  /** As {@linkcode LiveTerminal.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #redraw(lines: readonly string[], block: readonly string[], columns: number): string {
    if (this.#block.length + lines.length + block.length === 0) return "";
    const above = lines.map((line) => `${line}${this.#clearRest(line, columns)}\n`).join("");
    const below = block.map((line) => `${line}${CLEAR_LINE_END}\n`).join("");
    const back = up(this.#rows(columns));
    return `\r${back}${above}${below && WRAP_OFF + below + WRAP_ON}${CLEAR_BELOW}`;
  }

  #update(block: readonly string[]): string {
    const first = block.findIndex((line, index) => line !== this.#block[index]);
    if (first < 0) return "";
    const lines = block.slice(first).map((line, index) =>
      line === this.#block[first + index] ? "\n" : `${line}${CLEAR_LINE_END}\n`
    );
    return `\r${up(lines.length)}${WRAP_OFF}${lines.join("")}${WRAP_ON}`;
  }

  /** A line that ends at the edge leaves the cursor on its last character, which must stay. */
  #clearRest(line: string, columns: number): string {
    return wrap(stripAnsiCode(line), columns).column === columns ? "" : CLEAR_LINE_END;
  }

  /** How many rows the block takes now. */
  #rows(columns: number): number {
    if (columns >= this.#columns) return this.#block.length;
    let rows = 0;
    for (const line of this.#block) rows += wrap(stripAnsiCode(line), columns).rows;
    return rows;
  }

  readonly #paint = (line: string): string => this.#sink.colors ? line : stripAnsiCode(line);
}
