import { assert, assertEquals, assertMatch } from "@std/assert";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";
import { download, errorsOf } from "./support.ts";

/** What servers propose, as it stands in `Content-Disposition`, and what the file is called. */
const PROPOSED: Record<string, [disposition: string, name: string]> = {
  "/plain": ["attachment; filename=report.pdf", "report.pdf"],
  "/quoted": ['attachment; filename="my report; final.pdf"', "my report; final.pdf"],
  "/escaped": ['attachment; filename="a\\"b.txt"', 'a"b.txt'],
  "/extended": ["attachment; filename*=UTF-8''%e2%82%ac%20rates.csv", "€ rates.csv"],
  "/both": ["attachment; filename=plain.txt; filename*=utf-8'en'better.txt", "better.txt"],
  "/latin": ["attachment; filename*=ISO-8859-1''%a3.txt", "£.txt"],
  "/broken-extended": ["attachment; filename*=UTF-8''%ff%fe; filename=fallback", "fallback"],
  "/inline": ["inline; filename=shown.html", "shown.html"],
  "/upper": ["ATTACHMENT; FILENAME=Case.TXT", "Case.TXT"],
  "/up": ['attachment; filename="../../../etc/passwd"', "passwd"],
  "/encoded-up": ["attachment; filename*=UTF-8''..%2f..%2fetc%2fshadow", "shadow"],
  "/absolute": ['attachment; filename="/etc/crontab"', "crontab"],
  "/backslashes": ['attachment; filename="..\\..\\win.ini"', "win.ini"],
  "/drive": ['attachment; filename="C:\\boot.ini"', "boot.ini"],
  "/drive-only": ['attachment; filename="D:evil"', "_evil"],
  "/dots": ['attachment; filename=".."', "dots"],
  "/only-slash": ['attachment; filename="a/"', "only-slash"],
  "/empty": ['attachment; filename=""', "empty"],
  "/none": ["attachment", "none"],
  "/hidden": ["attachment; filename=.bashrc", "_bashrc"],
  "/dash": ["attachment; filename=-rf", "_rf"],
  "/trailing": ['attachment; filename="name. . "', "name_"],
  "/device": ["attachment; filename=CON.txt", "_CON.txt"],
  "/nul": ["attachment; filename*=UTF-8''a%00b.txt", "a_b.txt"],
  "/escape": ["attachment; filename*=UTF-8''a%1b[31mb.txt", "a_[31mb.txt"],
  "/c1": ["attachment; filename*=UTF-8''a%c2%9bb.txt", "a_b.1.txt"],
  "/bidi": ["attachment; filename*=UTF-8''a%e2%80%aegpj.exe", "a_gpj.exe"],
  "/newline": ["attachment; filename*=UTF-8''a%0ab", "a_b"],
  "/part": ["attachment; filename=report.pdf.part", "report.pdf.part_"],
  "/journal": ["attachment; filename=report.pdf.part.json", "report.pdf.part.json_"],
  "/long": [`attachment; filename=${"y".repeat(400)}.tar.gz`, `${"y".repeat(237)}.tar.gz`],
};

/** A word of Latin-1 for every byte of a header. */
const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

testWithin("cases 11 to 13: a name that the server proposes is made safe", async () => {
  await using server = new RawServer(({ path }, connection) => {
    const disposition = PROPOSED[path]![0];
    return connection.write(latin1(
      `HTTP/1.1 200 OK\r\ncontent-disposition: ${disposition}\r\n` +
        `content-length: ${path.length}\r\n\r\n${path}`,
    ));
  });
  await using dir = new TempDir();
  const paths = Object.keys(PROPOSED);
  const urls = paths.map((path) => server.url(path));
  const inside = { path: dir.file("deep/er") };
  const expected = Object.fromEntries(paths.map((path) => [PROPOSED[path]![1], path]));
  for (let run = 0; run < 2; run++) {
    const { code, stdout, stderr } = await download(inside, urls, "--workers", "1");
    assertEquals([code, stderr], [0, ""]);
    assertPrintable(stdout);
    const tree = dir.tree();
    for (const [name, path] of Object.entries(expected)) {
      assertEquals(tree[`deep/er/${name}`], path, name);
    }
    // Nothing stands anywhere else, and the second run has brought no second copy.
    assertEquals(Object.keys(tree).length, paths.length + 2);
  }
  assertEquals(dir.names(), ["deep"]);
});

testWithin("case 11: --output and out= are stronger than what the server proposes", async () => {
  await using server = new RawServer((_, connection) =>
    connection.write(answer("x", { headers: { "content-disposition": "attachment; filename=no" } }))
  );
  await using dir = new TempDir();
  const run = await download(dir, [`${server.url("/a")}\n  out=sub/mine`]);
  assertEquals([run.code, dir.tree()], [0, { "sub/": "", "sub/mine": "x" }]);
});

testWithin(
  "case 11: a proposed name survives a cut, a kill of all retries, and a resume",
  async () => {
    const text = "0123456789";
    await using server = new RawServer(async ({ headers, earlier }, connection) => {
      const start = Number(/^bytes=(\d+)-/.exec(headers.get("range") ?? "")?.[1] ?? 0);
      const rest = text.slice(start);
      // The parts after the first don't repeat the name, as they need not.
      const name = start === 0 ? "content-disposition: attachment; filename=proposed.txt\r\n" : "";
      const range = start === 0 ? "" : `content-range: bytes ${start}-9/10\r\n`;
      await connection.write(
        `HTTP/1.1 ${
          start === 0 ? "200 OK" : "206 Partial Content"
        }\r\netag: "1"\r\n${name}${range}` +
          `content-length: ${rest.length}\r\n\r\n${earlier < 3 ? rest.slice(0, 2) : rest}`,
      );
      if (earlier < 3) connection.close();
    });
    await using dir = new TempDir();
    const first = await download(dir, [server.url("/given")], "--retries", "1");
    assertEquals([first.code, dir.names()], [1, ["given.part", "given.part.json"]]);
    const second = await download(dir, [server.url("/given")], "--retries", "1");
    assertEquals([second.code, dir.tree()], [0, { "proposed.txt": text }]);
  },
);

