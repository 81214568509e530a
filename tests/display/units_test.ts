import { assertEquals } from "@std/assert";
import {
  average,
  bar,
  bytes,
  duration,
  eta,
  files,
  percent,
  rate,
  seconds,
  span,
  speed,
} from "../../src/display/mod.ts";
import { testWithin } from "../support/watchdog.ts";

/** One test a unit, each a table of numbers and what is shown for them. */
function table(
  name: string,
  format: (value: number) => string,
  rows: readonly [value: number, text: string][],
): void {
  testWithin(name, () => {
    for (const [value, text] of rows) assertEquals(format(value), text, `${value}`);
  });
}

table("bytes", bytes, [
  [0, "0 B"],
  [-1, "0 B"],
  [0.4, "0 B"],
  [1, "1 B"],
  [999, "999 B"],
  [999.6, "1 kB"],
  [1000, "1 kB"],
  [1049, "1 kB"],
  [1050, "1.1 kB"],
  [4200, "4.2 kB"],
  [99_949, "99.9 kB"],
  [99_950, "100 kB"],
  [650_400, "650 kB"],
  [999_499, "999 kB"],
  [999_500, "1 MB"],
  [8_500_000, "8.5 MB"],
  [12_100_000, "12.1 MB"],
  [650_000_000, "650 MB"],
  [1_200_000_000, "1.2 GB"],
  [9_007_199_254_740_991, "9 PB"],
]);

table("speed", speed, [
  [0, "0 B/s"],
  [9_100_000, "9.1 MB/s"],
  [NaN, "0 B/s"],
  [Infinity, "0 B/s"],
]);

table("seconds", seconds, [
  [0, "0ms"],
  [40.4, "40ms"],
  [99.4, "99ms"],
  [99.6, "0.1s"],
  [2_345, "2.3s"],
  [85_200, "85.2s"],
  [599_949, "599.9s"],
  [599_950, "10m"],
  [724_000, "12m 4s"],
]);

table("average", average, [
  [0, "0µs"],
  [0.0184, "18µs"],
  [0.9994, "999µs"],
  [0.9996, "1.0ms"],
  [9.94, "9.9ms"],
  [9.96, "10ms"],
  [2345, "2.3s"],
]);

table("duration", duration, [
  [0, "0.0s"],
  [9_949, "9.9s"],
  [9_950, "10s"],
  [135_000, "2m 15s"],
  [3_600_000, "1h"],
  [90_061_000, "1d 1h 1m 1s"],
]);

table("span", span, [
  [400, "0.4s"],
  [8000, "8s"],
  [8049, "8s"],
  [10_000, "10s"],
  [120_000, "2m"],
]);

table("eta", eta, [
  [NaN, ""],
  [Infinity, ""],
  [-1, ""],
  [0, "ETA 1s"],
  [42_400, "ETA 42s"],
  [135_000, "ETA 2m 15s"],
  [3_723_000, "ETA 1h 2m"],
  [90_061_000, "ETA 1d 1h"],
  [8_640_000_000, ""],
]);

table("rate", rate, [[0, "0"], [2, "2"], [2.54, "2.5"], [9.94, "9.9"], [9.96, "10"], [
  340.4,
  "340",
]]);
table("files", files, [[0, "0 files"], [1, "1 file"], [2, "2 files"]]);

table("percent", percent, [
  [0, "0%"],
  [0.009, "0%"],
  [0.29, "29%"],
  [0.57, "57%"],
  [0.9999, "99%"],
  [1, "100%"],
  [1.2, "100%"],
  [-1, "0%"],
]);

table("bar", (value) => bar(value, 10), [
  [-1, "[░░░░░░░░░░]"],
  [0, "[░░░░░░░░░░]"],
  [0.3, "[███░░░░░░░]"],
  [0.99, "[█████████░]"],
  [1, "[██████████]"],
  [7, "[██████████]"],
]);
