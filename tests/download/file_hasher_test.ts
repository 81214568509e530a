import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { HashThread, ThreadError } from "../../src/download/_hash_thread.ts";
import { FileHasher, type HashAlgorithm } from "../../src/download/mod.ts";
import { noise } from "../support/file_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const ALGORITHMS: readonly [HashAlgorithm, node: string][] = [
  ["sha-256", "sha256"],
  ["sha-512", "sha512"],
  ["md5", "md5"],
  ["blake2b", "blake2b512"],
];

/** BLAKE3 of nothing, which the platform itself can't compute. */
const BLAKE3_EMPTY = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

for (const threads of [0, 1, 3]) {
  testWithin(`files are hashed right on ${threads} threads`, async () => {
    await using dir = new TempDir();
    const sizes = [0, 1, 256 * 1024, 256 * 1024 + 1, 20_000_000];
    for (const size of sizes) dir.write(`${size}`, noise(size, size));
    using hasher = new FileHasher(threads);
    let read = 0;
    const jobs = sizes.flatMap((size) =>
      ALGORITHMS.map(async ([algorithm, node]) => {
        const onBytes = (bytes: number) => void (read += bytes);
        const hex = await hasher.hash(dir.file(`${size}`), algorithm, { onBytes });
        assertEquals(hex, createHash(node).update(noise(size, size)).digest("hex"));
      })
    );
    await Promise.all(jobs);
    assertEquals(read, ALGORITHMS.length * sizes.reduce((sum, size) => sum + size, 0));
    assertEquals(await hasher.hash(dir.file("0"), "blake3"), BLAKE3_EMPTY);
  });

  testWithin(`a file that can't be read is an error of its kind, ${threads} threads`, async () => {
    await using dir = new TempDir();
    using hasher = new FileHasher(threads);
    await assertRejects(() => hasher.hash(dir.file("none"), "md5"), Deno.errors.NotFound);
    await assertRejects(() => hasher.hash(dir.path, "md5"), Error, "directory");
    dir.write("a", "a");
    assertEquals(await hasher.hash(dir.file("a"), "md5"), "0cc175b9c0f1b6a831c399e269772661");
  });

  testWithin(`cancelling ends what is under way and what waits, ${threads} threads`, async () => {
    await using dir = new TempDir();
    {
      using file = Deno.createSync(dir.file("endless"));
      file.truncateSync(2 ** 40); // takes no room, but more time than there is
    }
    using hasher = new FileHasher(threads);
    const controller = new AbortController();
    const { signal } = controller;
    const begun = Promise.withResolvers<void>();
    const onBytes = () => begun.resolve();
    const jobs = Array.from(
      { length: 5 },
      () => hasher.hash(dir.file("endless"), "sha-256", { signal, onBytes }),
    );
    const outcomes = Promise.allSettled(jobs);
    await begun.promise;
    const reason = new Error("enough");
    controller.abort(reason);
    for (const outcome of await outcomes) {
      assertStrictEquals(outcome.status === "rejected" && outcome.reason, reason);
    }
    await assertRejects(() => hasher.hash(dir.file("endless"), "md5", { signal }), Error, "enough");
    dir.write("a", "a");
    assertEquals(await hasher.hash(dir.file("a"), "md5"), "0cc175b9c0f1b6a831c399e269772661");
  });
}

testWithin("a thread that breaks down says so, rather than nothing", async () => {
  await using dir = new TempDir();
  dir.write("a", "a");
  using thread = new HashThread("data:text/javascript,throw new Error('broken')");
  const order = { path: dir.file("a"), algorithm: "md5" };
  await assertRejects(() => thread.hash(order, () => {}), ThreadError, "broken");
});

Deno.test("the number of threads is a whole number", () => {
  for (const threads of [-1, 1.5, NaN]) {
    assertThrows(() => new FileHasher(threads), RangeError, `from 0, got ${threads}`);
  }
});
