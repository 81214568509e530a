import { assertEquals, assertThrows } from "@std/assert";
import { format as formatBytes } from "@std/fmt/bytes";
import {
  bgRed,
  bgRgb24,
  bgRgb8,
  blue,
  bold,
  brightBlack,
  brightCyan,
  brightGreen,
  cyan,
  dim,
  getColorEnabled,
  gray,
  green,
  inverse,
  italic,
  magenta,
  red,
  reset,
  rgb24,
  rgb8,
  setColorEnabled,
  stripAnsiCode,
  underline,
  white,
  yellow,
} from "@std/fmt/colors";
import { format as formatDuration } from "@std/fmt/duration";
import { assertType, type IsExact } from "@std/testing/types";

/** Runs `body` with colours on or off; where NO_COLOR is set they stay off. */
function withColors(enabled: boolean, body: () => void): void {
  const before = getColorEnabled();
  setColorEnabled(enabled);
  try {
    body();
  } finally {
    setColorEnabled(before);
  }
}

const codes = Deno.noColor ? (_: number | string, text: string, __: number) => text : paint;

function paint(open: number | string, text: string, close: number): string {
  return `\x1b[${open}m${text}\x1b[${close}m`;
}

Deno.test("styles open and close with their codes", () => {
  assertType<IsExact<Parameters<typeof red>, [str: string]>>(true);
  withColors(true, () => {
    assertEquals(getColorEnabled(), !Deno.noColor);
    assertEquals(
      [reset("a"), bold("a"), dim("a"), italic("a"), underline("a"), inverse("a")],
      [
        codes(0, "a", 0),
        codes(1, "a", 22),
        codes(2, "a", 22),
        codes(3, "a", 23),
        codes(4, "a", 24),
        codes(7, "a", 27),
      ],
    );
    assertEquals(
      [red, green, yellow, blue, magenta, cyan, white].map((style) => style("a")),
      [31, 32, 33, 34, 35, 36, 37].map((code) => codes(code, "a", 39)),
    );
    assertEquals(
      [gray, brightBlack, brightGreen, brightCyan].map((style) => style("a")),
      [90, 90, 92, 96].map((code) => codes(code, "a", 39)),
    );
    assertEquals(bgRed("a"), codes(41, "a", 49));
  });
});

Deno.test("any colour by number or by its parts, kept in bounds", () => {
  withColors(true, () => {
    assertEquals(rgb8("a", 42), codes("38;5;42", "a", 39));
    assertEquals(rgb8("a", 300.5), codes("38;5;255", "a", 39));
    assertEquals(bgRgb8("a", -1), codes("48;5;0", "a", 49));
    assertEquals(rgb24("a", 0x010203), codes("38;2;1;2;3", "a", 39));
    assertEquals(rgb24("a", { r: 1.9, g: 999, b: -3 }), codes("38;2;1;255;0", "a", 39));
    assertEquals(bgRgb24("a", 0x010203), codes("48;2;1;2;3", "a", 49));
  });
});

Deno.test("an outer style goes on after an inner one", () => {
  withColors(true, () => {
    const inner = codes(32, "b", 39).replace("\x1b[39m", "\x1b[31m");
    assertEquals(red(`a${green("b")}c`), codes(31, `a${inner}c`, 39));
  });
});

Deno.test("no codes where colours are off", () => {
  withColors(false, () => {
    assertEquals(getColorEnabled(), false);
    assertEquals([bold("a"), red("a"), rgb24("a", 5)], ["a", "a", "a"]);
  });
});

Deno.test("stripAnsiCode() leaves the text", () => {
  const link = "\x1b]8;;https://a.b/c?d=e&f\x07link\x1b]8;;\x07";
  const marked = `\x1b[1m\x1b[38;2;1;2;3mbold\x1b[39;22m \x9b31mred\x1b[0m \x1b[2K\x1b[1A${link}`;
  assertEquals(stripAnsiCode(marked), "bold red link");
  assertEquals(stripAnsiCode("plain [1m 日本"), "plain [1m 日本");
});

Deno.test("sizes in bytes", () => {
  const sizes = [0, 1, 999, 1000, 1337, 999_999, 1.5e6, 1e24, 1e28, -1234.5, 0.5];
  assertEquals(sizes.map((size) => formatBytes(size)), [
    ...["0 B", "1 B", "999 B", "1 kB", "1.34 kB", "1000 kB", "1.5 MB", "1 YB", "10000 YB"],
    ...["-1.23 kB", "0.5 B"],
  ]);
  assertEquals(formatBytes(1024, { binary: true }), "1 kiB");
  assertEquals(formatBytes(1337, { bits: true }), "1.34 kbit");
  assertEquals(formatBytes(8, { bits: true }), "8 b");
  assertEquals(formatBytes(42, { signed: true }), "+42 B");
  assertEquals(formatBytes(0, { signed: true }), " 0 B");
  assertEquals(formatBytes(1_999_999, { maximumFractionDigits: 1, locale: "en" }), "2 MB");
  assertEquals(formatBytes(1_500_000, { minimumFractionDigits: 2, locale: "en" }), "1.50 MB");
  assertEquals(formatBytes(1_500_000, { locale: "de" }), "1,5 MB");
  assertThrows(() => formatBytes(NaN), TypeError);
  assertThrows(() => formatBytes(Infinity), TypeError);
});

Deno.test("durations", () => {
  const ms = 93_784_005.006007;
  assertEquals(formatDuration(ms), "1d 2h 3m 4s 5ms 6µs 7ns");
  assertEquals(formatDuration(ms, { style: "digital" }), "01:02:03:04:005:006:007");
  assertEquals(
    formatDuration(ms, { style: "full" }),
    "1 day, 2 hours, 3 minutes, 4 seconds, 5 milliseconds, 6 microseconds, 7 nanoseconds",
  );
  assertEquals(formatDuration(0), "0d 0h 0m 0s 0ms 0µs 0ns");
  assertEquals(formatDuration(3_600_000, { ignoreZero: true }), "1h");
  assertEquals(formatDuration(-1500, { ignoreZero: true }), "1s 500ms");
  assertEquals(formatDuration(60_000, { ignoreZero: true, style: "digital" }), "00:00:01");
  assertEquals(
    formatDuration(120_000, { ignoreZero: true, style: "full" }),
    "2 minutes",
  );
});
