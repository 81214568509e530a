import { assert, assertEquals, assertMatch } from "@std/assert";
import { runDlm, RunningDlm } from "../support/dlm.ts";
import { HeldServer } from "../support/held_server.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { TerminalRun } from "../support/terminal_run.ts";
import { testWithin } from "../support/watchdog.ts";

/** Files by their names, all else is not found. */
function fileServer(): RawServer {
  return new RawServer(({ path }, connection) =>
    connection.write(
      path.startsWith("/good") ? answer(path) : answer("", { status: "404 Not Found" }),
    )
  );
}

testWithin("--json is nothing but events on the standard output", async () => {
  await using server = fileServer();
  await using dir = new TempDir();
  const args = ["download", server.url("/good"), server.url("/bad"), "--json"];
  const run = await runDlm(args, { cwd: dir.path });
  assertEquals(run.code, 1);
  const events = run.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(events.map(({ type }) => type).filter((type) => type !== "progress").toSorted(), [
    "completed",
    "failed",
    "finished",
    "queued",
    "queued",
    "started",
    "started",
  ]);
  assertEquals(events.at(-1).type, "finished");
  for (const { time } of events) assertEquals(new Date(time).toISOString(), time);
  assertMatch(run.stderr, /^✓ good /m);
  assertMatch(run.stderr, /^✗ bad .*404/m);
  assertMatch(run.stderr, /^Total Files: +2$/m);

  const quiet = await runDlm([...args, "--quiet"], { cwd: dir.path });
  assertMatch(quiet.stderr, /^✗ bad .*404.*\n$/);
});

testWithin("a reader that leaves early is no reason to stop", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  const args = ["download", server.url("/1"), "--json", "--dir", "files"];
  const shell = "{ $DLM 2>stderr.txt; echo code $? >&2; } | head -n 1";
  await using run = new TerminalRun(args, { cwd: dir.path, shell });
  await server.holds(1);
  await run.shows(/"type":"queued"/);
  await server.release();
  assertEquals(await run.code, 0);
  assertMatch(run.text, /^code 0$/m);
  assertMatch(dir.read("stderr.txt"), /^Successful: +1$/m);
});

testWithin("--log and --report write down what has happened", async () => {
  await using server = fileServer();
  await using dir = new TempDir();
  const urls = [server.url("/good1"), server.url("/bad"), server.url("/good2")];
  const records = ["--log", "dlm.log", "--report", "report.json", "--dir", "files"];
  const run = await runDlm(["get", ...urls, ...records, "-q"], { cwd: dir.path });
  assertEquals(run.code, 1);
  assertMatch(dir.read("dlm.log"), /^\S+Z info +✓ good1 .*$/m);
  assertMatch(dir.read("dlm.log"), /^\S+Z error +✗ bad .*404.*$/m);
  assertMatch(dir.read("dlm.log"), /^\S+Z info +3 files: 2 completed, 1 failed, .*\n$/m);
  const { program, files, summary } = JSON.parse(dir.read("report.json"));
  assertMatch(program, /^dlm \d/);
  assertEquals([summary.completed, summary.failed], [2, 1]);
  assertEquals(
    Object.fromEntries(
      files.map((file: { url: string; status: string }) => [file.url, file.status]),
    ),
    { [urls[0]!]: "completed", [urls[1]!]: "failed", [urls[2]!]: "completed" },
  );
  await runDlm(["get", ...urls, ...records, "-q"], { cwd: dir.path });
  assertEquals(dir.read("dlm.log").match(/ 3 files: /g)?.length, 2);
  assertEquals(dir.names(), ["dlm.log", "files", "report.json"]);
});

testWithin("a run that is ended by a signal reports what it has dropped", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  const urls = ["/1", "/2", "/3"].map((path) => server.url(path));
  const flags = ["--workers", "1", "--grace-period", "0", "--report", "r.json"];
  await using dlm = new RunningDlm(["get", ...urls, ...flags], { cwd: dir.path });
  await server.holds(1);
  dlm.kill("SIGTERM");
  assertEquals((await dlm.outcome).code, 143);
  const { files } = JSON.parse(dir.read("r.json"));
  const statuses = files.map(({ status }: { status: string }) => status);
  assertEquals(statuses.toSorted(), ["cancelled", "dropped", "dropped"]);
});

testWithin("a log or report that can't be written is refused before anything begins", async () => {
  await using server = fileServer();
  await using dir = new TempDir();
  for (const flag of ["--log", "--report"]) {
    const args = ["get", server.url("/good"), flag, "nowhere/file"];
    const run = await runDlm(args, { cwd: dir.path });
    assertEquals(run.code, 2);
    assertMatch(run.stderr, new RegExp(`^dlm: ${flag} nowhere/file: there is no such folder`));
  }
  assertEquals(server.requests.length, 0);
  assert(dir.names().length === 0);
});
