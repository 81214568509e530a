import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { escapeJson, fit, printable, shorten, width } from "../../src/display/mod.ts";
import { testWithin } from "../support/watchdog.ts";

testWithin("printable() spells out what could steer a terminal or mislead a reader", () => {
  const cases: Record<string, string> = {
    "": "",
    "plain name.zip": "plain name.zip",
    "größe 測定 👩‍🚀 e\u0301 ❤\ufe0f": "größe 測定 👩‍🚀 e\u0301 ❤\ufe0f",
    "a\x1b[2Jb\x1b]0;title\x07": "a\\x1b[2Jb\\x1b]0;title\\x07",
    "line\nbreak\r\ttab\0nul": "line\\x0abreak\\x0d\\x09tab\\x00nul",
    "\x7fdel": "\\x7fdel",
    "\x80\x85\x9b31m\x9f": "\\x80\\x85\\x9b31m\\x9f",
    "gpj.\u202eexe": "gpj.\\u202eexe",
    "\u2066\u2067\u2068\u2069": "\\u2066\\u2067\\u2068\\u2069",
    "\u061c\u200e\u200f": "\\u061c\\u200e\\u200f",
    "\u2028\u2029": "\\u2028\\u2029",
    "\ufeff\u200b\u2060\ufff9": "\\ufeff\\u200b\\u2060\\ufff9",
    "می\u200cخواهم": "می\u200cخواهم",
  };
  for (const [text, expected] of Object.entries(cases)) assertEquals(printable(text), expected);
});

testWithin("no control character comes through printable(), whatever it is", () => {
  for (let code = 0; code < 0x10000; code++) {
    const text = printable(String.fromCharCode(code));
    assert(!/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(text), `U+${code.toString(16)}`);
  }
});

testWithin("escapeJson() changes how a text is written, not what it means", () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: "binary" }), (json) => {
      const escaped = escapeJson(json);
      assertEquals(JSON.parse(escaped), JSON.parse(json));
      assertEquals(printable(escaped), escaped);
    }),
  );
  assertEquals(escapeJson('"\x7f\x9b\u202e\u2028"'), '"\\u007f\\u009b\\u202e\\u2028"');
});

testWithin("width() counts columns, the most where terminals disagree", () => {
  const cases: Record<string, number> = {
    "": 0,
    "abc": 3,
    "日本": 4,
    "e\u0301": 1,
    "😀": 2,
    "🇩🇪": 2,
    "❤": 1,
    "❤\ufe0f": 2,
    "1\ufe0f\u20e3": 2,
  };
  for (const [text, expected] of Object.entries(cases)) assertEquals(width(text), expected, text);
});

testWithin("shorten() keeps both ends of a name and cuts between characters", () => {
  const cases: [text: string, columns: number, expected: string][] = [
    ["short.zip", 9, "short.zip"],
    ["archive-2026.tar.gz", 12, "archive-….gz"],
    ["archive-2026.tar.gz", 4, "ar…z"],
    ["archive", 2, "a…"],
    ["archive", 1, "…"],
    ["archive", 0, ""],
    ["archive", -3, ""],
    ["日本語の名前.txt", 9, "日本語…xt"],
    ["日本", 3, "日…"],
    ["日本", 2, "…"],
    ["👩‍🚀👩‍🚀👩‍🚀", 8, "👩‍🚀…"],
    ["e\u0301e\u0301e\u0301e\u0301e\u0301", 4, "e\u0301e\u0301…e\u0301"],
  ];
  for (const [text, columns, expected] of cases) {
    assertEquals(shorten(text, columns), expected, `${text} in ${columns}`);
  }
});

testWithin("fit() takes exactly its columns", () => {
  assertEquals([fit("ab", 4), fit("日本", 3), fit("日本", 2)], ["ab  ", "日…", "… "]);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), fc.nat(40), (text, columns) => {
      const safe = printable(text);
      assertEquals(width(fit(safe, columns)), columns);
      assert(width(shorten(safe, columns)) <= columns);
    }),
  );
});

testWithin("a name of many thousand characters is cut at once", () => {
  const { prototype } = Intl.Segmenter;
  const { segment } = prototype;
  const lengths: number[] = [];
  prototype.segment = function (text) {
    lengths.push(text.length);
    return segment.call(this, text);
  };
  try {
    assertEquals(width(shorten("日".repeat(1 << 16), 40)), 39);
  } finally {
    prototype.segment = segment;
  }
  assertEquals(lengths, [160, 160]); // only its ends are looked at
});
