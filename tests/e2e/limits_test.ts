import { assertEquals, assertMatch } from "@std/assert";
import { runDlm, RunningDlm } from "../support/dlm.ts";
import { FileServer, noise } from "../support/file_server.ts";
import { HeldServer } from "../support/held_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

testWithin("SIGHUP changes the number of workers to what the file says by then", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  dir.write("limits", "workers=1 # more than the flag counts\n");
  const urls = ["/1", "/2", "/3", "/4"].map((path) => server.url(path));
  const args = ["download", ...urls, "-d", "in", "--workers", "2", "--limits", "limits"];
  await using dlm = new RunningDlm(args, { cwd: dir.path });
  await server.holds(1);
  dir.write("limits", "workers=3\n");
  dlm.kill("SIGHUP");
  await dlm.saw(/^Limits from limits: rate-limit none, request-rate none, workers 3$/m, "stderr");
  await server.holds(3);
  assertEquals(server.paths.toSorted(), ["/1", "/2", "/3"]);
  dir.write("limits", "# as the flag has it\n");
  dlm.kill("SIGHUP");
  await dlm.saw(/^Limits from limits: .*, workers 2$/m, "stderr");
  await server.release();
  const run = await dlm.outcome;
  assertEquals(run.code, 0, run.stderr);
  assertMatch(run.stdout, /^ {2}Workers: +1$/m);
});

testWithin("SIGHUP lifts a rate under which the run would never end", async () => {
  const bytes = noise(100_000, 1);
  await using server = await FileServer.start({ bytes });
  await using dir = new TempDir();
  dir.write("limits", "rate-limit=1k\nrequest-rate=0.0001\n");
  const urls = ["/1", "/2", "/3"].map((path) => server.url(path));
  const args = ["download", ...urls, "-d", "in", "--limits", "limits", "--timeout", "1h"];
  await using dlm = new RunningDlm(args, { cwd: dir.path });
  await dlm.saw(/Request Rate: +0\.0001\/s/);
  dir.write("limits", "rate-limit=1k\nrequest-rate=9999\n");
  dlm.kill("SIGHUP");
  await dlm.saw(/^Limits from limits: rate-limit 1 kB\/s, request-rate 9999\/s, /m, "stderr");
  dir.write("limits", "rate-limit=0\n");
  dlm.kill("SIGHUP");
  const run = await dlm.outcome;
  assertEquals(run.code, 0, run.stderr);
  for (const name of ["1", "2", "3"]) {
    assertEquals(Deno.readFileSync(dir.file(`in/${name}`)), bytes);
  }
});

testWithin("a file that makes no sense is told in one line, and changes nothing", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  dir.write("limits", "workers=1\n");
  const args = ["download", server.url("/1"), server.url("/2"), "--limits", "limits", "--quiet"];
  await using dlm = new RunningDlm(args, { cwd: dir.path });
  await server.holds(1);
  dir.write("limits", "\nworkers=\x1b[2J");
  dlm.kill("SIGHUP");
  await dlm.saw(/stay as they are$/m, "stderr");
  Deno.removeSync(dir.file("limits"));
  dlm.kill("SIGHUP");
  await dlm.saw(/there is no such file; the limits stay as they are$/m, "stderr");
  assertEquals(server.paths, ["/1"]);
  await server.release();
  const run = await dlm.outcome;
  assertEquals(run.code, 0);
  const [first = "", ...others] = run.stderr.trimEnd().split("\n");
  assertMatch(first, /^dlm: --limits limits: line 2: workers must be .*, got ".*\[2J"; the limits/);
  assertEquals(others.length, 1);
});

testWithin("--adaptive finds the number of workers, whatever the file says later", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  dir.write("limits", "rate-limit=5M\n");
  const args = ["download", server.url("/1"), "--limits", "limits", "--adaptive"];
  await using dlm = new RunningDlm(args, { cwd: dir.path });
  await server.holds(1);
  dir.write("limits", "rate-limit=7M\nworkers=3\n");
  dlm.kill("SIGHUP");
  await dlm.saw(/--adaptive looks for the number of workers itself; the limits stay/, "stderr");
  dir.write("limits", "rate-limit=7M\n");
  dlm.kill("SIGHUP");
  await dlm.saw(/^Limits from limits: rate-limit 7 MB\/s/m, "stderr");
  await server.release();
  assertEquals((await dlm.outcome).code, 0);
});

testWithin("without --limits, SIGHUP ends the program as it ends any other", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  await using dlm = new RunningDlm(["download", server.url("/1")], { cwd: dir.path });
  await server.holds(1);
  dlm.kill("SIGHUP");
  assertEquals((await dlm.outcome).signal, "SIGHUP");
});

testWithin("limits that can't be read are an error of usage", async () => {
  await using dir = new TempDir();
  const run = await runDlm(["download", "http://127.0.0.1:1/a", "--limits", dir.file("none")]);
  assertEquals([run.code, run.stdout], [2, ""]);
  assertMatch(run.stderr, /^dlm: --limits .*none: there is no such file; see .*\n$/);
});
