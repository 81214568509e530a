import { unicodeWidth } from "@std/cli/unicode-width";

/** C0, DEL, C1, bidi controls and line separators: what could steer a terminal or mislead a reader. */
// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * `text` as it can be shown: whatever a server, a file name or a list put into it, control
 * characters come out as `\x1b` or `\u202e` spelled out.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
}

/** The columns that `text`, which holds no escape sequences, takes on a terminal. */
export function width(text: string): number {
  return unicodeWidth(text);
}

/** `text` in exactly `columns` columns: filled with spaces, or cut with an ellipsis. */
export function fit(text: string, columns: number): string {
  const cut = shorten(text, columns);
  return cut + " ".repeat(Math.max(0, columns - width(cut)));
}

/** `text` in at most `columns` columns. What is cut is the middle, since a name's end tells its kind. */
export function shorten(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (text.length <= columns && isAscii(text) || width(text) <= columns) return text;
  if (columns === 1) return "…";
  const graphemes = [...SEGMENTER.segment(text)].map(({ segment }) => segment);
  const tail = take(graphemes.toReversed(), Math.floor((columns - 1) / 3));
  const head = take(graphemes, columns - 1 - width(tail.join("")));
  return head.join("") + "…" + tail.toReversed().join("");
}

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function take(graphemes: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const grapheme of graphemes) {
    used += width(grapheme);
    if (used > columns) break;
    taken.push(grapheme);
  }
  return taken;
}
