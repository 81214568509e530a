import { assertEquals } from "@std/assert";
import { countTests } from "./junit.ts";

const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="4" failures="1" errors="0" time="0.055">
    <testsuite name="./a_test.ts" tests="4" disabled="1" errors="0" failures="1">
        <testcase name="good" classname="./a_test.ts" time="0.000" line="1" col="6">
        </testcase>
        <testcase name="ignored" classname="./a_test.ts" time="0.000" line="1" col="35">
            <skipped/>
        </testcase>
        <testcase name="bad &lt;failure&gt;" classname="./a_test.ts" time="0.000">
            <failure message="Uncaught Error: x">Error: x</failure>
        </testcase>
        <testcase name="good again" classname="./a_test.ts" time="0.000"/>
    </testsuite>
</testsuites>`;

Deno.test("passed, failed and skipped tests are counted", () => {
  assertEquals(countTests(REPORT), { passed: 2, failed: 2 });
});

Deno.test("an empty report has no tests", () => {
  assertEquals(countTests(`<testsuites name="deno test" tests="0"></testsuites>`), {
    passed: 0,
    failed: 0,
  });
});
