import { assert, assertEquals, assertMatch } from "@std/assert";
import { runDlm } from "../support/dlm.ts";
import { FileServer, noise } from "../support/file_server.ts";
import { root, testNeeding } from "../support/needs.ts";
import { SmallDisk } from "../support/small_disk.ts";
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
  const got = Deno.readFileSync(disk.file("file.bin"));
  assertEquals(got.length, SIZE);
  assert(got.every((byte, index) => byte === BYTES[index]), "the bytes are not those of the file");
}

/** How many bytes the journal vouches for. */
function saved(disk: SmallDisk): number {
  const { done } = JSON.parse(Deno.readTextFileSync(disk.file("file.bin.part.json")));
  return done.reduce((sum: number, [start, end]: [number, number]) => sum + end - start, 0);
}
