import { assertEquals } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import { StageRecord } from "../../src/download/_stages.ts";
import { DownloadManager, ListError, parseUrl } from "../../src/download/mod.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

testWithin(
  "a stage knows how many files it has had, how long each took, and its rate",
  async () => {
    const clock = new ManualClock();
    const record = new StageRecord(clock);
    const now = { active: 1, queued: 2 };
    const nothing = {
      name: "download",
      ...now,
      processed: 0,
      errors: 0,
      perSecond: 0,
      averageMs: 0,
    };
    assertEquals(record.figures("download", now), nothing);
    {
      using _first = record.begin();
      await clock.advance(300);
      using _second = record.begin();
      await clock.advance(100);
      record.fail();
      assertEquals(record.figures("download", now), { ...nothing, errors: 1 });
    }
    await clock.advance(600);
    assertEquals(record.figures("download", now), {
      name: "download",
      ...now,
      processed: 2,
      errors: 1,
      perSecond: 2,
      averageMs: 250,
    });
    await clock.advance(60_000);
    assertEquals(record.figures("download", now).perSecond, 0);
  },
);

testWithin("errors belong to the stage in which they happened", async () => {
  await using server = new RawServer(({ path }, connection) =>
    connection.write(answer("bytes", { status: path === "/gone" ? "404 Not Found" : "200 OK" }))
  );
  await using dir = new TempDir();
  Deno.mkdirSync(dir.file("folder"));
  const manager = new DownloadManager({ dir: dir.path, retries: 0 });
  const wrong = { algorithm: "sha-256", hex: "00".repeat(32) } as const;
  await manager.run([
    { urls: [parseUrl(server.url("/good"))] },
    { urls: [parseUrl(server.url("/gone"))] },
    { urls: [parseUrl(server.url("/wrong"))], checksum: wrong },
    { urls: [parseUrl(server.url("/folder"))] },
    new ListError(5, "no URL"),
  ]);
  const figures = manager.stages.map(({ name, processed, errors, active, queued }) => ({
    name,
    processed,
    errors,
    active,
    queued,
  }));
  const ended = { active: 0, queued: 0 };
  assertEquals(figures, [
    { name: "validate", processed: 5, errors: 2, ...ended },
    { name: "download", processed: 4, errors: 1, ...ended }, // the wrong one comes twice
    { name: "checksum", processed: 3, errors: 2, ...ended },
  ]);
  for (const { perSecond, averageMs } of manager.stages) {
    assertEquals([perSecond > 0, averageMs > 0], [true, true]);
  }
});
