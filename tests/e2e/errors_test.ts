import { assertEquals, assertMatch } from "@std/assert";
import { runDlm } from "../support/dlm.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

/** What a server does wrong, by path, and what is said of it: what happened, and what to do. */
const TABLE: [path: string, reply: string, what: string][] = [
  ["/401", "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n", "the server answered 401 .*"],
  ["/403", "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", "the server answered 403 .*"],
  ["/404", "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", "the server answered 404 .*"],
  ["/410", "HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n", "the server answered 410 .*"],
  ["/418", "HTTP/1.1 418 Teapot\r\ncontent-length: 0\r\n\r\n", "the server answered 418 .*"],
  ["/429", "HTTP/1.1 429 Slow\r\ncontent-length: 0\r\n\r\n", "the server answered 429 .*"],
  ["/500", "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n", "the server answered 500 .*"],
  ["/503", "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n", "the server answered 503 .*"],
  ["/loop", "HTTP/1.1 302 F\r\nlocation: /loop\r\n\r\n", "the server redirects in a loop"],
  ["/lost", "HTTP/1.1 302 F\r\n\r\n", "the server answered 302 without saying where to go"],
  [
    "/file",
    "HTTP/1.1 302 F\r\nlocation: file:///etc/passwd\r\n\r\n",
    "the server redirects to file:.*",
  ],
  [
    "/short",
    "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
    "(the body ended after 4 of 9 bytes|the server closed the connection)",
  ],
  ["/chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "the server .*"],
  ["/noise", "hello, who is there?\r\n\r\n", "the server does not answer in HTTP"],
  ["/silent", "", "the server closed the connection"],
  [
    "/large",
    "HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n",
    "larger than the allowed 1000 bytes",
  ],
];

testWithin("each failure is one line that says what, which file, and what to do", async () => {
  await using server = new RawServer(async ({ path }, connection) => {
    await connection.write(TABLE.find(([known]) => known === path)![1]);
    connection.close();
  });
  await using dir = new TempDir();
  const closed = unusedPort();
  const list = [...TABLE.map(([path]) => server.url(path)), `http://127.0.0.1:${closed}/refused`];
  const args = ["download", "--urls", "-", "--retries", "0", "--max-size", "1k", "--workers", "20"];
  const run = await runDlm(args, { cwd: dir.path, stdin: list.join("\n") });
  assertEquals(run.code, 1);
  const lines = run.stderr.trimEnd().split("\n");
  const expected: [url: string, what: string][] = [
    ...TABLE.map(([path, _, what]): [string, string] => [server.url(path), what]),
    [`http://127.0.0.1:${closed}/refused`, "connection refused"],
  ];
  for (const [url, what] of expected) {
    const name = url.slice(url.lastIndexOf("/") + 1);
    const line = lines.find((line) => line.includes(`(${url})`)) ?? `nothing about ${url}`;
    assertMatch(line, new RegExp(`^✗ ${name} +Error: ${what} \\(${url}\\); [a-z].+[^.]$`));
  }
  assertEquals(lines.length, expected.length, run.stderr);
  assertMatch(run.stdout, new RegExp(`Failed: +${expected.length}\n`));
  assertEquals(dir.names(), []);
});

testWithin("a folder that can't be used is one line a file", async () => {
  await using server = new RawServer(({ path }, connection) => connection.write(answer(path)));
  await using dir = new TempDir();
  dir.write("file", "not a folder");
  for (const folder of ["file", "file/below"]) {
    const run = await runDlm(["get", server.url("/a"), "--dir", folder], { cwd: dir.path });
    assertEquals(run.code, 1);
    assertMatch(run.stderr, /^✗ a +Error: .*\bfile\b.* \(http:.*\/a\); .+\n$/);
    assertMatch(run.stderr, /not a folder/);
  }
  assertEquals(dir.tree(), { file: "not a folder" });
});

testWithin("a wrong checksum ends with exit code 3 and no file", async () => {
  await using server = new RawServer(({ path }, connection) => connection.write(answer(path)));
  await using dir = new TempDir();
  const expected = "0".repeat(64);
  const sum = "6a50dc8584134c7de537c0052ff6d236bf874355e050c90523e0c5ff2a543a28"; // of "/a"
  const args = ["get", server.url("/a"), "--checksum", `sha-256=${expected}`, "--retry-delay=1ms"];
  const run = await runDlm(args, { cwd: dir.path });
  assertEquals(run.code, 3);
  const last = run.stderr.trimEnd().split("\n").at(-1)!;
  assertMatch(
    last,
    new RegExp(
      `^✗ a +Error: checksum mismatch \\(sha-256\\): expected ${expected}, got ${sum} \\(.*\\); .+$`,
    ),
  );
  assertEquals(dir.names(), []);

  const good = await runDlm(
    ["get", server.url("/a"), "--checksum", `SHA256=${sum.toUpperCase()}`],
    {
      cwd: dir.path,
    },
  );
  assertEquals([good.code, good.stderr], [0, ""]);
  assertMatch(good.stdout, /^✓ a .*\[✓ checksum verified\]$/m);
});

/** A port of this machine where nobody listens. */
function unusedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
