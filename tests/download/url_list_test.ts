import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { type DownloadRequest, ListError, readUrlList } from "../../src/download/mod.ts";
import { testWithin } from "../support/watchdog.ts";

async function read(text: string): Promise<(DownloadRequest | ListError)[]> {
  return await Array.fromAsync(readUrlList(new Blob([text]).stream()));
}

async function urls(text: string): Promise<string[]> {
  return (await read(text)).map((entry) => entry instanceof Error ? "error" : entry.urls.join(" "));
}

testWithin("a URL a line; blank lines and comments mean nothing", async () => {
  assertEquals(await urls("http://h/1\n\n# no\n   # neither\nhttp://h/2\n"), [
    "http://h/1",
    "http://h/2",
  ]);
});

testWithin("an empty list has no entries", async () => assertEquals(await urls(""), []));

testWithin("the last line needs no end", async () => {
  assertEquals(await urls("http://h/1\nhttp://h/2"), ["http://h/1", "http://h/2"]);
});

testWithin("a byte order mark and CR LF are fine", async () => {
  assertEquals(await urls("\ufeffhttp://h/1\r\nhttp://h/2\r\n"), ["http://h/1", "http://h/2"]);
});

testWithin("further URLs after a TAB are mirrors", async () => {
  assertEquals(await urls("http://a/1\thttps://b/1\t\thttp://c/1\n"), [
    "http://a/1 https://b/1 http://c/1",
  ]);
});

testWithin("indented lines are options of the URL above", async () => {
  const hex = "a".repeat(64);
  const [first, second] = await read(
    `http://h/1\n out=one.zip\n\tdir=/tmp/x\n  checksum=sha-256=${hex.toUpperCase()}\n` +
      "  header=X-A: 1\n  header=X-B: 2\n# between\n  priority=-3\nhttp://h/2\n",
  );
  assertEquals(first, {
    urls: [new URL("http://h/1")],
    line: 1,
    name: "one.zip",
    dir: "/tmp/x",
    checksum: { algorithm: "sha-256", hex },
    headers: [["X-A", "1"], ["X-B", "2"]],
    priority: -3,
  });
  assertEquals(second, { urls: [new URL("http://h/2")], line: 9 });
});

const bad: [text: string, line: number, message: string][] = [
  ["nonsense\n", 1, '"nonsense" is not a URL'],
  ["\nexample.com/a.zip\n", 2, "did you mean https://example.com/a.zip?"],
  ["ftp://h/a\n", 1, '"ftp://h/a" is not an http or https URL'],
  ["http://user:secret@\n", 1, '"http://" is not a URL'],
  ["http://h/1\tnope\n", 1, '"nope" is not a URL'],
  ["  out=a\n", 1, "no URL stands above it"],
  ["http://h/1\n  colour=red\n", 2, '"colour" is not an option'],
  ["http://h/1\n  out=../x\n", 2, '"../x" is not a safe file name'],
  ["http://h/1\n  priority=high\n", 2, 'got "high"'],
  ["http://h/1\n  header=bad\n", 2, "is not a header"],
  ["http://h/1\n  header=a: b\u0000\n", 2, "is not a header"],
  ["http://h/1\n  dir=\n", 2, "dir= needs a folder"],
  ["http://h/1\n  checksum=crc=1\n", 2, '"crc" is not a checksum algorithm'],
  ["http://h/1\n  checksum=md5=12\n", 2, "32 hexadecimal digits"],
  [`${"x".repeat(70_000)}\n`, 1, "longer than 65536 characters"],
];

for (const [text, line, message] of bad) {
  testWithin(
    `a bad line is named, the others go on: ${JSON.stringify(text.slice(0, 40))}`,
    async () => {
      const entries = await read(`${text}http://h/good\n`);
      const error = entries.find((entry) => entry instanceof Error);
      assertInstanceOf(error, ListError);
      assertEquals(error.line, line);
      assert(error.message.includes(message), error.message);
      const good = entries.at(-1)!;
      assert(!(good instanceof Error) && good.urls[0].href === "http://h/good");
    },
  );
}

testWithin("an entry with a bad option is not downloaded", async () => {
  const entries = await read("http://h/1\n  checksum=md5=12\n  out=fine\n");
  assertEquals(entries.map((entry) => entry instanceof ListError), [true]);
});

testWithin(
  "options below an over-long line are not taken for those of the URL before",
  async () => {
    const entries = await read(`http://h/1\n${"x".repeat(70_000)}\n  out=other\nhttp://h/2\n`);
    assertEquals(entries.map((entry) => entry instanceof Error ? entry.line : entry.name), [
      undefined,
      2,
      undefined,
    ]);
  },
);

testWithin("an over-long option spoils its entry", async () => {
  const entries = await read(`http://h/1\n  out=${"x".repeat(70_000)}\nhttp://h/2\n`);
  assertEquals(entries.map((entry) => entry instanceof Error ? entry.line : entry.urls[0].href), [
    2,
    "http://h/2",
  ]);
});

testWithin("an over-long line without an end is one error, in bounded memory", async () => {
  let chunks = 0;
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (chunks++ === 50) return controller.close();
      controller.enqueue(new Uint8Array(64 * 1024).fill(120));
    },
  });
  const entries = await Array.fromAsync(readUrlList(endless));
  assertEquals(entries.length, 1);
  assertInstanceOf(entries[0], ListError);
});

testWithin("the list is read no faster than it is consumed", async () => {
  let pulled = 0;
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      pulled++;
      controller.enqueue(new TextEncoder().encode("http://h/x\n".repeat(1000)));
    },
  }, { highWaterMark: 0 });
  const list = readUrlList(source);
  for (let i = 0; i < 10; i++) await list.next();
  assert(pulled <= 6, `${pulled} chunks were read for ten entries`);
  await list.return();
});

testWithin("characters that span two chunks stay whole", async () => {
  const bytes = new TextEncoder().encode("http://h/größe\n");
  const source = ReadableStream.from([...bytes].map((byte) => Uint8Array.of(byte)));
  const [entry] = await Array.fromAsync(readUrlList(source));
  assert(!(entry instanceof Error) && entry!.urls[0].pathname === "/gr%C3%B6%C3%9Fe");
});
