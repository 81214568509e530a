import { assert, assertEquals, assertMatch } from "@std/assert";
import { runDlm } from "../support/dlm.ts";
import { FileServer, noise } from "../support/file_server.ts";
import { root, testNeeding } from "../support/needs.ts";
import { SmallDisk } from "../support/small_disk.ts";

testNeeding([root], "a full disk stops the run and keeps what has arrived", async () => {
  const bytes = noise(3_000_000, 1);
  await using server = await FileServer.start({ bytes, etag: '"1"' });
  await using disk = new SmallDisk(1_000_000);
  const urls = ["/a.bin", "/b.bin", "/c.bin"].map((path) => server.url(path));
  const args = ["download", ...urls, "--dir", disk.path, "--workers", "1"];

  const run = await runDlm(args);
  assertEquals(run.code, 4);
  assertMatch(
    run.stderr,
    /^✗ a\.bin +Error: no space left on the disk of \S+a\.bin.* \(http.*\); free some space .*\n$/,
  );
  assertMatch(run.stdout, /Failed: +1\n/);
  assertMatch(run.stdout, /Not begun: +2\n/);
  assertEquals(disk.names(), ["a.bin.part", "a.bin.part.json"]);
  const kept = Deno.statSync(disk.file("a.bin.part")).size;
  assert(kept > 500_000, `${kept} bytes were kept`);
  const before = server.served;

  // Once there is room, the same command brings the rest and no byte twice.
  disk.resize(20_000_000);
  const again = await runDlm(args);
  assertEquals([again.code, again.stderr], [0, ""]);
  assertEquals(disk.names(), ["a.bin", "b.bin", "c.bin"]);
  for (const name of disk.names()) assertEquals(Deno.readFileSync(disk.file(name)), bytes);
  assertEquals(server.served - before, 3 * bytes.length - kept);
});
