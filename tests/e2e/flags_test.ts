import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import { runDlm, RunningDlm } from "../support/dlm.ts";
import { echoServer } from "../support/echo_server.ts";
import { HeldServer } from "../support/held_server.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

// deno-lint-ignore no-control-regex
const ESCAPE = /\x1b/;

testWithin("--version and --help, without escape sequences where nobody watches", async () => {
  const plain = { NO_COLOR: "" };
  for (const args of [["--version"], ["-V"], ["download", "--version"]]) {
    const run = await runDlm(args, { env: plain });
    assertEquals([run.code, run.stdout, run.stderr], [0, `dlm ${manifest.version}\n`, ""]);
  }
  for (const args of [["--help"], [], ["help"]]) {
    const { code, stdout, stderr } = await runDlm(args, { env: plain });
    assertEquals([code, stderr], [0, ""]);
    for (const word of [/^Usage: +dlm/m, /download, get/, /demo/]) assertMatch(stdout, word);
    assertNotMatch(stdout, ESCAPE);
  }
  for (const args of [["download", "--help"], ["get", "-h"], ["help", "download"]]) {
    const { code, stdout, stderr } = await runDlm(args, { env: plain });
    assertEquals([code, stderr], [0, ""]);
    for (const word of ["--urls", "--if-exists", "Examples:"]) assert(stdout.includes(word), word);
    assertNotMatch(stdout, ESCAPE);
  }
});

testWithin("what is typed wrong is one line, with the nearest word, and exit code 2", async () => {
  const wrong: [args: string[], line: RegExp][] = [
    [
      ["downlod"],
      /^dlm: Unknown command "downlod"\. Did you mean command "download"\? .*--help\n$/,
    ],
    [
      ["download", "--wrokers", "3", "http://h/"],
      /^dlm: Unknown option "--wrokers"\. Did you mean option "--workers"\? See dlm download --help\n$/,
    ],
    [
      ["download", "-w", "-1", "http://h/"],
      /^dlm: --workers must be .*, got "-1"; see .*--help\n$/,
    ],
    [["download", "--workers=-1", "http://h/"], /^dlm: --workers must be .*, got "-1"; see .*\n$/],
    [["download", "no\nurl"], /^dlm: "no\\x0aurl" is not a URL; see .*\n$/],
  ];
  for (const [args, line] of wrong) {
    const run = await runDlm(args);
    assertEquals([run.code, run.stdout], [2, ""]);
    assertMatch(run.stderr, line);
  }
});

testWithin("a run says what it does in plain lines", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  const urls = ["/one.txt", "/gone.txt"].map((path) => server.url(path));
  const run = await runDlm(["download", ...urls, "-w", "1", "-d", "in", "--queue=7"], {
    cwd: dir.path,
    env: { NO_COLOR: "" },
  });
  assertEquals(
    run.stdout.replace(/\d+ms|\d+\.\ds/g, "0.0s").replace(/ [\d.]+ k?B\/s/, " 0 B/s"),
    [
      `Concurrent Download Manager v${manifest.version}`,
      "━".repeat(53),
      "",
      "Configuration:",
      "  Workers:        1",
      "  Queue Size:     7",
      "  Folder:         in",
      "  If Exists:      resume",
      "",
      "Starting workers...",
      "",
      "✓ one.txt              8 B       0.0s",
      "",
      "━".repeat(53),
      "Summary:",
      "━".repeat(53),
      "",
      "Total Files:       2",
      "Successful:        1",
      "Failed:            1",
      "Total Size:        8 B",
      "Total Time:        0.0s",
      "Avg Speed:         0 B/s",
      "",
    ].join("\n"),
  );
  assertEquals(
    run.stderr,
    `✗ gone.txt             Error: the server answered 404 Not Found (${
      urls[1]
    }); check the address\n`,
  );
  assertEquals(run.code, 1);
});

testWithin("--quiet says nothing but errors", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  const run = await runDlm(["download", server.url("/a"), "--quiet"], { cwd: dir.path });
  assertEquals([run.code, run.stdout, run.stderr], [0, "", ""]);
  const args = ["download", server.url("/b"), server.url("/gone"), "-q"];
  const bad = await runDlm(args, { cwd: dir.path });
  assertEquals([bad.code, bad.stdout], [1, ""]);
  assertMatch(bad.stderr, /^✗ gone .*404.*\n$/);
});

testWithin("--color decides over colours", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  const url = server.url("/a");
  const runs: [args: string[], env: Record<string, string>, colours: boolean][] = [
    [[], { NO_COLOR: "" }, false],
    [[], { NO_COLOR: "", FORCE_COLOR: "1" }, true],
    [["--color", "always"], { NO_COLOR: "1" }, true],
    [["--color=never"], { NO_COLOR: "", FORCE_COLOR: "1" }, false],
  ];
  for (const [flags, env, colours] of runs) {
    const { code, stdout } = await runDlm(["download", url, ...flags], { cwd: dir.path, env });
    assertEquals(code, 0);
    assertEquals(ESCAPE.test(stdout), colours, `${flags} ${JSON.stringify(env)}`);
    // Colours are all there is: no cursor is moved.
    // deno-lint-ignore no-control-regex
    assertNotMatch(stdout.replace(/\x1b\[[\d;]*m/g, ""), ESCAPE);
  }
});

