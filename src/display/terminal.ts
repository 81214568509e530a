import { stripAnsiCode } from "@std/fmt/colors";
import type { Sink } from "./output.ts";
import type { Size } from "./standard.ts";
import { width } from "./text.ts";

/**
 * Lines that scroll by, above a block that stays at the bottom and is redrawn in place.
 *
 * Each change is one write. Only lines that differ are drawn again, and the cursor is hidden while
 * the block stands. {@linkcode LiveTerminal.close} leaves the cursor visible, below the last line.
 */
export class LiveTerminal implements Disposable {
  readonly #sink: Sink;
  readonly #size: () => Size;
  #block: string[] = [];
  #open = false;

  /** On a terminal of the given size, which may change. */
  constructor(sink: Sink, size: () => Size) {
    this.#sink = sink;
    this.#size = size;
  }

  /** Adds `lines` above the block and makes the block look like `block`. */
  draw(lines: readonly string[], block: readonly string[]): void {
    const text = lines.length > 0 || block.length !== this.#block.length
      ? this.#redraw(lines, block)
      : this.#update(block);
    this.#block = [...block];
    if (text === "") return;
    this.#sink.write(BEGIN_FRAME + (this.#open ? "" : HIDE_CURSOR) + text + END_FRAME);
    this.#open = true;
  }

  /** Removes the block and gives the cursor back. */
  close(): void {
    if (!this.#open) return;
    this.#sink.write(this.#up(this.#block) + CLEAR_BELOW + SHOW_CURSOR);
    this.#block = [];
    this.#open = false;
  }

  /** As {@linkcode LiveTerminal.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #redraw(lines: readonly string[], block: readonly string[]): string {
    const all = [...lines, ...block].map((line) => `${line}${CLEAR_LINE_END}\n`).join("");
    return this.#up(this.#block) + all + CLEAR_BELOW;
  }

  #update(block: readonly string[]): string {
    const first = block.findIndex((line, index) => line !== this.#block[index]);
    if (first < 0) return "";
    let text = this.#up(this.#block.slice(first));
    for (let index = first; index < block.length; index++) {
      text += block[index] === this.#block[index] ? "\n" : `${block[index]}${CLEAR_LINE_END}\n`;
    }
    return text;
  }

  /** Moves to the first of `lines`; those that a narrowed terminal has wrapped take several rows. */
  #up(lines: readonly string[]): string {
    const { columns } = this.#size();
    let rows = 0;
    for (const line of lines) rows += Math.max(1, Math.ceil(width(stripAnsiCode(line)) / columns));
    return rows === 0 ? "\r" : `\r\x1b[${rows}A`;
  }
}

/** DEC's synchronized output: terminals that know it show the frame at once, others ignore it. */
const BEGIN_FRAME = "\x1b[?2026h";
const END_FRAME = "\x1b[?2026l";
const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const CLEAR_LINE_END = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/** The size of the terminal that the process runs in; 80 by 24 where it can't be told. */
export function terminalSize(): Size {
  try {
    const { columns, rows } = Deno.consoleSize();
    return columns > 0 && rows > 0 ? { columns, rows } : { columns: 80, rows: 24 };
  } catch {
    return { columns: 80, rows: 24 };
  }
}
