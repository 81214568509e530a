import { assertEquals, assertThrows } from "@std/assert";
import { lineCoverage } from "./coverage.ts";

const REPORT = [
  ...["SF:/home/me/dlm/src/a.ts", "DA:1,1", "DA:2,0", "LH:1", "LF:2", "end_of_record"],
  ...["SF:/home/me/dlm/src/chan/b.ts", "LH:10", "LF:10", "BRF:4", "BRH:1", "end_of_record"],
  ...["SF:/home/me/dlm/tests/c.ts", "LH:0", "LF:100", "end_of_record"],
].join("\n");

Deno.test("the lines of the folder's files are summed", () => {
  assertEquals(lineCoverage(REPORT, "/home/me/dlm/src/"), { covered: 11, total: 12 });
});

Deno.test("backslashes separate as well", () => {
  const report = "SF:C:\\dlm\\src\\a.ts\nLH:1\nLF:2\nend_of_record\n";
  assertEquals(lineCoverage(report, "C:/dlm/src/"), { covered: 1, total: 2 });
});

Deno.test("a report without the folder's lines is no full coverage", () => {
  assertThrows(() => lineCoverage("", "/src/"), RangeError);
  assertThrows(() => lineCoverage("SF:/src/a.ts\nLH:0\nLF:0\nend_of_record", "/src/"), RangeError);
  assertThrows(() => lineCoverage(REPORT, "/elsewhere/"), RangeError);
});
