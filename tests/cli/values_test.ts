import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../src/cli/errors.ts";
import {
  durationMs,
  frequency,
  oneOf,
  rate,
  sizeInBytes,
  wholeNumber,
} from "../../src/cli/values.ts";

/** Each parser with what it takes and what it refuses, saying so in the same words. */
const TABLE: {
  name: string;
  parse: (text: string) => unknown;
  allowed: string;
  good: [text: string, value: unknown][];
  bad: string[];
}[] = [
  {
    name: "whole numbers",
    parse: (text) => wholeNumber("--flag", text, 1, 512),
    allowed: "a whole number from 1 to 512",
    good: [["1", 1], ["512", 512], ["007", 7], [" 5 ", 5]],
    bad: ["", " ", "0", "513", "-1", "+1", "1.5", "1e2", "0x10", "five", "5 5", "NaN", "Infinity"],
  },
  {
    name: "times",
    parse: (text) => durationMs("--flag", text),
    allowed: "a time such as 250ms, 30s, 2m or 1h",
    good: [
      ["250ms", 250],
      ["30s", 30_000],
      ["2m", 120_000],
      ["1h", 3_600_000],
      ["1.5m", 90_000],
      ["0.5s", 500],
      ["0", 0],
      ["0s", 0],
    ],
    bad: [
      "",
      "30",
      "-1s",
      "s",
      "1 s",
      "1d",
      "1s2",
      ".5s",
      "1.s",
      "1e3ms",
      "Infinity",
      "30S",
      `${"9".repeat(400)}s`,
    ],
  },
  {
    name: "sizes",
    parse: (text) => sizeInBytes("--flag", text),
    allowed: "a size such as 500k, 2.5M, 1G or 64Mi",
    good: [
      ["0", 0],
      ["500", 500],
      ["500k", 500_000],
      ["500K", 500_000],
      ["2.5M", 2_500_000],
      ["1G", 1e9],
      ["2T", 2e12],
      ["64Ki", 65_536],
      ["1MiB", 1_048_576],
      ["1MB", 1_000_000],
      ["1.5Gi", 1_610_612_736],
    ],
    bad: ["", "-1", "k", "1x", "1 k", "1kk", ".5k", "1e3", "five", "Infinity"],
  },
  {
    name: "rates",
    parse: (text) => rate("--flag", text),
    allowed: "a rate such as 10 (MB/s), 500k or 2.5M, or 0 for no limit",
    good: [
      ["10", 10e6],
      ["0.5", 500_000],
      [".5", 500_000],
      ["500k", 500_000],
      ["2.5M", 2_500_000],
      ["2.5M/s", 2_500_000],
      ["1Mi", 1_048_576],
      ["0", Infinity],
      ["0k", Infinity],
    ],
    bad: ["", "-1", "fast", "10 MB", "1e3", "Infinity", "k", "."],
  },
  {
    name: "frequencies",
    parse: (text) => frequency("--flag", text),
    allowed: "a number of requests a second above 0",
    good: [["1", 1], ["0.5", 0.5], [".5", 0.5], ["1000", 1000], [" 2 ", 2]],
    bad: ["", "0", "-1", "1/s", "many", "1e3", "Infinity", "."],
  },
  {
    name: "words",
    parse: (text) => oneOf("--flag", text, ["skip", "resume"]),
    allowed: "one of skip, resume",
    good: [["skip", "skip"], ["resume", "resume"]],
    bad: ["", "Skip", "skip ", "res", "both"],
  },
];

for (const { name, parse, allowed, good, bad } of TABLE) {
  Deno.test(`${name} are read as they are meant`, () => {
    for (const [text, value] of good) assertEquals(parse(text), value, text);
  });

  Deno.test(`${name} that can't be are refused with the flag, what is allowed and what came`, () => {
    for (const text of bad) {
      const { message } = assertThrows(() => parse(text), UsageError);
      assertEquals(message, `--flag must be ${allowed}, got "${text}"`);
    }
  });
}
