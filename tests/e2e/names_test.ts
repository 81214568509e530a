import { assert, assertEquals, assertMatch } from "@std/assert";
import { runDlm } from "../support/dlm.ts";
import { echoServer } from "../support/echo_server.ts";
import { RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

/** What a hostile or careless server calls its files, and what they are called here. */
const NAMES: [path: string, name: string][] = [
  ["/plain.txt", "plain.txt"],
  ["/a%20b.txt?x=/../y", "a b.txt"],
  ["/..%2f..%2fetc%2fpasswd", "passwd"],
  ["/%2e%2e%5cwin.ini", "win.ini"],
  ["/C%3A%5Cboot.ini", "boot.ini"],
  ["/D%3Aevil", "_evil"],
  ["/folder/", "index.html"],
  ["/other/", "index.1.html"],
  ["/%00nul", "_nul"],
  ["/%1b%5B31mred", "_[31mred"],
  ["/%E2%80%AEgpj.exe", "_gpj.exe"],
  ["/CON", "_CON"],
  ["/lpt1.txt", "_lpt1.txt"],
  ["/dot.", "dot_"],
  ["/space%20", "space_"],
  ["/-rf", "_rf"],
  ["/.bashrc", "_bashrc"],
  [`/${"x".repeat(300)}.tar.gz`, `${"x".repeat(237)}.tar.gz`],
  ["/bad%ff.bin", "bad%ff.bin"],
  ["/Twin.txt", "Twin.txt"],
  ["/twin.TXT", "twin.1.TXT"],
  ["/x/Twin.txt", "Twin.2.txt"],
  ["/caf%C3%A9", "café"],
  ["/cafe%CC%81", "café.1"],
];

testWithin("names from URLs are safe, their own, and the same on every run", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  const list = NAMES.map(([path]) => `${server.url(path)}\n`).join("");
  const expected = Object.fromEntries(NAMES.map(([path, name]) => [name, path]));
  const run = await Promise.all(["1", "16"].map(async (workers) => {
    const args = ["download", "--urls", "-", "--dir", `deep/${workers}`, "--workers", workers];
    return await runDlm(args, { cwd: dir.path, stdin: list });
  }));
  for (const { code, stdout, stderr } of run) {
    assertEquals([code, stderr], [0, ""]);
    assertPrintable(stdout);
  }
  const tree = dir.tree();
  for (const workers of ["1", "16"]) {
    for (const [name, path] of Object.entries(expected)) {
      assertEquals(tree[`deep/${workers}/${name}`], path, name);
    }
  }
  // … and nothing has come to stand anywhere else.
  assertEquals(Object.keys(tree).length, 2 * NAMES.length + 3);

  const again = await runDlm(["download", "--urls", "-", "--dir", "deep/1"], {
    cwd: dir.path,
    stdin: list,
  });
  assertEquals(again.code, 0);
  assertMatch(again.stdout, new RegExp(`Skipped: +${NAMES.length}\n`));
  assertEquals(dir.tree(), tree);
});

testWithin("--output takes a name or a path below the folder, nothing else", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  const url = server.url("/a.txt");
  const good = await runDlm(["download", url, "--dir", "in", "--output", "x/größe 測.zip"], {
    cwd: dir.path,
  });
  assertEquals([good.code, good.stderr], [0, ""]);
  const tree = { "in/": "", "in/x/": "", "in/x/größe 測.zip": "/a.txt" };
  assertEquals(dir.tree(), tree);
  for (const name of ["../out", "/tmp/out", "..", ".hidden", "a\u202eb"]) {
    const bad = await runDlm(["download", url, "--dir", "in", "-o", name], { cwd: dir.path });
    assertEquals([bad.code, bad.stdout], [2, ""], name);
    assertMatch(bad.stderr, /^dlm: --output: ".*" is not a safe file name inside the folder.*\n$/);
    assertPrintable(bad.stderr);
  }
  assertEquals(dir.tree(), tree);
  assertEquals(server.requests.length, 1);
});

testWithin("links are never followed", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  dir.write("outside", "precious");
  Deno.mkdirSync(dir.file("in"));
  Deno.symlinkSync("../outside", dir.file("in/link"));
  Deno.symlinkSync("../nothing", dir.file("in/dangling"));
  Deno.symlinkSync("../outside", dir.file("in/c.part"));
  const urls = ["/link", "/dangling", "/c", "/d"].map((path) => server.url(path));
  const before = dir.tree();

  const run = await runDlm(["download", ...urls, "--dir", "in"], { cwd: dir.path });
  assertEquals(run.code, 1);
  const lines = run.stderr.trimEnd().split("\n").sort();
  assertEquals(lines.length, 3);
  for (const [index, path] of ["c.part", "dangling", "link"].entries()) {
    assertMatch(lines[index]!, new RegExp(`^✗ .* in/${path} is a symbolic link.*; .+$`));
  }
  assertEquals(dir.tree(), { ...before, "in/d": "/d" });

  const over = await runDlm(["get", ...urls.slice(0, 2), "--if-exists", "overwrite", "-d", "in"], {
    cwd: dir.path,
  });
  assertEquals([over.code, over.stderr], [0, ""]);
  assertEquals(dir.tree(), {
    ...before,
    "in/d": "/d",
    "in/link": "/link",
    "in/dangling": "/dangling",
  });
});

testWithin("nothing that a server says reaches the terminal as it is", async () => {
  const escape = "\u00c2\u009b31m"; // in UTF-8 and in Latin-1 it has the control character CSI
  await using server = new RawServer(({ path }, connection) => {
    const status = path === "/reason" ? `404 ${escape}` : "302 Found";
    const location = path === "/scheme" ? `gopher://${escape}` : `http://[${escape}`;
    const head = `HTTP/1.1 ${status}\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`;
    return connection.write(Uint8Array.from(head, (letter) => letter.charCodeAt(0)));
  });
  await using dir = new TempDir();
  const paths = ["/reason", "/scheme", "/location", "/%1b%5B2J", "/%C2%9B"];
  const urls = paths.map((path) => server.url(path));
  const run = await runDlm(["download", ...urls, "--retries", "0"], { cwd: dir.path });
  assertEquals(run.code, 1);
  assertEquals(run.stderr.trimEnd().split("\n").length, urls.length);
  assertMatch(run.stderr, /redirects to "http:\/\/\[.*\\x9b31m", which is not a URL/);
  assertPrintable(run.stderr);
  assertPrintable(run.stdout);
  assertEquals(dir.names(), []);
});

/** No control character but the ends of lines, and nothing that turns the reading direction. */
function assertPrintable(text: string): void {
  // deno-lint-ignore no-control-regex
  const found = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/.exec(text);
  assert(found === null, `raw ${JSON.stringify(found?.[0])} in ${JSON.stringify(text)}`);
}
