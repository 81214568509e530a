import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "npm:fast-check@^4.0.0";
import {
  folderOf,
  joinPath,
  MAX_NAME_BYTES,
  nameFromUrl,
  nameKey,
  numberedName,
  safeName,
  safePath,
} from "../../src/download/naming.ts";

const fromUrl: [url: string, name: string][] = [
  ["http://host/a/b.zip", "b.zip"],
  ["http://host/b.zip?v=1&x=/y.tar#part", "b.zip"],
  ["http://host/", "index.html"],
  ["http://host", "index.html"],
  ["http://host/dir/", "index.html"],
  ["http://host/a%20b.txt", "a b.txt"],
  ["http://host/gr%C3%B6%C3%9Fe.txt", "größe.txt"],
  ["http://host/100%.txt", "100%.txt"],
  ["http://host/%ff%fe.bin", "%ff%fe.bin"],
  ["http://host/..%2f..%2fetc%2fpasswd", "passwd"],
  ["http://host/..%5c..%5cwindows%5cwin.ini", "win.ini"],
  ["http://host/%2e%2e", "index.html"],
  ["http://host/x%2f..", "index.html"],
  ["http://host/a%00b", "a_b"],
  ["http://host/%1b%5b31mred", "_[31mred"],
];

for (const [url, name] of fromUrl) {
  Deno.test(`nameFromUrl: ${url}`, () => assertEquals(nameFromUrl(new URL(url)), name));
}

const safe: [given: string, name: string | undefined][] = [
  ["plain.txt", "plain.txt"],
  ["", undefined],
  [".", undefined],
  ["..", undefined],
  ["...", undefined],
  ["  ", undefined],
  ["a/b/", undefined],
  ["/etc/passwd", "passwd"],
  ["C:\\dir\\file.txt", "file.txt"],
  ["C:evil.exe", "_evil.exe"],
  ["-rf", "_rf"],
  [".bashrc", "_bashrc"],
  ["name.", "name_"],
  ["name. . ", "name_"],
  ["CON", "_CON"],
  ["nul.txt", "_nul.txt"],
  ["LPT1.tar.gz", "_LPT1.tar.gz"],
  ["COM¹", "_COM¹"],
  ["console", "console"],
  ["a.zip.part", "a.zip.part_"],
  ["a.PART.json", "a.PART.json_"],
  ["a.part.json~", "a.part.json~_"],
  ["a.part1.rar", "a.part1.rar"],
  ["a\u202egpj.exe", "a_gpj.exe"],
  ["a\u0085b", "a_b"],
  ["a\x7fb", "a_b"],
  ["line\nbreak", "line_break"],
  ["e\u0301.txt", "é.txt"],
  ["lone\ud800.txt", "lone\ufffd.txt"],
  ["👩‍🚀.png", "👩‍🚀.png"],
];

for (const [given, name] of safe) {
  Deno.test(`safeName: ${JSON.stringify(given)}`, () => assertEquals(safeName(given), name));
}

Deno.test("safeName: a name that is too long keeps its extension", () => {
  const name = safeName(`${"x".repeat(300)}.tar.gz`)!;
  assertEquals(new TextEncoder().encode(name).length, MAX_NAME_BYTES);
  assert(name.endsWith("x.tar.gz"));
});

Deno.test("safeName: a long name is cut between characters", () => {
  const name = safeName(`${"測".repeat(200)}.txt`)!;
  assert(new TextEncoder().encode(name).length <= MAX_NAME_BYTES);
  assert(/^測+\.txt$/.test(name), name);
});

Deno.test("safeName: whatever is given, the result is one plain name and stays the same", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
    const name = safeName(text);
    if (name === undefined) return;
    assertEquals(safeName(name), name);
    assert(name !== "" && !/^[-.\s]|[.\s]$|[/\\]/.test(name), name);
    // deno-lint-ignore no-control-regex
    assert(!/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(name), name);
    assert(new TextEncoder().encode(name).length <= MAX_NAME_BYTES);
  }));
});

Deno.test("safePath: takes plain names and folders of them", () => {
  assertEquals(safePath("a.zip"), "a.zip");
  assertEquals(safePath("sub/a.zip"), "sub/a.zip");
});

for (
  const path of [
    "",
    ".",
    "..",
    "../a",
    "/abs",
    "a//b",
    "a/../b",
    "a\\b",
    ".hidden",
    "CON",
    "a\x1b[m",
  ]
) {
  Deno.test(`safePath: refuses ${JSON.stringify(path)}`, () => {
    assertThrows(() => safePath(path), TypeError, "is not a safe file name");
  });
}

Deno.test("safePath: says what to write instead", () => {
  assertThrows(() => safePath(".hidden"), TypeError, 'try "_hidden"');
});

const numbered: [name: string, number: number, result: string][] = [
  ["a.zip", 1, "a.1.zip"],
  ["a.tar.gz", 2, "a.2.tar.gz"],
  ["noext", 3, "noext.3"],
  ["dir.d/noext", 3, "dir.d/noext.3"],
  ["dir/a.txt", 12, "dir/a.12.txt"],
];

for (const [name, number, result] of numbered) {
  Deno.test(`numberedName: ${name}`, () => assertEquals(numberedName(name, number), result));
}

Deno.test("numberedName: the number finds room in the longest name", () => {
  const name = numberedName(`${"x".repeat(MAX_NAME_BYTES - 4)}.txt`, 123);
  assertEquals(name.length, MAX_NAME_BYTES);
  assert(name.endsWith("x.123.txt"));
});

Deno.test("nameKey: names that differ only in case or composition have one key", () => {
  assertEquals(nameKey("ReadMe.TXT"), nameKey("readme.txt"));
  assertEquals(nameKey("e\u0301"), nameKey("É"));
  assertEquals(nameKey("STRASSE"), nameKey("straße"));
});

Deno.test("joinPath and folderOf", () => {
  assertEquals(joinPath(".", "a"), "a");
  assertEquals(joinPath("/tmp", "a"), "/tmp/a");
  assertEquals(joinPath("/", "a"), "/a");
  assertEquals(folderOf("a"), ".");
  assertEquals(folderOf("/a"), "/");
  assertEquals(folderOf("x/y/a"), "x/y");
});
