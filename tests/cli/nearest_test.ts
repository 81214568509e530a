import { assertEquals } from "@std/assert";
import { nearest } from "../../src/cli/nearest.ts";

const FLAGS = ["-w", "--workers", "--retries", "--retry-delay", "--quiet"];

const TABLE: [given: string, meant: string | undefined][] = [
  ["--workers", "--workers"],
  ["--worker", "--workers"],
  ["--wrokers", "--workers"],
  ["--retrys", "--retries"],
  ["--retry-dely", "--retry-delay"],
  ["--silent", undefined],
  ["-x", undefined],
  ["", undefined],
];

for (const [given, meant] of TABLE) {
  Deno.test(`nearest to ${JSON.stringify(given)} is ${meant}`, () => {
    assertEquals(nearest(given, FLAGS), meant);
  });
}

Deno.test("of two words that are as near the first counts", () => {
  assertEquals(nearest("--bat", ["--cat", "--bar"]), "--cat");
});