testWithin("--workers is how many files are fetched at a time", async () => {
  let active = 0;
  let most = 0;
  let full = Promise.withResolvers<void>();
  await using server = new RawServer(async ({ path }, connection) => {
    most = Math.max(most, ++active);
    if (active === 3) full.resolve();
    await full.promise; // nobody is answered until three ask
    active--;
    if (active === 0) full = Promise.withResolvers();
    await connection.write(answer(path));
  });
  await using dir = new TempDir();
  const urls = Array.from({ length: 9 }, (_, index) => server.url(`/${index}`));
  const run = await runDlm(["download", ...urls, "--workers=3"], { cwd: dir.path });
  assertEquals(run.code, 0);
  assertEquals(most, 3);
  assertEquals(dir.names().length, 9);
});

testWithin("--queue is how many files are read ahead", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  const list = Array.from({ length: 50 }, (_, index) => `${server.url(`/${index}`)}\n`).join("");
  const args = ["download", "--urls", "-", "--workers", "1", "--queue", "3"];
  await using dlm = new RunningDlm(args, { cwd: dir.path, stdin: list });
  await server.holds(1);
  dlm.kill("SIGINT");
  await dlm.saw(/Shutdown signal received/, "stderr");
  await server.release();
  const { stdout } = await dlm.outcome;
  // Besides the queue, one file may wait to get into it and one may be on its way to the worker.
  const [, dropped] = /Queued dropped: +(\d+) files/.exec(stdout) ?? [];
  assert(Number(dropped) <= 5, stdout);
  assertEquals(server.paths, ["/0"]);
});

testWithin("--timeout ends silence before and in the body", async () => {
  await using server = new RawServer(async ({ path }, connection) => {
    if (path !== "/mute") {
      await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
    }
    await connection.gone;
  });
  await using dir = new TempDir();
  const urls = ["/mute", "/stuck"].map((path) => server.url(path));
  const args = ["download", ...urls, "--timeout", "200ms", "--retries", "0"];
  const run = await runDlm(args, { cwd: dir.path });
  assertEquals(run.code, 1);
  const lines = run.stderr.trimEnd().split("\n").sort();
  assertEquals(lines.length, 2);
  assertMatch(lines[0]!, /^✗ mute .* no byte for 0\.2s .*; .*--timeout/);
  assertMatch(lines[1]!, /^✗ stuck .* no byte for 0\.2s .*; .*--timeout/);
  assertEquals(dir.tree().stuck, undefined);
});

testWithin("--retries is how often a file is tried again", async () => {
  await using server = new RawServer(({ path, earlier }, connection) => {
    const good = path === "/third" && earlier === 2;
    return connection.write(answer(path, { status: good ? "200 OK" : "503 Service Unavailable" }));
  });
  await using dir = new TempDir();
  const urls = ["/third", "/never"].map((path) => server.url(path));
  const args = ["download", ...urls, "--retries", "2", "--retry-delay", "1ms"];
  const run = await runDlm(args, { cwd: dir.path });
  assertEquals(run.code, 1);
  assertEquals(dir.tree(), { third: "/third" });
  assertMatch(run.stdout, /^✓ third .*\[attempt 3\]$/m);
  const lines = run.stderr.trimEnd().split("\n").filter((line) => line.includes("never"));
  assertEquals(lines.length, 3);
  assertMatch(lines[0]!, /^⚠ never .* 503 Service Unavailable .*; retry 1\/2 at once$/);
  assertMatch(lines[1]!, /^⚠ never .*; retry 2\/2 at once$/);
  assertMatch(lines[2]!, /^✗ never +Error: the server answered 503 Service Unavailable .*; .+$/);
  assertEquals(server.requests.filter(({ path }) => path === "/never").length, 3);

  const once = await runDlm(["get", server.url("/once"), "--retries=0"], { cwd: dir.path });
  assertEquals(once.code, 1);
  assertEquals(server.requests.filter(({ path }) => path === "/once").length, 1);
});

testWithin("headers and the user agent are sent as they are given", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  const args = ["-H", "X-One: 1", "--header", "Accept: text/x", "--user-agent", "me/2"];
  const run = await runDlm(["download", server.url("/a"), ...args], { cwd: dir.path });
  assertEquals(run.code, 0);
  const { headers } = server.requests[0]!;
  assertEquals(headers.get("x-one"), "1");
  assertEquals(headers.get("accept"), "text/x");
  assertEquals(headers.get("user-agent"), "me/2");
  await runDlm(["download", server.url("/b")], { cwd: dir.path });
  assertEquals(server.requests[1]!.headers.get("user-agent"), `dlm/${manifest.version}`);
});
