import { assertEquals, assertMatch } from "@std/assert";
import { runDlm } from "../support/dlm.ts";
import { echoServer } from "../support/echo_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

/** What becomes of a folder where `a.txt` stands already. */
const TABLE: [policy: string, requests: string[], tree: Record<string, string>, skipped: number][] =
  [
    ["skip", ["/b.txt"], { "a.txt": "old", "b.txt": "/b.txt" }, 1],
    ["resume", ["/b.txt"], { "a.txt": "old", "b.txt": "/b.txt" }, 1],
    ["rename", ["/a.txt", "/b.txt"], { "a.txt": "old", "a.1.txt": "/a.txt", "b.txt": "/b.txt" }, 0],
    ["overwrite", ["/a.txt", "/b.txt"], { "a.txt": "/a.txt", "b.txt": "/b.txt" }, 0],
  ];

for (const [policy, requests, tree, skipped] of TABLE) {
  testWithin(`--if-exists ${policy}`, async () => {
    await using server = echoServer();
    await using dir = new TempDir();
    dir.write("a.txt", "old");
    const urls = ["/a.txt", "/b.txt"].map((path) => server.url(path));
    const run = await runDlm(["download", ...urls, "--if-exists", policy, "--workers", "1"], {
      cwd: dir.path,
    });
    assertEquals([run.code, run.stderr], [0, ""]);
    assertEquals(dir.tree(), tree);
    assertEquals(server.requests.map(({ path }) => path), requests);
    assertEquals(/Skipped: +(\d+)/.exec(run.stdout)?.[1] ?? "0", `${skipped}`);
    if (skipped > 0) assertMatch(run.stdout, /^- a\.txt +is already here$/m);
  });
}

testWithin("a file that is to be overwritten stays until the new one is whole", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  dir.write("gone.txt", "old");
  const run = await runDlm(["get", server.url("/gone.txt"), "--if-exists=overwrite"], {
    cwd: dir.path,
  });
  assertEquals(run.code, 1);
  assertEquals(dir.tree(), { "gone.txt": "old" });
});

testWithin("a folder in the place of a file is never touched", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  Deno.mkdirSync(dir.file("a"));
  for (const policy of ["resume", "overwrite"]) {
    const run = await runDlm(["get", server.url("/a"), "--if-exists", policy], { cwd: dir.path });
    assertEquals(run.code, 1);
    assertMatch(run.stderr, /^✗ a +Error: a is a folder \(.*\); move it away or .*\n$/);
    assertEquals(dir.tree(), { "a/": "" });
  }
});
