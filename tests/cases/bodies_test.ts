import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Fault, FileServer, noise } from "../support/file_server.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertFiles, download, errorsOf, rangesOf } from "./support.ts";

const SIZE = 400_000;
const CUT = 150_000;
const BYTES = noise(SIZE, 1);
const LARGE = noise(5_000_000, 2);

testWithin("case 1: a body that ends early is continued from where it stopped", async () => {
  await using server = await FileServer.start({
    bytes: BYTES,
    etag: '"1"',
    script: ({ path, earlier }) => {
      const state = path.startsWith("/large") ? { state: { bytes: LARGE, etag: '"2"' } } : {};
      const cut: Fault = { after: CUT, then: path.endsWith("reset") ? "reset" : "close" };
      return { ...state, ...(earlier < 2 ? cut : {}) };
    },
  });
  await using dir = new TempDir();
  const paths = ["/close", "/reset", "/large-close", "/large-reset"];
  const run = await download(dir, paths.map((path) => server.url(path)), "--retries", "2");
  assertEquals([run.code, errorsOf(run)], [0, {}]);
  assertFiles(dir, {
    close: BYTES,
    reset: BYTES,
    "large-close": LARGE,
    "large-reset": LARGE,
  });
  for (const path of ["/close", "/large-close"]) {
    assertEquals(rangesOf(server, path), [undefined, `bytes=${CUT}-`, `bytes=${2 * CUT}-`], path);
  }
  // A reset may take bytes with it that were on their way, but never brings one twice.
  for (const path of ["/reset", "/large-reset"]) {
    const [first, ...rest] = rangesOf(server, path);
    assertEquals([first, rest.length], [undefined, 2], path);
  }
});

testWithin("case 1: without retries it fails, and the next run goes on", async () => {
  await using server = await FileServer.start({
    bytes: BYTES,
    etag: '"1"',
    script: ({ earlier }) => earlier === 0 ? { after: CUT } : undefined,
  });
  await using dir = new TempDir();
  const first = await download(dir, [server.url("/a")], "--retries", "0");
  assertEquals(first.code, 1);
  assertMatch(errorsOf(first).a!, /^the server closed the connection \(.*\); try again later$/);
  assertEquals(dir.names(), ["a.part", "a.part.json"]);
  const second = await download(dir, [server.url("/a")], "--retries", "0");
  assertEquals([second.code, second.stderr], [0, ""]);
  assertFiles(dir, { a: BYTES });
  assertEquals(server.served, SIZE);
});

/** `text` as the body of one chunk. */
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

const CHUNKED: Record<string, string> = {
  "/cut": chunk("abc"),
  "/cut-in-chunk": "5\r\nabc",
  "/cut-before-last-crlf": `${chunk("abc")}0\r\n`,
  "/no-size": `${chunk("abc")}zz\r\n`,
  "/negative": `${chunk("abc")}-1\r\n`,
  "/huge": `${chunk("abc")}ffffffffffffffffff\r\nx`,
  "/longer-than-said": "3\r\nabcdef\r\n0\r\n\r\n",
};

for (const validator of [true, false]) {
  const kept = validator ? "is kept" : "without a validator is removed";
  testWithin(`case 2: what came of a chunked body that breaks ${kept}`, async () => {
    await using server = new RawServer(async ({ path, headers }, connection) => {
      const etag = validator ? 'etag: "1"\r\n' : "";
      const start = /^bytes=(\d+)-$/.exec(headers.get("range") ?? "")?.[1];
      if (start !== undefined && path !== "/cut") {
        const rest = "abcdef".slice(Number(start));
        return await connection.write(
          `HTTP/1.1 206 Partial Content\r\n${etag}content-length: ${rest.length}\r\n` +
            `content-range: bytes ${start}-5/6\r\n\r\n${rest}`,
        );
      }
      const head = `HTTP/1.1 200 OK\r\n${etag}transfer-encoding: chunked\r\n\r\n`;
      await connection.write(head + CHUNKED[path]!);
      connection.close();
    });
    await using dir = new TempDir();
    const paths = Object.keys(CHUNKED);
    const names = paths.map((path) => path.slice(1));
    const urls = paths.map((path) => server.url(path));
    const first = await download(dir, urls, "--retries", "0");
    assertEquals(first.code, 1);
    assertEquals(Object.keys(errorsOf(first)).sort(), names.toSorted());
    const parts = names.flatMap((name) => [`${name}.part`, `${name}.part.json`]);
    assertEquals(dir.names(), validator ? parts.sort() : []);
    if (!validator) return;
    // All of them begin with the same three bytes; the server knows the rest.
    const second = await download(dir, urls, "--retries", "0");
    assertEquals(Object.keys(errorsOf(second)), ["cut"]);
    for (const name of names) if (name !== "cut") assertEquals(dir.read(name), "abcdef", name);
  });
}

testWithin("case 3: without a length the end of the connection is the end", async () => {
  const body = "the whole";
  const wrong = "0".repeat(64);
  const right = new Uint8Array(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body)),
  ).toHex();
  await using server = new RawServer(async ({ path }, connection) => {
    const version = path === "/old" ? "1.0" : "1.1";
    const length = path === "/sure" ? `content-length: ${body.length}\r\n` : "";
    await connection.write(`HTTP/${version} 200 OK\r\n${length}\r\n${body}`);
    connection.close();
  });
  await using dir = new TempDir();
  const run = await download(dir, [
    server.url("/open"),
    server.url("/old"),
    server.url("/sure"),
    `${server.url("/proven")}\n  checksum=sha-256=${right}`,
    `${server.url("/wrong")}\n  checksum=sha-256=${wrong}`,
  ]);
  assertEquals(run.code, 3);
  assertEquals(Object.keys(errorsOf(run)), ["wrong"]);
  const bytes = new TextEncoder().encode(body);
  assertFiles(dir, { open: bytes, old: bytes, sure: bytes, proven: bytes });
  const unknown = [...run.stdout.matchAll(/^✓ (\S+) .*\[length unknown\]/gm)].map(([, name]) =>
    name
  );
  assertEquals(unknown.sort(), ["old", "open"]);
});

