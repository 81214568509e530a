import { unicodeWidth } from "@std/cli/unicode-width";

/** One cell of the screen: a character with its marks; "" is the right half of a wide one. */
type Cell = string;

/** A row; `continues` when its text goes on in the next one because it reached the edge. */
interface Row {
  cells: Cell[];
  continues: boolean;
}

/** In what terminals differ. */
export interface TerminalKind {
  /** It wraps its text anew when it is made narrower or wider, as most do today; xterm doesn't. */
  readonly reflows?: boolean;
  /** Made lower it first drops rows below the cursor, as tmux does; others scroll up to the cursor. */
  readonly dropsBelow?: boolean;
}

/**
 * A terminal as small as tests need it: it wraps at the edge, scrolls, keeps a history and, unless
 * it is of another kind, wraps its text anew when it is resized. A sequence that it doesn't know is
 * an error, so that nothing reaches a terminal unseen.
 */
export class TerminalEmulator {
  readonly isTerminal = true;
  colors = false;
  columns: number;
  rows: number;
  cursorVisible = true;
  autowrap = true;
  synchronized = false;
  /** How often something was written. */
  writes = 0;
  /** Everything that was written. */
  received = "";
  /** The parked primary screen while the alternate one is shown. */
  #primary: { lines: Row[]; top: number; row: number; column: number } | undefined;
  #lines: Row[] = [{ cells: [], continues: false }];
  #top = 0;
  #row = 0;
  #column = 0;
  #wrapPending = false;
  #begun = "";
  #saved = { row: 0, column: 0 };
  readonly #kind: TerminalKind;

  constructor(columns: number, rows: number, kind: TerminalKind = {}) {
    this.#kind = kind;
    this.columns = columns;
    this.rows = rows;
  }

  /** Whether the alternate screen is shown. */
  get alternate(): boolean {
    return this.#primary !== undefined;
  }

