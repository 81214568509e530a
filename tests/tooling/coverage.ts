/**
 * Reads a coverage report in lcov's format from the standard input, prints how many lines of `src/`
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
 * The lines in a report, of all files together whose path has `folder` in it. A report without
 * lines is refused: nothing was measured then, rather than everything covered.
 *
 * @throws {RangeError} If the report has no lines.
 */
export function lineCoverage(lcov: string, folder: string): LineCoverage {
  const records = lcov.replaceAll("\\", "/").split("end_of_record")
    .filter((record) => /^SF:(.*)$/m.exec(record)?.[1]?.includes(folder));
  const sum = (key: string) =>
    records.reduce((total, record) => {
      return total + Number(new RegExp(`^${key}:(\\d+)$`, "m").exec(record)?.[1] ?? 0);
    }, 0);
  const [covered, total] = [sum("LH"), sum("LF")];
  if (total === 0) throw new RangeError("Cannot measure coverage: the report has no lines");
  return { covered, total };
}

if (import.meta.main) {
  const least = Number(Deno.args[0]);
  const folder = decodeURIComponent(new URL("../../src/", import.meta.url).pathname);
  const report = await new Response(Deno.stdin.readable).text();
  const { covered, total } = lineCoverage(report, folder.replace(/^\/(?=[A-Za-z]:)/, ""));
  const percent = (covered / total) * 100;
  console.log(`Lines of src/ covered: ${percent.toFixed(1)}% (${covered} of ${total})`);
  if (percent < least) {
    console.error(`Cannot pass: the coverage of src/ must be at least ${least}%`);
    Deno.exit(1);
  }
}
