import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { HeldServer } from "../support/held_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { TerminalRun } from "../support/terminal_run.ts";
import { testWithin } from "../support/watchdog.ts";

/** The program with two files under way and one that waits. */
function start(server: HeldServer, dir: TempDir, flags = "", grace = "1h"): TerminalRun {
  const urls = ["/1", "/2", "/3"].map((path) => server.url(path));
  const more = ["--workers", "2", "--grace-period", grace, ...flags.split(" ").filter(Boolean)];
  const args = ["download", ...urls, ...more];
  return new TerminalRun(args, { cwd: dir.path, shell: "exec $DLM" });
}

/** Whether the terminal is as a shell wants it. */
function assertRestored({ terminal }: TerminalRun): void {
  const { alternate, cursorVisible, autowrap, synchronized } = terminal;
  assertEquals([alternate, cursorVisible, autowrap, synchronized], [false, true, true, false]);
}

testWithin(
  "on a terminal a block shows what is under way, and goes when it has ended",
  async () => {
    await using server = new HeldServer();
    await using dir = new TempDir();
    await using run = start(server, dir);
    await server.holds(2);
    await run.shows(/⚙ Worker 1: 1 .*50%.*\n⚙ Worker 2: 2 .*50%.*\nTotal: .*0\/3 files/);
    assertEquals(run.terminal.alternate, false);
    await server.release();
    assertEquals(await run.code, 0);
    assertMatch(run.text, /^✓ 3 .*\n\n━+\nSummary:$/m);
    assertNotMatch(run.text, /⚙|Total: /);
    assertRestored(run);
  },
);

testWithin("q ends the dashboard gracefully, and what happens then stays to be read", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  await using run = start(server, dir, "--dashboard");
  await server.holds(2);
  await run.shows(/⚙ Worker 2 │ 2 .*50%/);
  assertEquals(run.terminal.alternate, true);
  await run.type("q");
  await run.shows(/Waiting for 2 in-flight downloads to complete/);
  await server.release();
  assertEquals(await run.code, 1); // a file was dropped
  assertMatch(run.text, /^✓ 1 +completed \(1 kB in /m);
  assertMatch(
    run.text,
    /^In-flight done: +2 files\nCancelled: +0 files\nQueued dropped: +1 file$/m,
  );
  assertNotMatch(run.text, /Dashboard|⚙/);
  assertRestored(run);
  assertEquals(dir.names(), ["1", "2"]);
});

testWithin("Ctrl+C on the dashboard is a signal; the second one ends everything", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  await using run = start(server, dir, "--dashboard");
  await server.holds(2);
  await run.shows(/⚙ Worker 2 │ 2 .*50%/);
  await run.type("\x03");
  await run.shows(/Waiting for 2 in-flight downloads/);
  await run.type("\x03");
  assertEquals(await run.code, 130);
  assertMatch(run.text, /^✗ 1 +cancelled \(50% complete\)$/m);
  assertMatch(run.text, /^Cancelled: +2 files$/m);
  assertRestored(run);
});

for (const [signal, code] of [["SIGTERM", 143], ["SIGHUP", 129], ["SIGQUIT", 131]] as const) {
  testWithin(`${signal} leaves the terminal as it was`, async () => {
    await using server = new HeldServer();
    await using dir = new TempDir();
    await using run = start(server, dir, "--dashboard", "0");
    await server.holds(2);
    await run.shows(/⚙ Worker 2 │ 2 .*50%/);
    run.kill(signal);
    assertEquals(await run.code, code);
    assertRestored(run);
  });
}

for (const flag of ["", "--dashboard"]) {
  testWithin(
    `SIGHUP has --limits read again, and the screen stays; ${flag || "standard"}`,
    async () => {
      await using server = new HeldServer();
      await using dir = new TempDir();
      dir.write("limits", "workers=1\n");
      await using run = start(server, dir, `--limits limits ${flag}`);
      await server.holds(1);
      await run.shows(/⚙ Worker 1(:| │) 1 .*50%/);
      dir.write("limits", "workers=3\n");
      run.kill("SIGHUP");
      await server.holds(3);
      await run.shows(/⚙ Worker 3(:| │) 3 .*50%/);
      await server.release();
      assertEquals(await run.code, 0);
      assertMatch(run.text, /^Summary:$/m);
      assertRestored(run);
    },
  );
}

testWithin("Ctrl+Z gives the terminal to the shell, and fg takes it again", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  const args = ["download", server.url("/1"), "--dashboard"];
  const shell = "set -m; $DLM; echo stopped; read line; fg";
  await using run = new TerminalRun(args, { cwd: dir.path, shell });
  await server.holds(1);
  await run.shows(/⚙ Worker 1 │ 1 .*50%/);
  await run.type("\x1a");
  await run.shows(/^stopped$|again to suspend/m);
  if (run.text.includes("again")) await run.type("\x1a"); // before Deno 2.9, see TerminalSession
  await run.shows(/^stopped$/m);
  assertRestored(run);
  await run.type("\n");
  await run.until(() => run.terminal.alternate, "the dashboard");
  await run.shows(/⚙ Worker 1 │ 1 .*50%/);
  await server.release();
  assertEquals(await run.code, 0);
  assertRestored(run);
});

testWithin("keys change the run: pause, workers, limit, help", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  await using run = start(server, dir, "--dashboard");
  await server.holds(2);
  await run.shows(/Workers: 2\/2 active .*Limit: none$/m);
  await run.type("w-");
  await server.holds(3);
  await run.shows(/Workers: 3\/3 active .*Limit: \d+ [kM]B\/s$/m);
  await run.type("p");
  await run.shows(/PAUSED/);
  await run.type("p");
  await run.until(() => !run.text.includes("PAUSED"), "that it goes on");
  await run.type("?");
  await run.shows(/pause, and go on/);
  await run.type("?+++++++++++++++++");
  await run.shows(/Limit: none/);
  await server.release();
  assertEquals(await run.code, 0);
  assertRestored(run);
});

testWithin("a terminal that can't be drawn upon gets lines, and so does a pipe", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  await server.release();
  const args = ["download", server.url("/1"), "--dashboard"];
  const setups = [{ env: { TERM: "dumb" } }, { env: { CI: "true" } }, { shell: "$DLM | cat" }];
  for (const setup of setups) {
    await using run = new TerminalRun(args, { cwd: dir.path, ...setup });
    assertEquals(await run.code, 0);
    assertMatch(run.text, /^No terminal for the dashboard: showing lines instead\.$/m);
    assertMatch(run.text, /^[✓-] 1 /m);
    assert(!/\[[\d;?]*[A-LN-Za-ln-z]/.test(run.terminal.received)); // no cursor is moved
  }
});
