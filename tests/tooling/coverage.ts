/**
 * Reads a coverage report in lcov's format from the standard input, prints how many of the lines
 * are covered and exits with 1 if it is less than the percentage in the first argument.
 *
 * @module
 */

/** Lines that ran, of those that could. */
export interface LineCoverage {
  readonly covered: number;
  readonly total: number;
}

/**
 * The lines in a report, of all its files together. A report without lines is refused: nothing was
 * measured then, rather than everything covered.
 *
 * @throws {RangeError} If the report has no lines.
 */
export function lineCoverage(lcov: string): LineCoverage {
  const sum = (key: string) =>
    lcov.split("\n").filter((line) => line.startsWith(`${key}:`))
      .reduce((total, line) => total + Number(line.slice(key.length + 1)), 0);
  const [covered, total] = [sum("LH"), sum("LF")];
  if (total === 0) throw new RangeError("Cannot measure coverage: the report has no lines");
  return { covered, total };
}

if (import.meta.main) {
  const least = Number(Deno.args[0]);
  const { covered, total } = lineCoverage(await new Response(Deno.stdin.readable).text());
  const percent = (covered / total) * 100;
  console.log(`Lines of src/ covered: ${percent.toFixed(1)}% (${covered} of ${total})`);
  if (percent < least) {
    console.error(`Cannot pass: the coverage of src/ must be at least ${least}%`);
    Deno.exit(1);
  }
}
