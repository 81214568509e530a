import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { RunningDlm } from "../support/dlm.ts";
import { FileServer, noise } from "../support/file_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";
import { type Random, withSeed } from "./random.ts";

const MIB = 1024 * 1024;
const SIZE = 32 * MIB;
const BYTES = noise(SIZE, 9);

/** All connections together bring about this much. */
const BYTES_PER_SECOND = 8 * MIB;

const KILLS_PER_LANE = 12;

/** A run gets so far beyond its first request before it is killed, unless it is done by then. */
const LONGEST_RUN_MS = 3_000;

/** What may have come since the journal was written: its second, a late look, and the sync. */
const LOST_MS = 1_600;

/** On a busy machine a few kills may cost more. */
const MOSTLY = 0.9;

/** What lies in the buffers of the two ends. */
const IN_BUFFERS = 2 * MIB;

const LANES: readonly { segments: string; connections: number }[] = [
  { segments: "1", connections: 1 },
  { segments: "4", connections: 4 },
  { segments: "auto", connections: 4 },
  { segments: "3", connections: 3 },
];

testWithin(`${LANES.length * KILLS_PER_LANE} kills in the middle of a download`, async () => {
  const lost = await Promise.all(LANES.map(async (lane, index) => {
    const ofLane: number[] = [];
    await withSeed(10 + index, async (random) => {
      while (ofLane.length < KILLS_PER_LANE) {
        ofLane.push(...await downloadThroughKills(random, lane, KILLS_PER_LANE - ofLane.length));
      }
    });
    return ofLane;
  }));
  const sorted = lost.flat().sort((one, other) => one - other);
  const mostly = sorted[Math.floor(sorted.length * MOSTLY)]!;
  const allowed = BYTES_PER_SECOND * LOST_MS / 1000 + IN_BUFFERS;
  assert(mostly <= allowed, `kills cost ${mostly} bytes, more than a second's work: ${sorted}`);
}, 150_000);

/** Downloads one file in as many runs as it takes, and resolves with what each kill has cost. */
async function downloadThroughKills(
  random: Random,
  { segments, connections }: { segments: string; connections: number },
  mostKills: number,
): Promise<number[]> {
  const lost: number[] = [];
  let asked = Promise.withResolvers<void>();
  await using server = await FileServer.start({
    bytes: BYTES,
    etag: '"1"',
    bytesPerSecond: BYTES_PER_SECOND / connections,
    script: () => {
      asked.resolve();
      return undefined;
    },
  });
  await using dir = new TempDir();
  const args = ["download", server.url(), "--dir", dir.path, "--segments", segments];
  for (;;) {
    const [servedBefore, savedBefore] = [server.served, saved(dir)];
    asked = Promise.withResolvers();
    await using run = new RunningDlm(args);
    if (lost.length < mostKills) {
      await Promise.race([asked.promise, run.outcome]);
      killAfter(run, random.between(0, LONGEST_RUN_MS));
    }
    const { code, signal, stderr } = await run.outcome;
    if (signal === null) {
      assertEquals([code, stderr], [0, ""]);
      assertEquals(dir.names(), ["file.bin"]);
      assertWhole(dir);
      return lost;
    }
    lost.push(server.served - servedBefore - (saved(dir) - savedBefore));
  }
}

testWithin("12 kills about the moment when a file gets its name", async () => {
  await withSeed(20, async (random) => {
    const bytes = BYTES.subarray(0, 4 * MIB);
    let sent = Promise.withResolvers<void>();
    await using server = await FileServer.start({
      bytes,
      etag: '"1"',
      script: () => ({ after: bytes.length, then: () => sent.resolve() }),
    });
    for (let kills = 0; kills < 12; kills++) {
      await using dir = new TempDir();
      const policy = random.pick(["resume", "overwrite"]);
      const args = ["download", server.url(), "-d", dir.path, "--if-exists", policy];
      sent = Promise.withResolvers();
      await using killed = new RunningDlm(args);
      await Promise.race([sent.promise, killed.outcome]);
      killAfter(killed, random.between(0, 25));
      await killed.outcome;
      // Whatever stands under the final name is whole, …
      if (dir.names().includes("file.bin")) assertWhole(dir, bytes);
      // … and the same command puts everything in order.
      const { code, stderr } = await new RunningDlm(args).outcome;
      assertEquals([code, stderr], [0, ""]);
      assertEquals(dir.names(), ["file.bin"]);
      assertWhole(dir, bytes);
    }
  });
}, 60_000);

function killAfter(run: RunningDlm, ms: number): void {
  const timer = setTimeout(() => run.kill("SIGKILL"), ms);
  run.outcome.finally(() => clearTimeout(timer));
}

/** How many bytes the journal vouches for. */
function saved(dir: TempDir): number {
  if (!dir.names().includes("file.bin.part.json")) return 0;
  const { done } = JSON.parse(dir.read("file.bin.part.json"));
  return done.reduce((sum: number, [start, end]: [number, number]) => sum + end - start, 0);
}

function assertWhole(dir: TempDir, bytes: Uint8Array = BYTES): void {
  const got = Deno.readFileSync(dir.file("file.bin"));
  assertEquals(got.length, bytes.length);
  assert(Buffer.compare(got, bytes) === 0, "the bytes are not those of the file");
}
