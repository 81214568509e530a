import type { FileProgress } from "../download/mod.ts";
import { fit, printable, width } from "./text.ts";
import { bytes, percent } from "./units.ts";

/** The column in which a file's figures begin. */
const NAME_COLUMNS = 20;

/** A file's name, filled up so that figures are lined up; a longer one is shown in full. */
export function named({ name }: { readonly name: string }): string {
  const text = printable(name);
  return width(text) < NAME_COLUMNS ? fit(text, NAME_COLUMNS) : text;
}

/** How far a file has come, in a word: `18%`, or `2.1 MB` where its length is not known. */
export function howFar({ bytes: got, length }: FileProgress): string {
  return length ? percent(got / length) : bytes(got);
}
