import { assertEquals, assertThrows } from "@std/assert";
import { lineCoverage } from "./coverage.ts";

Deno.test("the lines of all files are summed", () => {
  const report = [
    ...["SF:/a/src/a.ts", "DA:1,1", "DA:2,0", "LH:1", "LF:2", "end_of_record"],
    ...["SF:/a/src/b.ts", "DA:1,3", "LH:10", "LF:10", "BRF:4", "BRH:1", "end_of_record"],
  ].join("\n");
  assertEquals(lineCoverage(report), { covered: 11, total: 12 });
});

Deno.test("an empty report is no full coverage", () => {
  assertThrows(() => lineCoverage(""), RangeError);
  assertThrows(() => lineCoverage("SF:/a/src/a.ts\nLH:0\nLF:0\n"), RangeError);
});