testWithin("case 17: what a server encodes regardless is written as it was sent", async () => {
  const plain = noise(3000, 4);
  const stream = new Blob([plain]).stream().pipeThrough(new CompressionStream("gzip"));
  const packed = await new Response(stream).bytes();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", packed)).toHex();
  await using server = new RawServer(({ path }, connection) =>
    connection.write(answer(packed, {
      headers: { "content-encoding": path === "/brotli" ? "br" : "gzip", etag: '"1"' },
    }))
  );
  await using dir = new TempDir();
  const run = await download(dir, [
    `${server.url("/a.gz")}\n  checksum=sha-256=${digest}`,
    server.url("/b"),
    server.url("/brotli"),
  ]);
  assertEquals(run.code, 0, run.stderr);
  assertFiles(dir, { "a.gz": packed, b: packed, brotli: packed });
  for (const { headers } of server.requests) {
    assertEquals(headers.get("accept-encoding"), "identity");
  }
  const kilobytes = (3 * packed.length / 1000).toFixed(1);
  assertMatch(run.stdout, new RegExp(`Total Size: +${kilobytes} kB\\n`));
});

testWithin("case 18: no content, not modified and nothing at all", async () => {
  const heads: Record<string, string> = {
    "/204": "204 No Content\r\n\r\n",
    "/empty": "200 OK\r\ncontent-length: 0\r\n\r\n",
    "/empty-chunked": "200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "/304": "304 Not Modified\r\n\r\n",
    "/206": "206 Partial Content\r\ncontent-range: bytes 0-0/2\r\ncontent-length: 1\r\n\r\na",
    "/100": "100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
    "/103": "103 Early Hints\r\nlink: <x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
  };
  await using server = new RawServer(({ path }, connection) =>
    connection.write(`HTTP/1.1 ${heads[path]!}`)
  );
  await using dir = new TempDir();
  const run = await download(dir, Object.keys(heads).map((path) => server.url(path)));
  assertEquals(run.code, 1);
  assertEquals(Object.keys(errorsOf(run)).sort(), ["206", "304"]);
  const none = new Uint8Array(0);
  const ok = new TextEncoder().encode("ok");
  assertFiles(dir, { "204": none, empty: none, "empty-chunked": none, "100": ok, "103": ok });
});

testWithin("case 18: a file that is there is asked for only if it has changed", async () => {
  const lastModified = "Wed, 21 Oct 2015 07:28:00 GMT";
  await using server = new RawServer(({ headers }, connection) =>
    connection.write(
      headers.get("if-modified-since") === lastModified
        ? "HTTP/1.1 304 Not Modified\r\n\r\n"
        : answer("new", { headers: { "last-modified": lastModified } }),
    )
  );
  await using dir = new TempDir();
  for (const skipped of [0, 1]) {
    const run = await download(dir, [server.url("/a")], "--if-exists", "overwrite");
    assertEquals([run.code, dir.read("a"), dir.names()], [0, "new", ["a"]]);
    assertEquals(/Skipped: +1\n/.test(run.stdout), skipped === 1);
  }
  assertEquals(Deno.statSync(dir.file("a")).mtime?.toUTCString(), lastModified);
});

testWithin("case 21: endless bodies and headers, and more than is allowed", async () => {
  const kilobyte = "x".repeat(1000);
  await using server = new RawServer(async ({ path }, connection) => {
    const until = async (head: string, piece: string) => {
      await connection.write(head);
      let left = false;
      connection.gone.then(() => left = true);
      while (!left) await connection.write(piece);
    };
    const chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    if (path === "/endless") return await until("HTTP/1.1 200 OK\r\n\r\n", kilobyte);
    if (path === "/chunked") return await until(chunked, chunk(kilobyte));
    if (path === "/headers") return await until("HTTP/1.1 200 OK\r\n", `x-y: ${kilobyte}\r\n`);
    if (path === "/header") return await until("HTTP/1.1 200 OK\r\nx-y: ", kilobyte);
    if (path === "/said") return await connection.write(answer(kilobyte.repeat(101)));
    await connection.write(answer(kilobyte.repeat(100)));
  });
  await using dir = new TempDir();
  const paths = ["/endless", "/chunked", "/headers", "/header", "/said", "/allowed"];
  const run = await download(
    dir,
    paths.map((path) => server.url(path)),
    ...["--max-size", "100k", "--retries", "0", "--timeout", "5s"],
  );
  assertEquals(run.code, 1);
  const errors = errorsOf(run);
  assertEquals(Object.keys(errors).sort(), ["chunked", "endless", "header", "headers", "said"]);
  for (const name of ["chunked", "endless", "said"]) {
    assertMatch(errors[name]!, /^larger than the allowed 100000 bytes/, name);
  }
  assertFiles(dir, { allowed: new TextEncoder().encode(kilobyte.repeat(100)) });
  assert(server.requests.length === paths.length, "nothing is asked for twice");
}, 20_000);
