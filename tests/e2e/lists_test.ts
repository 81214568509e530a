import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { dlmCommand, runDlm, RunningDlm } from "../support/dlm.ts";
import { echoServer } from "../support/echo_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

testWithin("a list has comments, options, mirrors and either line end", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  const list = dir.write(
    "list.txt",
    [
      "\ufeff# what to fetch",
      server.url("/1"),
      "",
      server.url("/2"),
      "  out=two.txt",
      `\tdir=${dir.file("elsewhere")}`,
      `${server.url("/3")}\t${server.url("/mirror")}\r`,
      server.url("/4"), // no line end
    ].join("\n"),
  );
  const run = await runDlm(["download", "--urls", list, "--dir", dir.file("out")]);
  assertEquals(run.stderr, "");
  assertEquals(run.code, 0);
  const { "list.txt": _, ...tree } = dir.tree();
  assertEquals(tree, {
    "elsewhere/": "",
    "elsewhere/two.txt": "/2",
    "out/": "",
    "out/1": "/1",
    "out/3": "/3",
    "out/4": "/4",
  });
});

testWithin("bad lines are named by their numbers while the others go on", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  const list = [
    "  out=of-nothing", // 1
    server.url("/a"),
    "no url", // 3
    "ftp://host/b", // 4
    server.url("/c"),
    "  colour=red", // 6: without its option the file is not what was asked for
    "\x1b[31mred", // 7
    "x".repeat(70_000), // 8
    "http://user:secret@[bad", // 9
    "y".repeat(60_000), // 10
    server.url("/d"),
  ].join("\n");
  const run = await runDlm(["download", "--urls", "-"], { cwd: dir.path, stdin: list });
  assertEquals(run.stderr.split("\n"), [
    '✗ Line 1: "out=of-nothing" is an option, but no URL stands above it',
    '✗ Line 3: "no url" is not a URL',
    '✗ Line 4: "ftp://host/b" is not an http or https URL',
    '✗ Line 6: "colour" is not an option; known are out, dir, checksum, header, priority',
    '✗ Line 7: "\\x1b[31mred" is not a URL',
    "✗ Line 8: longer than 65536 characters",
    '✗ Line 9: "http://[bad" is not a URL',
    `✗ Line 10: "${"y".repeat(159)}…${"y".repeat(65)}" is not a URL`,
    "",
  ]);
  assertEquals(dir.tree(), { a: "/a", d: "/d" });
  assertMatch(run.stdout, /Successful: +2\n/);
  assertMatch(run.stdout, /Bad lines: +8\n/);
  assertEquals(run.code, 1);
});

testWithin("URLs stand on the command line, with a list or without", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  const list = dir.write("list", `${server.url("/c")}\n`);
  const urls = ["/a", "/b"].map((path) => server.url(path));
  const run = await runDlm([
    "get",
    urls[0]!,
    "--urls",
    list,
    "--dir",
    dir.file("x"),
    "--",
    urls[1]!,
  ]);
  assertEquals(run.code, 0);
  assertEquals(dir.tree(), {
    list: `${server.url("/c")}\n`,
    "x/": "",
    "x/a": "/a",
    "x/b": "/b",
    "x/c": "/c",
  });
});

testWithin("a file is fetched before the list has ended", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  const { readable, writable } = new TransformStream<string, string>();
  const input = writable.getWriter();
  await using dlm = new RunningDlm(["download", "--urls", "-"], { cwd: dir.path, stdin: readable });
  await input.write(`${server.url("/1")}\n${server.url("/2")}\n`);
  await dlm.saw(/✓ 1 /);
  assertNotMatch(dlm.stdout, /Summary/);
  await input.write(`${server.url("/3")}\n`);
  await dlm.saw(/✓ 2 /);
  await input.close();
  assertEquals((await dlm.outcome).code, 0);
  assertEquals(dir.names(), ["1", "2", "3"]);
});

testWithin("an empty list is no error", async () => {
  await using dir = new TempDir();
  const run = await runDlm(["download", "--urls", dir.write("list", "# nothing today\n\n")]);
  assertMatch(run.stdout, /Total Files: +0\n[^]*Total Size: +0 B\n[^]*Avg Speed: +0 B\/s\n$/);
  assertEquals([run.code, run.stderr], [0, ""]);
});

testWithin("a list that is not there is an error of usage", async () => {
  const run = await runDlm(["download", "--urls", "/no/such/list.txt"]);
  const message = "dlm: --urls /no/such/list.txt: there is no such file; see dlm download --help\n";
  assertEquals([run.code, run.stdout, run.stderr], [2, "", message]);
});

testWithin("a list comes from the shell's process substitution", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  const script = 'exec "$@" --urls <(printf "%s\\n" "$URLS")';
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", script, "bash", ...dlmCommand(["download", "--quiet"])],
    env: { URLS: `${server.url("/1")}\n${server.url("/2")}` },
    cwd: dir.path,
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals(code, 0);
  assertEquals(dir.names(), ["1", "2"]);
});
