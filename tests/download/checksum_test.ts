import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type HashAlgorithm, hashFile, parseChecksum, sameDigest } from "../../src/download/mod.ts";
import { algorithmOf, checksumOf, createHasher, strongest } from "../../src/download/checksum.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

/** Digests of "abc": RFC 1321, RFC 7693, FIPS 180-4, FIPS 202 and BLAKE3's test vectors. */
const ABC: Record<HashAlgorithm, string> = {
  "md5": "900150983cd24fb0d6963f7d28e17f72",
  "sha-1": "a9993e364706816aba3e25717850c26c9cd0d89d",
  "sha-224": "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
  "sha-256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  "sha-384": "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed" +
    "8086072ba1e7cc2358baeca134c825a7",
  "sha-512": "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  "sha-512-256": "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
  "sha3-256": "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
  "sha3-384": "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b2" +
    "98d88cea927ac7f539f1edf228376d25",
  "sha3-512": "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e" +
    "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
  "blake2b": "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1" +
    "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
  "blake2s": "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
  "blake3": "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
};

const ALGORITHMS = Object.keys(ABC) as HashAlgorithm[];

for (const algorithm of ALGORITHMS) {
  testWithin(`${algorithm} of a known text, from a file and piece by piece`, async () => {
    await using dir = new TempDir();
    assertEquals(await hashFile(dir.write("abc", "abc"), algorithm), ABC[algorithm]);
    const hasher = await createHasher(algorithm);
    for (const piece of ["a", "", "bc"]) hasher?.update(new TextEncoder().encode(piece));
    assertEquals(hasher?.hex() ?? (algorithm === "blake3" && ABC.blake3), ABC[algorithm]);
  });
}

testWithin("a file of several buffers hashes as one", async () => {
  await using dir = new TempDir();
  const bytes = new Uint8Array(2_500_000).map((_, index) => index * 31);
  const path = dir.write("big", bytes);
  const native = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  assertEquals(await hashFile(path, "sha-256"), native);
  const halves = [bytes.subarray(0, 1_300_001), bytes.subarray(1_300_001)];
  const hasher = (await createHasher("sha3-256"))!;
  for (const half of halves) hasher.update(half);
  assertEquals(await hashFile(path, "sha3-256"), hasher.hex());
});

testWithin("hashing a file ends when it is told to, with the reason", async () => {
  await using dir = new TempDir();
  const path = dir.write("abc", "abc");
  for (const algorithm of ["sha-256", "blake3"] as const) {
    const signal = AbortSignal.abort(new RangeError("enough"));
    await assertRejects(() => hashFile(path, algorithm, signal), RangeError, "enough");
  }
  await assertRejects(() => hashFile(dir.file("none"), "md5"), Deno.errors.NotFound);
});

Deno.test("algorithms are known under their usual names", () => {
  const names: [name: string, algorithm: HashAlgorithm][] = [
    ["SHA256", "sha-256"],
    ["sha_256", "sha-256"],
    ["SHA-512/256", "sha-512-256"],
    ["SHA", "sha-1"],
    ["Sha1", "sha-1"],
    ["MD-5", "md5"],
    ["BLAKE2b-512", "blake2b"],
    ["blake2s256", "blake2s"],
    ["SHA3-384", "sha3-384"],
  ];
  for (const [name, algorithm] of names) assertEquals(algorithmOf(name), algorithm);
  for (const algorithm of ALGORITHMS) assertEquals(algorithmOf(algorithm), algorithm);
  for (const name of ["", "crc32", "toString", "__proto__"]) {
    assertEquals(algorithmOf(name), undefined, name);
  }
});

Deno.test("a checksum must have its algorithm's length, in hexadecimal", () => {
  for (const algorithm of ALGORITHMS) {
    const hex = ABC[algorithm];
    assertEquals(parseChecksum(` ${algorithm} = ${hex.toUpperCase()} `), { algorithm, hex });
    for (const wrong of [hex.slice(1), `${hex}0`, `g${hex.slice(1)}`, ""]) {
      assertThrows(() => checksumOf(algorithm, wrong), TypeError, `${hex.length} hexadecimal`);
    }
  }
  for (const text of ["", "sha-256", "=ab", "crc=ab"]) {
    assertThrows(() => parseChecksum(text), TypeError, "is not a checksum algorithm; known are");
  }
});

Deno.test("the strongest checksum is the longest of the best family", () => {
  const all = ALGORITHMS.map((algorithm) => checksumOf(algorithm, ABC[algorithm]));
  assertEquals(strongest(all)?.algorithm, "sha-512");
  assertEquals(strongest(all.toReversed())?.algorithm, "sha-512");
  // Each algorithm has its rank: none ties with MD5 or is weaker.
  const md5 = all.filter(({ algorithm }) => algorithm === "md5");
  for (const checksum of all) {
    assertEquals(strongest([...md5, checksum])?.algorithm, checksum.algorithm);
    assertEquals(strongest([checksum, ...md5])?.algorithm, checksum.algorithm);
  }
  assertEquals(strongest([]), undefined);
});

testWithin("digests are the same in any case, and differ in any place", async () => {
  const { "sha-256": hex } = ABC;
  assertEquals(await sameDigest(hex, hex.toUpperCase()), true);
  for (let at = 0; at < hex.length; at++) {
    const other = `${hex.slice(0, at)}${hex[at] === "0" ? "1" : "0"}${hex.slice(at + 1)}`;
    assertEquals(await sameDigest(hex, other), false);
  }
  assertEquals(await sameDigest(hex, hex.slice(1)), false);
  assertEquals(await sameDigest("", ""), true);
});
