import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { type Outcome, RunningDlm } from "../support/dlm.ts";
import { HeldServer } from "../support/held_server.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const DRAINING = /Shutdown signal received\. Initiating graceful shutdown/;

/** Files that nobody must have begun. */
const LATER = ["/3", "/4", "/5"];

/** The program with two files under way, of which half has come, and three that wait. */
function start(server: HeldServer, dir: TempDir, ...flags: string[]): RunningDlm {
  const urls = ["/1", "/2", ...LATER].map((path) => server.url(path));
  return new RunningDlm(["download", ...urls, "--workers", "2", ...flags], { cwd: dir.path });
}

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  testWithin(`${signal} lets files under way end and begins no other`, async () => {
    await using server = new HeldServer();
    await using dir = new TempDir();
    await using dlm = start(server, dir, "--grace-period", "1h");
    await server.holds(2);
    dlm.kill(signal);
    await dlm.saw(DRAINING, "stderr");
    await server.release();
    const run = await dlm.outcome;
    assertEquals(run.code, code);
    assertEquals(server.paths.toSorted(), ["/1", "/2"]);
    assertEquals(dir.names(), ["1", "2"]);
    assertEquals(Deno.readFileSync(dir.file("1")), server.bytes("/1"));
    assertMatch(run.stderr, /Waiting for 2 in-flight downloads to complete \(at most 1h\)\.\.\.$/m);
    assertMatch(run.stderr, /^ {3}1 +.*continuing\.\.\.$/m);
    assertMatch(run.stdout, /Shutdown Summary:\n/);
    assertMatch(run.stdout, /In-flight done: +2 files\n/);
    assertMatch(run.stdout, /Queued dropped: +3 files\n/);
  });

  testWithin(`a second ${signal} ends everything at once`, async () => {
    await using server = new HeldServer();
    await using dir = new TempDir();
    await using dlm = start(server, dir, "--grace-period", "1h");
    await server.holds(2);
    dlm.kill(signal);
    await dlm.saw(DRAINING, "stderr");
    dlm.kill(signal);
    const run = await dlm.outcome;
    assertEquals(run.code, code);
    assertCancelled(run, server, dir, new RegExp(`Second signal: ${signal} received`));
  });
}

testWithin("what is not done when the grace period ends is given up", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  await using dlm = start(server, dir, "--grace-period", "300ms");
  await server.holds(2);
  dlm.kill("SIGINT");
  const run = await dlm.outcome;
  assertEquals(run.code, 130);
  assertCancelled(run, server, dir, /Shutdown timeout \(0\.3s\) reached/);
});

testWithin("a grace period of nothing waits for nothing", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  await using dlm = start(server, dir, "--grace-period", "0");
  await server.holds(2);
  dlm.kill("SIGTERM");
  const run = await dlm.outcome;
  assertEquals(run.code, 143);
  assertCancelled(run, server, dir, /Shutdown timeout \(0s\) reached/);
});

testWithin("an interrupted run is completed by the same command", async () => {
  await using server = new HeldServer({ headers: { etag: '"1"', "accept-ranges": "bytes" } });
  await using dir = new TempDir();
  await using dlm = start(server, dir, "--grace-period", "0");
  await server.holds(2);
  dlm.kill("SIGINT");
  assertEquals((await dlm.outcome).code, 130);
  await server.release();
  await using again = start(server, dir);
  assertEquals((await again.outcome).code, 0);
  assertEquals(dir.names(), ["1", "2", "3", "4", "5"]);
  for (const name of dir.names()) {
    assertEquals(Deno.readFileSync(dir.file(name)), server.bytes(`/${name}`));
  }
});

testWithin("a signal ends the wait for retries, however long", async () => {
  await using server = new RawServer((_, connection) =>
    connection.write(answer("", { status: "503 Busy" }))
  );
  await using dir = new TempDir();
  const urls = ["/a", "/b", "/c", "/d"].map((path) => server.url(path));
  const args = ["download", ...urls, "--retry-delay", "1h"];
  await using dlm = new RunningDlm(args, { cwd: dir.path });
  await dlm.saw(/(retry 1\/3 in [^]*){4}/, "stderr");
  // Chance makes each wait anything up to an hour, but hardly four of them less than a minute.
  assertMatch(dlm.stderr, /retry 1\/3 in \d+m/);
  dlm.kill("SIGINT");
  const run = await dlm.outcome;
  assertEquals(run.code, 130);
  assertMatch(run.stdout, /Queued dropped: +4 files\n/);
});

testWithin("a signal ends the wait for more of the list", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  const { readable, writable } = new TransformStream<string, string>();
  const input = writable.getWriter();
  const args = ["download", "--urls", "-", "--grace-period", "1h"];
  await using dlm = new RunningDlm(args, { cwd: dir.path, stdin: readable });
  await input.write(`${server.url("/1")}\n# and then nothing for a long time\n`);
  await input.write(`${server.url("/2")}\n`);
  await server.holds(1);
  dlm.kill("SIGINT");
  await dlm.saw(DRAINING, "stderr");
  await server.release();
  const run = await dlm.outcome;
  assertEquals(run.code, 130);
  assertEquals(dir.names(), ["1"]);
  await input.abort();
});

testWithin("--quiet ends as silently as it ran", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  await using dlm = start(server, dir, "--quiet");
  await server.holds(2);
  dlm.kill("SIGINT");
  await server.release();
  const run = await dlm.outcome;
  assertEquals([run.stdout, run.stderr], ["", ""]);
  assertEquals(run.code, 130);
});

/** Both files were cut off and nothing stands under their names or those of later ones. */
function assertCancelled(run: Outcome, server: HeldServer, dir: TempDir, reason: RegExp): void {
  assertEquals(server.paths.toSorted(), ["/1", "/2"]);
  assertMatch(run.stderr, reason);
  assertMatch(run.stderr, /^✗ 1 +cancelled \(.*\)$/m);
  assertMatch(run.stderr, /^✗ 2 +cancelled \(.*\)$/m);
  assertMatch(run.stdout, /Cancelled: +2 files\n/);
  assertMatch(run.stdout, /Queued dropped: +3 files\n/);
  assertMatch(run.stdout, /Run the same command again to download the rest\.\n$/);
  assertNotMatch(run.stderr, /Error:/);
  for (const name of dir.names()) assertMatch(name, /^[12]\.part(\.json)?$/);
}
