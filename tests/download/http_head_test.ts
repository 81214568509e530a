import { assertEquals, assertThrows } from "@std/assert";
import { encodeGet, parseHead } from "../../src/download/_http_head.ts";
import { DownloadError } from "../../src/download/mod.ts";

Deno.test("a head has a status, and fields by their names in any case", () => {
  const head = parseHead('HTTP/1.1 206 Partial Content\r\nETag: "1"\r\nx-a:\t b c \r\nX-A: d');
  assertEquals([head.isCurrent, head.status], [true, 206]);
  assertEquals(head.fields.get("etag"), '"1"');
  assertEquals(head.fields.get("x-a"), "b c, d");
  assertEquals([head.fields.get("x-b"), head.fields.has("x-b")], [null, false]);
  assertEquals(head.fields.has("etag"), true);
});

Deno.test("old servers, missing words, bare line feeds and folded lines are understood", () => {
  assertEquals(parseHead("HTTP/1.0 200").isCurrent, false);
  assertEquals(parseHead("HTTP/1.1 200 ").status, 200);
  assertEquals(parseHead("HTTP/1.1 200 OK\na: b\nc: d").fields.get("c"), "d");
  assertEquals(parseHead("HTTP/1.1 200 OK\r\na: b\r\n  c\r\nd: e").fields.get("a"), "b c");
});

Deno.test("only blanks around a value are not its own", () => {
  const head = parseHead("HTTP/1.1 200 OK\r\na:\t \xa0b\xc3\xa0 \t\r\nc: \r\nd:");
  const values = ["a", "c", "d"].map((name) => head.fields.get(name));
  assertEquals(values, ["\xa0b\xc3\xa0", "", ""]);
});

const nonsense = [
  "",
  "SSH-2.0-OpenSSH_9.2",
  "HTTP/2 200",
  "HTTP/1.1 20 OK",
  "HTTP/1.1 099 OK",
  "HTTP/1.1 2000 OK",
  "HTTP/1.1  200 OK",
  "HTTP/1.1 200 OK\r\nno colon",
  "HTTP/1.1 200 OK\r\nblank : before",
  "HTTP/1.1 200 OK\r\n: no name",
  "HTTP/1.1 200 OK\r\na: b\0c",
  "HTTP/1.1 200 OK\r\na: b\rc",
];

for (const text of nonsense) {
  Deno.test(`${JSON.stringify(text)} is not HTTP`, () => {
    const error = assertThrows(() => parseHead(text), DownloadError);
    assertEquals([error.kind, error.message], ["connect", "the server does not answer in HTTP"]);
  });
}

const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);

Deno.test("a request names its host, and what follows the host of its URL", () => {
  const url = new URL("http://[::1]:8080/a%20b?c=d e#f");
  assertEquals(
    text(encodeGet(url, [["range", "bytes=1-"]])),
    "GET /a%20b?c=d%20e HTTP/1.1\r\nhost: [::1]:8080\r\nrange: bytes=1-\r\n\r\n",
  );
});

Deno.test("a user may name another host, but not how the message is sent", () => {
  const fields: [string, string][] = [
    ["host", "other"],
    ["content-length", "5"],
    ["transfer-encoding", "chunked"],
    ["connection", "close"],
  ];
  assertEquals(
    text(encodeGet(new URL("http://h/"), fields)),
    "GET / HTTP/1.1\r\nhost: other\r\n\r\n",
  );
});

Deno.test("a value is sent in Latin-1, and nothing that would end its line", () => {
  const sent = encodeGet(new URL("http://h/"), [["x", "é"]]);
  assertEquals(text(sent), "GET / HTTP/1.1\r\nhost: h\r\nx: é\r\n\r\n");
  for (const value of ["a\r\nb: c", "a\nb", "a\0b", "☃"]) {
    const error = assertThrows(() => encodeGet(new URL("http://h/"), [["x", value]]));
    assertEquals((error as DownloadError).kind, "protocol");
  }
});

Deno.test("a header has a proper name", () => {
  for (const name of ["", "a b", "a:", "a\r\nb", "é"]) {
    const error = assertThrows(() => encodeGet(new URL("http://h/"), [[name, "x"]]));
    assertEquals((error as DownloadError).kind, "protocol");
  }
});
