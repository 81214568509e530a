import { assertEquals, assertThrows } from "@std/assert";
import { ManualClock, turn } from "../../src/clock/mod.ts";
import { DownloadManager } from "../../src/download/mod.ts";
import { requestsFor } from "../support/download_run.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

/** A server that can be waited for. */
class Counted implements AsyncDisposable {
  #changed = Promise.withResolvers<void>();
  readonly server = new RawServer(async (_, connection) => {
    await connection.write(answer("ok"));
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  });

  /** Waits until so many requests have come, and sees that no other one follows. */
  async has(count: number): Promise<void> {
    while (this.server.requests.length < count) await this.#changed.promise;
    for (let turns = 0; turns < 20; turns++) await turn();
    assertEquals(this.server.requests.length, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

testWithin("requests that wait for their turn go by a new rate at once", async () => {
  await using counted = new Counted();
  await using dir = new TempDir();
  const clock = new ManualClock();
  const manager = new DownloadManager({ dir: dir.path, requestsPerSecond: 1 / 3600, clock });
  assertEquals(manager.requestsPerSecond, 1 / 3600);
  const paths = ["/1", "/2", "/3", "/4", "/5"];
  const running = manager.run(requestsFor(...paths.map((path) => counted.server.url(path))));
  await counted.has(1);
  manager.requestsPerSecond = 10;
  assertEquals(manager.requestsPerSecond, 10);
  await clock.advance(100);
  await counted.has(2);
  await clock.advance(100);
  await counted.has(3);
  manager.requestsPerSecond = Infinity;
  assertEquals((await running).completed, 5);
});

testWithin("a run that begins without a limit gets one", async () => {
  await using counted = new Counted();
  await using dir = new TempDir();
  const clock = new ManualClock();
  const manager = new DownloadManager({ dir: dir.path, clock, workers: 1 });
  assertEquals(manager.requestsPerSecond, Infinity);
  manager.requestsPerSecond = 2;
  const urls = ["/1", "/2", "/3"].map((path) => counted.server.url(path));
  const running = manager.run(requestsFor(...urls));
  await counted.has(1);
  await clock.advance(499);
  await counted.has(1);
  await clock.advance(1);
  await counted.has(2);
  await clock.advance(500);
  assertEquals((await running).completed, 3);
});

Deno.test("a rate is more than nothing", () => {
  const manager = new DownloadManager();
  for (const rate of [0, -1, NaN]) {
    assertThrows(() => manager.requestsPerSecond = rate, RangeError, `than 0, got ${rate}`);
    assertThrows(() => manager.bytesPerSecond = rate, RangeError, `than 0, got ${rate}`);
  }
  assertEquals([manager.requestsPerSecond, manager.bytesPerSecond], [Infinity, Infinity]);
});