testWithin("case 12: an over-long name is cut, and its part file can be resumed", async () => {
  await using server = new RawServer(async ({ path, headers, earlier }, connection) => {
    const part = headers.get("range") === "bytes=2-";
    const head = part
      ? "206 Partial Content\r\ncontent-range: bytes 2-5/6\r\ncontent-length: 4"
      : "200 OK\r\ncontent-length: 6";
    const body = part ? "cdef" : "ab";
    await connection.write(`HTTP/1.1 ${head}\r\netag: "${path.length}"\r\n\r\n${body}`);
    if (earlier === 0) connection.close();
  });
  await using dir = new TempDir();
  const names = [
    "x".repeat(300),
    `${"x".repeat(300)}.zip`,
    "%E6%B8%AC".repeat(200),
    "a".repeat(244),
  ];
  const urls = names.map((name) => server.url(`/${name}`));
  const first = await download(dir, urls, "--retries", "0");
  assertEquals([first.code, dir.names().length], [1, 2 * names.length]);
  const second = await download(dir, urls, "--retries", "0");
  assertEquals([second.code, second.stderr], [0, ""]);
  assertEquals(dir.names().map((name) => dir.read(name)), names.map(() => "abcdef"));
  assertEquals(server.requests.length, 2 * names.length);
  for (const name of dir.names()) {
    assert(new TextEncoder().encode(`${name}.part.json~`).length <= 255, name);
  }
});

testWithin("case 13: what servers and lists say is never printed raw", async () => {
  const evil = "\x1b]0;owned\x07\x9b31m\u202e";
  await using server = new RawServer(({ path }, connection) => {
    const lines: Record<string, string> = {
      "/reason": `404 no ${evil}`,
      "/location": `302 Found\r\nlocation: gopher://${evil}`,
      "/redirect": `302 Found\r\nlocation: /x%1b%5d0;${evil}`,
      "/retry": `503 Busy ${evil}\r\nretry-after: ${evil}`,
    };
    return connection.write(
      latin1(`HTTP/1.1 ${lines[path] ?? `410 ${evil}`}\r\ncontent-length: 0\r\n\r\n`),
    );
  });
  await using dir = new TempDir();
  const list = [
    ...["/reason", "/location", "/redirect", "/retry", "/%1b%5d0;x%07", "/%E2%80%AE"]
      .map((path) => server.url(path)),
    `http://${evil}/`,
    `${evil}`,
    `${server.url("/a")}\n  out=${evil}`,
    `${server.url("/b")}\n  ${evil}=1`,
    `${server.url("/c")}\n  checksum=sha-256=${evil}`,
    `${server.url("/d")}\n  header=${evil}: x`,
  ];
  const run = await download(dir, list, "--retries", "1");
  assertEquals(run.code, 1);
  assertEquals(Object.keys(errorsOf(run)).length, 6);
  assertEquals(run.stderr.match(/^✗ Line \d+:/gm)?.length, 6);
  assertPrintable(run.stdout);
  assertPrintable(run.stderr);
  assertEquals(dir.names(), []);
});

testWithin("case 15: files that want one name are numbered in the list's order", async () => {
  const release = Promise.withResolvers<void>();
  await using server = new RawServer(async ({ path }, connection) => {
    if (server.requests.length === 7) release.resolve();
    if (path.startsWith("/slow")) await release.promise;
    await connection.write(answer(path));
  });
  await using dir = new TempDir();
  const paths = ["/slow/a.zip", "/1/a.zip", "/2/A.zip", "/slow/2/a.zip", "/a.1.zip", "/caf%c3%a9"];
  const urls = [...paths, "/1/a.zip", "/cafe%cc%81"].map((path) => server.url(path));
  const names = ["a.zip", "a.1.zip", "A.2.zip", "a.3.zip", "a.1.1.zip", "café", "café.1"];
  const expected = Object.fromEntries(
    [...paths, "/cafe%cc%81"].map((path, i) => [names[i]!, path]),
  );
  const run = await download(dir, urls, "--workers", "8");
  assertEquals([run.code, run.stderr], [0, ""]);
  assertMatch(run.stdout, /Skipped: +1\n/);
  assertEquals(dir.tree(), expected);
  const again = await download(dir, urls, "--workers", "1", "--if-exists", "overwrite");
  assertEquals([again.code, dir.tree()], [0, expected]);
});

testWithin("case 15: what stands there is never overwritten unasked", async () => {
  await using server = new RawServer(async ({ path }, connection) => {
    // It comes to stand there while the file is on its way.
    if (path === "/late") dir.write("late", "mine");
    await connection.write(answer(path));
  });
  await using dir: TempDir = new TempDir();
  dir.write("early", "mine");
  const urls = [server.url("/early"), server.url("/late")];
  const run = await download(dir, urls);
  assertEquals(run.code, 1);
  assertMatch(errorsOf(run).late!, /appeared while it was being downloaded/);
  assertEquals(dir.tree(), { early: "mine", late: "mine" });
});

/** No control character but the ends of lines, and nothing that turns the reading direction. */
function assertPrintable(text: string): void {
  // deno-lint-ignore no-control-regex
  const found = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/.exec(text);
  assert(found === null, `raw ${JSON.stringify(found?.[0])} in ${JSON.stringify(text)}`);
}
