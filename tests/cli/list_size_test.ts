import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { listSize } from "../../src/cli/list_size.ts";
import { readUrlList } from "../../src/download/mod.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const LISTS: [text: string, entries: number | undefined][] = [
  ["", 0],
  ["http://a/1", 1],
  ["http://a/1\n", 1],
  ["http://a/1\nhttp://a/2\n\n\n", 2],
  ["# comment\nhttp://a/1\n  out=x\n\tdir=y\nno url\n", 2],
  ["\ufeffhttp://a/1\r\nhttp://a/2\r\n\r\n", 2],
  ["\ufeff# comment\r\n", 0],
  [" \n\n<?xml version='1.0'?>\n<metalink/>\n", undefined],
  ["<metalink/>", undefined],
  [`${"\n".repeat(200_000)}<metalink/>`, undefined],
  ["http://a/1\n<not a document\n", 2],
];

testWithin("listSize() counts what a list will yield", async () => {
  await using dir = new TempDir();
  for (const [text, entries] of LISTS) {
    assertEquals(await listSize(dir.write("list", text)), entries, JSON.stringify(text.slice(-60)));
  }
});

testWithin("listSize() agrees with the reader of lists", async () => {
  await using dir = new TempDir();
  const line = fc.constantFrom(
    "http://a/1",
    "x",
    "# c",
    "",
    "http://a/2\thttp://b/2",
    "http://a/3\r",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.boolean(), async (lines, ends) => {
      const text = lines.join("\n") + (ends ? "\n" : "");
      const entries = await Array.fromAsync(readUrlList(new Blob([text]).stream()));
      assertEquals(await listSize(dir.write("list", text)), entries.length);
    }),
  );
});

testWithin("listSize() counts a list that takes many reads", async () => {
  await using dir = new TempDir();
  const lines = Array.from({ length: 50_000 }, (_, i) => `http://a.example/${i}\n  out=${i}\n`);
  assertEquals(await listSize(dir.write("list", lines.join(""))), 50_000);
});

testWithin(
  "listSize() leaves alone what can be read only once, and what is not there",
  async () => {
    await using dir = new TempDir();
    assertEquals(await listSize("-"), undefined);
    assertEquals(await listSize(dir.path), undefined);
    assertEquals(await listSize(dir.file("none")), undefined);
    await new Deno.Command("mkfifo", { args: [dir.file("fifo")] }).output();
    assertEquals(await listSize(dir.file("fifo")), undefined);
  },
);
