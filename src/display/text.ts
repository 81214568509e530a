import { unicodeWidth } from "@std/cli/unicode-width";
import { stripAnsiCode } from "@std/fmt/colors";

/**
 * C0, DEL, C1, bidi controls, line separators and invisible format characters: what could steer a
 * terminal or mislead a reader. The joiners U+200C and U+200D stay: names and emoji need them.
 */
const UNPRINTABLE =
  // deno-lint-ignore no-control-regex
  /[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/**
 * `text` as it can be shown: whatever a server, a file name or a list put into it, control
 * characters come out as `\x1b` or `\u202e` spelled out.
 */
export function printable(text: string): string {
  if (isAscii(text)) return text;
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
}

/**
 * `json` with the characters that {@linkcode printable} spells out as JSON's own escapes, so that
 * neither a terminal nor a reader of the text is misled. It means the same.
 */
export function escapeJson(json: string): string {
  if (isAscii(json)) return json;
  return json.replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * The columns that `text`, which holds no escape sequences, takes on a terminal. Where terminals
 * disagree it is the most: a narrow character that U+FE0F turns into an emoji may take two.
 */
export function width(text: string): number {
  if (isAscii(text)) return text.length;
  return unicodeWidth(text) + (text.match(/\ufe0f/g)?.length ?? 0);
}

/** As {@linkcode width}, of text with colours. */
export function styledWidth(text: string): number {
  return width(stripAnsiCode(text));
}

/** `text` in exactly `columns` columns: filled with spaces, or cut with an ellipsis. */
export function fit(text: string, columns: number): string {
  const cut = shorten(text, columns);
  return cut + " ".repeat(Math.max(0, columns - width(cut)));
}

/** `text` in at most `columns` columns. What is cut is the middle, since a name's end tells its kind. */
export function shorten(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (width(text) <= columns) return text;
  if (columns === 1) return "…";
  const tail = take(graphemes(text.slice(-4 * columns)).toReversed(), Math.floor((columns - 1) / 3))
    .toReversed().join("");
  const head = take(graphemes(text.slice(0, 4 * columns)), columns - 1 - width(tail)).join("");
  return `${head}…${tail}`;
}

let segmenter: Intl.Segmenter | undefined;

function graphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" }); // it takes 15 ms
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
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

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** `text`, which may have styles, in at most `columns` columns; what is cut is the end. */
export function clip(text: string, columns: number): string {
  if (styledWidth(text) <= columns) return text;
  let clipped = "";
  let used = 0;
  // deno-lint-ignore no-control-regex
  for (const [token] of text.matchAll(/\x1b\[\d*m|[^]/gu)) {
    const style = token.startsWith("\x1b");
    if (!style && used <= columns) used += width(token);
    if (style || used <= columns) clipped += token;
  }
  return clipped;
}
