/**
 * Styles for text, as SGR escape sequences. They are always applied; {@linkcode Output} takes them
 * away where they are not wanted, since the standard output may be a file while the standard error
 * is a terminal. `@std/fmt/colors` has one switch for both, which `NO_COLOR` keeps off even when
 * `--color always` asks for colours.
 */
export type Style = (text: string) => string;

/** Bold. */
export const bold: Style = sgr(1, 22);
/** Dim. */
export const dim: Style = sgr(2, 22);
/** Red. */
export const red: Style = sgr(31, 39);
/** Green. */
export const green: Style = sgr(32, 39);
/** Yellow. */
export const yellow: Style = sgr(33, 39);
/** Cyan. */
export const cyan: Style = sgr(36, 39);

function sgr(open: number, close: number): Style {
  return (text) => text === "" ? "" : `\x1b[${open}m${text}\x1b[${close}m`;
}
