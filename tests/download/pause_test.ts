import { assert, assertEquals } from "@std/assert";
import { DownloadManager } from "../../src/download/mod.ts";
import { requestsFor, runManager } from "../support/download_run.ts";
import { FileServer, noise } from "../support/file_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const MIB = 1024 * 1024;
const BYTES = noise(24 * MIB, 7);

/** What may be on its way when everything is to stop: the buffers of the transfer. */
const ON_ITS_WAY = 2 * MIB;

for (const ranges of [true, false]) {
  const which = ranges ? "with one connection" : "that can't be had in parts";
  testWithin(`a pause reaches a file ${which} in its middle, and it goes on after it`, async () => {
    const paused = Promise.withResolvers<void>();
    await using server = await FileServer.start({
      bytes: BYTES,
      script: ({ path }) => ({
        ignoreRange: !ranges,
        headers: ranges ? {} : { "accept-ranges": "none" },
        ...(path === "/held" ? { after: 2 * MIB, then: () => paused.promise } : {}),
      }),
    });
    await using dir = new TempDir();
    let got = 0;
    const manager = new DownloadManager({
      dir: dir.path,
      segments: 1,
      onEvent: (event) => {
        if (event.type !== "progress" || got > 0) return;
        got = event.bytes;
        manager.pause();
        paused.resolve();
      },
    });
    const run = manager.run(requestsFor(server.url("/held")));
    await paused.promise;
    // As much as is held back there comes here in the meantime.
    await runManager(requestsFor(server.url("/free")), { dir: dir.path });
    const { size } = Deno.statSync(dir.file("held.part"));
    assert(size <= 2 * MIB + ON_ITS_WAY, `${size} bytes came`);
    manager.resume();
    assertEquals((await run).completed, 1);
    const whole = Deno.readFileSync(dir.file("held"));
    assert(whole.every((byte, at) => byte === BYTES[at]) && whole.length === BYTES.length);
  });
}
