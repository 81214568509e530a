import { assertEquals } from "@std/assert";
import { parseArgs, unicodeWidth } from "@std/cli";
import { unicodeWidth as sameFunction } from "@std/cli/unicode-width";

Deno.test("unicodeWidth() counts the columns of a terminal", () => {
  const widths: Record<string, number> = {
    "": 0,
    "hello": 5,
    "\0\t\n\x1b\x7f\x9b": 0,
    "naïve": 5,
    "e\u0301": 1,
    "\u00ad": 1,
    "日本語": 6,
    "ｆｕｌｌ": 8,
    "ﾊﾝｶｸ": 4,
    "한국어": 6,
    "\u1112\u1161\u11ab": 2,
    "😀": 2,
    "✔": 1,
    "✅": 2,
    "↓": 1,
    "█▏": 2,
    "👨\u200d👩\u200d👧": 6,
    "🇩🇪": 2,
    "\u200b\u200d\ufeff\ufe0f": 0,
    "…": 1,
    "قلم": 3,
    "ไทย": 3,
    "\u{20000}\u{3fffd}": 4,
  };
  for (const [text, width] of Object.entries(widths)) {
    assertEquals(unicodeWidth(text), width, JSON.stringify(text));
  }
  assertEquals(sameFunction, unicodeWidth);
});

Deno.test("unicodeWidth() agrees on every code point", () => {
  const counts = new Map<number, number>();
  let hash = 0;
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
    const width = unicodeWidth(String.fromCodePoint(codePoint));
    counts.set(width, (counts.get(width) ?? 0) + 1);
    hash = (hash * 31 + width) | 0;
  }
  assertEquals([counts.get(0), counts.get(1), counts.get(2)], [2392, 929211, 182509]);
  assertEquals(hash, 149199597);
});

Deno.test("parseArgs() reads options and other words", () => {
  const args = [
    "-v",
    "--name=a",
    "--n",
    "5",
    "-x3",
    "--no-cache",
    "--old=false",
    "--tag",
    "1",
    "--tag=2",
    "in",
  ];
  assertEquals(
    parseArgs([...args, "--deep.er", "6", "--", "-z"], {
      boolean: ["v", "quiet", "old"],
      string: ["tag"],
      collect: ["tag"],
      negatable: ["cache"],
      alias: { n: "number" },
      default: { mode: "fast" },
      "--": true,
    }),
    {
      _: ["in"],
      v: true,
      quiet: false,
      old: false,
      name: "a",
      n: 5,
      number: 5,
      x: 3,
      cache: false,
      tag: ["1", "2"],
      deep: { er: 6 },
      mode: "fast",
      "--": ["-z"],
    },
  );
});

Deno.test("parseArgs() can drop the unknown and stop early", () => {
  const seen: string[] = [];
  const unknown = (arg: string) => {
    seen.push(arg);
    return false;
  };
  const dropped = parseArgs(["-a", "--b", "c"], { boolean: ["a"], unknown });
  assertEquals([dropped._, dropped.a, Object.hasOwn(dropped, "b")], [[], true, false]);
  assertEquals(seen, ["--b"]);
  const stopped = parseArgs(["-a", "run", "-b"], { boolean: ["a"], stopEarly: true });
  assertEquals([stopped._, stopped.a], [["run", "-b"], true]);
});
