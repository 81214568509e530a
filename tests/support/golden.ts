import { assertEquals } from "@std/assert";

/**
 * Compares lines with the file of that name in `fixtures/golden/`. With `UPDATE_GOLDEN=1` in the
 * environment the file is written instead; what has changed is then for `git diff` to show.
 *
 * Styles are kept as `‹1›…‹22›`, so that the files can be read.
 */
export function assertGolden(name: string, lines: readonly string[]): void {
  const url = new URL(`../../fixtures/golden/${name}.txt`, import.meta.url);
  const text = readable(lines);
  if (Deno.env.get("UPDATE_GOLDEN")) Deno.writeTextFileSync(url, text);
  assertEquals(text, Deno.readTextFileSync(url));
}

/** The lines as one text in which styles are visible. */
export function readable(lines: readonly string[]): string {
  // deno-lint-ignore no-control-regex
  return lines.map((line) => `${line.replace(/\x1b\[(\d+)m/g, "‹$1›")}\n`).join("");
}