  /** What stands on the screen, row by row, without the spaces at the end. */
  get screen(): string[] {
    return Array.from({ length: this.rows }, (_, i) => textOf(this.#lines[this.#top + i]));
  }

  /** History and screen as the lines that were written, before they were wrapped. */
  get lines(): string[] {
    const lines: string[] = [];
    let open = "";
    for (const row of this.#lines) {
      open += row.continues ? row.cells.join("") : textOf(row);
      if (row.continues) continue;
      lines.push(open);
      open = "";
    }
    if (open !== "") lines.push(open);
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }

  /** Where the cursor is: row and column of the screen, from 0. */
  get cursor(): { row: number; column: number } {
    return { row: this.#row - this.#top, column: this.#column };
  }

  /** Takes output, as a terminal in cooked mode does: a line feed also returns. */
  write(text: string): void {
    this.writes++;
    this.received += text;
    // deno-lint-ignore no-control-regex
    const [begun = ""] = /\x1b(\[[?\d;]*)?$/.exec(text = this.#begun + text) ?? [];
    this.#begun = begun; // a sequence may come in two parts
    text = text.slice(0, text.length - begun.length);
    // deno-lint-ignore no-control-regex
    for (const [token] of text.matchAll(/\x1b\[[?\d;]*[A-Za-z]|\x1b[78]|[^]/gu)) {
      if (token.startsWith("\x1b")) this.#control(token);
      else if (token === "\n") this.#newLine(false);
      else if (token === "\r") this.#moveTo(this.#row, 0);
      else this.#put(token);
    }
  }

  /** The window gets another size; the primary screen's text is wrapped anew. */
  resize(columns: number, rows: number): void {
    const oldColumns = this.columns;
    this.columns = columns;
    this.rows = rows;
    if (this.alternate) this.#lines = this.#lines.slice(this.#top).slice(0, rows);
    else if (columns !== oldColumns && this.#kind.reflows !== false) this.#reflow();
    if (this.#kind.dropsBelow) {
      const end = Math.max(this.#top + rows, this.#row + 1);
      this.#lines.length = Math.min(this.#lines.length, end);
    }
    while (this.#lines.length - 1 > this.#row && textOf(this.#lines.at(-1)) === "") {
      this.#lines.pop(); // what is empty below the cursor goes first
    }
    this.#wrapPending = false;
    this.#top = Math.min(Math.max(0, this.#lines.length - rows), this.#row);
    this.#lines.length = Math.min(this.#lines.length, this.#top + rows);
    this.#column = Math.min(this.#column, columns - 1);
    this.#line(this.#row);
  }

  #reflow(): void {
    let cursor = { row: 0, column: 0 };
    const rows: Row[] = [];
    let logical: Cell[] = [];
    let cursorAt: number | undefined;
    for (const [index, row] of this.#lines.entries()) {
      if (index === this.#row) cursorAt = logical.length + this.#column;
      logical.push(...row.cells);
      if (row.continues) continue;
      const start = rows.length;
      rows.push(...split(logical, this.columns));
      if (cursorAt !== undefined) {
        cursor = {
          row: start + Math.min(Math.floor(cursorAt / this.columns), rows.length - 1 - start),
          column: cursorAt % this.columns,
        };
        cursorAt = undefined;
      }
      logical = [];
    }
    this.#lines = rows;
    this.#row = cursor.row;
    this.#column = cursor.column;
  }

  #control(sequence: string): void {
    if (sequence === "\x1b7") return void (this.#saved = this.cursor);
    if (sequence === "\x1b8") return this.#moveTo(this.#top + this.#saved.row, this.#saved.column);
    const mode = /^\[\?(\d+)([hl])$/.exec(sequence.slice(1));
    if (mode) return this.#mode(Number(mode[1]), mode[2] === "h");
    const final = sequence.at(-1)!;
    const numbers = sequence.slice(2, -1).split(";").map((text) => text === "" ? 0 : Number(text));
    const [first = 0, second = 0] = numbers;
    switch (final) {
      case "m":
        return;
      case "A":
        return this.#moveTo(Math.max(this.#top, this.#row - Math.max(1, first)), this.#column);
      case "B":
        return this.#moveTo(
          Math.min(this.#top + this.rows - 1, this.#row + Math.max(1, first)),
          this.#column,
        );
      case "C":
        return this.#moveTo(
          this.#row,
          Math.min(this.columns - 1, this.#column + Math.max(1, first)),
        );
      case "H":
        return this.#moveTo(this.#top + Math.max(1, first) - 1, Math.max(1, second) - 1);
      case "K":
        return this.#clearLine(this.#row, this.#column);
      case "J":
        if (first === 0) return this.#clearBelow();
        if (first !== 2 || !this.alternate) break; // tmux may move what is cleared to its history
        return this.#clearRows(this.#top, 0);
    }
    throw new Error(`unknown control sequence ${JSON.stringify(sequence)}`);
  }

  #mode(mode: number, on: boolean): void {
    if (mode === 25) this.cursorVisible = on;
    else if (mode === 7) this.autowrap = on;
    else if (mode === 2026) this.synchronized = on;
    else if (mode === 1049) this.#alternate(on);
    else throw new Error(`unknown mode ${mode}`);
  }

  #alternate(on: boolean): void {
    if (on === this.alternate) return;
    if (on) {
      this.#primary = { lines: this.#lines, top: this.#top, row: this.#row, column: this.#column };
      this.#lines = [{ cells: [], continues: false }];
      this.#top = this.#row = this.#column = 0;
    } else {
      const { lines, top, row, column } = this.#primary!;
      this.#primary = undefined;
      this.#lines = lines;
      this.#top = top;
      this.#row = row;
      this.#column = column;
    }
    this.#wrapPending = false;
  }

  #put(character: string): void {
    // deno-lint-ignore no-control-regex
    if (/[\x00-\x1f\x7f-\x9f]/.test(character)) {
      throw new Error(`control character ${JSON.stringify(character)}`);
    }
    const width = unicodeWidth(character);
    if (width === 0) {
      const { cells } = this.#line(this.#row);
      const at = this.#wrapPending ? this.#column : this.#column - 1;
      if (at >= 0) cells[at] = (cells[at] ?? " ") + character;
      return;
    }
    if (this.#wrapPending || this.#column + width > this.columns) {
      if (this.autowrap) this.#newLine(true);
      else this.#column = this.columns - width;
    }
    const { cells } = this.#line(this.#row);
    while (cells.length < this.#column) cells.push(" ");
    cells[this.#column] = character;
    if (width === 2) cells[this.#column + 1] = "";
    this.#column += width;
    this.#wrapPending = this.#column === this.columns;
    if (this.#wrapPending) {
      this.#column--;
      if (!this.autowrap) this.#wrapPending = false;
    }
  }

  #newLine(wrapped: boolean): void {
    this.#line(this.#row).continues = wrapped;
    this.#moveTo(this.#row + 1, 0);
    this.#line(this.#row);
    if (this.#row - this.#top >= this.rows) this.#top++;
    if (this.alternate && this.#top > 0) throw new Error("the alternate screen has scrolled");
  }

  #moveTo(row: number, column: number): void {
    this.#row = row;
    this.#column = column;
    this.#wrapPending = false;
  }

  /** As tmux does it: what is cleared from the top left corner on is moved to the history. */
  #clearBelow(): void {
    if (this.#row > this.#top || this.#column > 0) return this.#clearRows(this.#row, this.#column);
    this.#moveTo(this.#lines.length, 0);
    this.#line(this.#row);
    this.#top = this.#row;
  }

  /** A row that is not cleared from its start is still one that continues, as in tmux. */
  #clearLine(row: number, column: number): void {
    const line = this.#line(row);
    line.cells.length = Math.min(line.cells.length, column);
    if (column === 0) line.continues = false;
  }

  #clearRows(row: number, column: number): void {
    this.#clearLine(row, column);
    for (let index = row + 1; index < this.#lines.length; index++) this.#clearLine(index, 0);
  }

  #line(row: number): Row {
    while (this.#lines.length <= row) this.#lines.push({ cells: [], continues: false });
    return this.#lines[row]!;
  }
}

function textOf(row: Row | undefined): string {
  return (row?.cells ?? []).join("").trimEnd();
}

/** Wraps a line; a wide character that has only one column left goes to the next row. */
function split(cells: readonly Cell[], columns: number): Row[] {
  const rows: Row[] = [];
  let row: Cell[] = [];
  for (const [index, cell] of cells.entries()) {
    const width = cells[index + 1] === "" ? 2 : 1;
    if (cell !== "" && row.length + width > columns) {
      rows.push({ cells: row, continues: true });
      row = [];
    }
    row.push(cell);
  }
  rows.push({ cells: row, continues: false });
  return rows;
}
