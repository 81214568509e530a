import { assertEquals, assertMatch } from "@std/assert";
import { RunningDlm } from "../support/dlm.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

/** A proxy that answers nothing, so that whoever asks it for this machine fails. */
const DEAD_PROXY = "http://127.0.0.1:9";

testWithin("the demo works without a network and leaves nothing behind", async () => {
  await using temp = new TempDir();
  await using dlm = new RunningDlm(["demo"], {
    env: {
      TMPDIR: temp.path,
      HTTP_PROXY: DEAD_PROXY,
      http_proxy: DEAD_PROXY,
      NO_PROXY: "",
      no_proxy: "",
    },
  });
  const run = await dlm.outcome;
  assertEquals(run.stdout.match(/^✓ /gm)?.length, 12, run.stdout + run.stderr);
  assertMatch(run.stdout, /Successful: +12\nFailed: +0\n/);
  assertMatch(run.stdout, /\[attempt 2\]/);
  assertMatch(run.stdout, /Every byte is as the server has sent it\./);
  assertMatch(run.stderr, /^⚠ \S+ +the server answered 503 .*; retry 1\/3 (in .*|at once)\n$/);
  assertEquals(run.code, 0);
  assertEquals(temp.names(), []);
}, 20_000);

testWithin("a demo that is interrupted leaves nothing behind either", async () => {
  await using temp = new TempDir();
  await using dlm = new RunningDlm(["demo", "--workers", "2"], { env: { TMPDIR: temp.path } });
  await dlm.saw(/✓ readme\.txt/);
  dlm.kill("SIGINT");
  await dlm.saw(/Shutdown signal received/, "stderr");
  dlm.kill("SIGINT");
  assertEquals((await dlm.outcome).code, 130);
  assertEquals(temp.names(), []);
});

testWithin("the demo's files can be kept", async () => {
  await using dir = new TempDir();
  await using dlm = new RunningDlm(["demo", "--dir", dir.file("kept")]);
  await dlm.saw(/✓ logo\.svg/);
  dlm.kill("SIGINT");
  await dlm.saw(/Shutdown signal received/, "stderr");
  dlm.kill("SIGINT");
  assertEquals((await dlm.outcome).code, 130);
  assertEquals(dir.tree()["kept/logo.svg"]?.length, 31_000);
});
