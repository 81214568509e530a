import { assert, assertEquals, assertMatch } from "@std/assert";
import { Buffer } from "node:buffer";
import { runDlm, RunningDlm } from "../support/dlm.ts";
import { FileServer, noise } from "../support/file_server.ts";
import { root, testNeeding } from "../support/needs.ts";
import { SmallDisk } from "../support/small_disk.ts";
import { downloadThrough, type Place, type Trouble } from "./fault_rounds.ts";
import { type Random, withSeed } from "./random.ts";

const MIB = 1024 * 1024;
const SIZE = 32 * MIB;
const BYTES = noise(SIZE, 11);
const DISK = 40 * MIB;

/** What the disk may have taken without being written down: the journal's room, and whole pages. */
const UNSAVED = MIB / 2;

for (const segments of ["1", "4", "auto"]) {
  testNeeding([root], `a disk that is full again and again, segments ${segments}`, async () => {
    await withSeed(30, (random) => downloadToFullDisk(random, segments));
  }, 60_000);
}

/** Frees a little room after each run; every run ends with exit code 4 until there is enough. */
async function downloadToFullDisk(random: Random, segments: string): Promise<void> {
  await using server = await FileServer.start({ bytes: BYTES, etag: '"1"' });
  await using disk = new SmallDisk(DISK);
  const args = ["download", server.url(), "--dir", disk.path, "--segments", segments];
  let room = random.between(4 * MIB, 8 * MIB);
  for (let round = 0; room < SIZE; round++) {
    Deno.writeFileSync(disk.file("ballast"), new Uint8Array(DISK - room));
    const { code, stderr } = await runDlm(args);
    assertEquals(code, 4, stderr);
    assertMatch(stderr, /^✗ file\.bin +Error: no space left on the disk of .*\n$/);
    assertEquals(disk.names(), ["ballast", "file.bin.part", "file.bin.part.json"]);
    const kept = saved(disk);
    assert(kept <= room, `${kept} bytes are said to be in a room of ${room}`);
    assert(kept > room - UNSAVED, `of a room of ${room} only ${kept} bytes were kept`);
    room += random.between(4 * MIB, 10 * MIB);
    Deno.removeSync(disk.file("ballast"));
  }
  const { code, stderr } = await runDlm(args);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(disk.names(), ["file.bin"]);
  assertWhole(disk);
}

const ROUNDS = 200;

testNeeding([root], `${ROUNDS} faults on a disk that may be full at any moment`, async () => {
  await downloadThrough(ROUNDS, 40, () => new SmallDisk(DISK), fillUp);
}, 120_000);

/** Leaves a random room on the disk, less than there is. */
function fillUp(disk: Place): Trouble {
  return {
    begin(random) {
      const left = Math.max(0, DISK - random.between(0, SIZE) - taken(disk));
      fill(disk, left);
    },
    end() {
      if (disk.names().includes("ballast")) Deno.removeSync(disk.file("ballast"));
    },
  };
}

const KILLS = 24;

testNeeding([root], `${KILLS} kills on a disk that may be full at any moment`, async () => {
  await withSeed(50, async (random) => {
    for (let kills = 0, file = 0; kills < KILLS; file++) {
      kills += await downloadThroughKills(random, ["4", "1", "auto"][file % 3]!, KILLS - kills);
    }
  });
}, 90_000);

/** A run is killed within this time after its first request. */
const LONGEST_RUN_MS = 700;

/** Downloads one file in as many runs as it takes; resolves with how many of them were killed. */
async function downloadThroughKills(
  random: Random,
  segments: string,
  mostKills: number,
): Promise<number> {
  let asked = Promise.withResolvers<void>();
  await using server = await FileServer.start({
    bytes: BYTES,
    etag: '"1"',
    bytesPerSecond: SIZE / (segments === "4" ? 8 : 2),
    script: () => {
      asked.resolve();
      return undefined;
    },
  });
  await using disk = new SmallDisk(DISK);
  const args = ["download", server.url(), "--dir", disk.path, "--segments", segments];
  for (let kills = 0;;) {
    const isFull = kills < mostKills && random.next() < 0.5;
    if (isFull) fill(disk, DISK - taken(disk) - random.between(0, 6 * MIB));
    asked = Promise.withResolvers();
    await using run = new RunningDlm(args);
    if (kills < mostKills) {
      await Promise.race([asked.promise, run.outcome]);
      const timer = setTimeout(() => run.kill("SIGKILL"), random.between(0, LONGEST_RUN_MS));
      run.outcome.finally(() => clearTimeout(timer));
    }
    const { code, signal, stderr } = await run.outcome;
    if (isFull) Deno.removeSync(disk.file("ballast"));
    if (signal !== null) {
      kills++;
      const known = ["file.bin.part", "file.bin.part.json", "file.bin.part.json~"];
      if (!disk.names().includes("file.bin")) {
        assertEquals(disk.names().filter((name) => !known.includes(name)), []);
      } else assertWhole(disk);
      continue;
    }
    if (isFull && code === 4) continue;
    assertEquals([code, stderr], [0, ""]);
    assertEquals(disk.names(), ["file.bin"]);
    assertWhole(disk);
    return kills;
  }
}

/** Writes so many bytes that are in the way. */
function fill(disk: Place, bytes: number): void {
  try {
    Deno.writeFileSync(disk.file("ballast"), new Uint8Array(Math.max(0, bytes)));
  } catch (error) {
    // The download was faster: all the better, the disk is full.
    if (!(error instanceof Error && /No space left/.test(error.message))) throw error;
  }
}

/** What the part file takes of the disk; it may have holes. */
function taken(disk: Place): number {
  if (!disk.names().includes("file.bin.part")) return 0;
  return (Deno.statSync(disk.file("file.bin.part")).blocks ?? 0) * 512;
}

function assertWhole(disk: Place): void {
  const got = Deno.readFileSync(disk.file("file.bin"));
  assertEquals(got.length, SIZE);
  assert(Buffer.compare(got, BYTES) === 0, "the bytes are not those of the file");
}

/** How many bytes the journal vouches for. */
function saved(disk: SmallDisk): number {
  const { done } = JSON.parse(Deno.readTextFileSync(disk.file("file.bin.part.json")));
  return done.reduce((sum: number, [start, end]: [number, number]) => sum + end - start, 0);
}
