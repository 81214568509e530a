/**
 * Prints how many tests passed and how many failed in the JUnit reports named by the arguments, as
 * two numbers. A test that was skipped counts as failed: what did not run has not passed.
 *
 * @module
 */

/** The tests of a report. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

/** Counts the tests in a report. */
export function countTests(junit: string): TestCounts {
  const cases = junit.match(/<testcase\b[\s\S]*?(?:\/>|<\/testcase>)/g) ?? [];
  const failed = cases.filter((one) => /<(?:failure|error|skipped)\b/.test(one)).length;
  return { passed: cases.length - failed, failed };
}

if (import.meta.main) {
  const counts = await Promise.all(Deno.args.map(async (path) => {
    return countTests(await Deno.readTextFile(path));
  }));
  const sum = (key: keyof TestCounts) => counts.reduce((total, one) => total + one[key], 0);
  console.log(`${sum("passed")} ${sum("failed")}`);
}
