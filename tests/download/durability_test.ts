import { assertEquals } from "@std/assert";
import { requestsFor, runManager } from "../support/download_run.ts";
import { operations } from "../support/operations.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

testWithin("bytes, then the name, then the folder are on the disk when a run ends", async () => {
  await using server = new RawServer((_, connection) => connection.write(answer("abc")));
  await using dir = new TempDir();
  const done = await operations(async () => {
    await runManager(requestsFor(server.url("/a")), { dir: dir.path });
  });
  assertEquals(done, ["sync", "a.part = a", "no a.part", "sync folder"]);
});

testWithin(
  "without fsync a run waits for no disk, and a name is still given in one step",
  async () => {
    await using server = new RawServer((_, connection) => connection.write(answer("abc")));
    await using dir = new TempDir();
    const done = await operations(async () => {
      await runManager(requestsFor(server.url("/a")), { dir: dir.path, fsync: false });
    });
    assertEquals(done, ["a.part = a", "no a.part"]);
  },
);
