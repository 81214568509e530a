import { assert, assertEquals, assertFalse, assertRejects, assertThrows } from "@std/assert";
import { crypto, type DigestAlgorithm, timingSafeEqual } from "@std/crypto";

/** The bytes 0, 1, … 250, 0, 1, … as BLAKE3's own test vectors have them. */
function countingBytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

function hex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function* pieces(
  bytes: Uint8Array<ArrayBuffer>,
  length: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.slice(at, at + length);
}

const ABC = new TextEncoder().encode("abc");

Deno.test("digests of abc are those of the specifications", async () => {
  const digests: [DigestAlgorithm, string][] = [
    ["MD5", "900150983cd24fb0d6963f7d28e17f72"],
    ["SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d"],
    ["SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["RIPEMD-160", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"],
    ["SHA3-256", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"],
    ["BLAKE2S", "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"],
    ["BLAKE3", "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"],
    [{ name: "SHAKE128", length: 8 }, "5881092dd818bf5c"],
    [{ name: "BLAKE3", length: 8 }, "6437b3ac38465133"],
  ];
  for (const [algorithm, expected] of digests) {
    assertEquals(hex(await crypto.subtle.digest(algorithm, ABC)), expected);
    assertEquals(hex(crypto.subtle.digestSync(algorithm, ABC)), expected);
  }
});

Deno.test("BLAKE3 of its own test vectors, whole and in pieces", async () => {
  const vectors: Record<number, string> = {
    0: "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    1: "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
    63: "e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b",
    64: "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98",
    65: "de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee",
    1023: "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11",
    1024: "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
    1025: "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
    2048: "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a",
    8193: "bab6c09cb8ce8cf459261398d2e7aef35700bf488116ceb94a36d0f5f1b7bc3b",
    102400: "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085",
  };
  for (const [length, expected] of Object.entries(vectors)) {
    const bytes = countingBytes(Number(length));
    assertEquals(hex(await crypto.subtle.digest("BLAKE3", bytes)), expected);
    assertEquals(hex(await crypto.subtle.digest("BLAKE3", pieces(bytes, 777))), expected);
  }
});

Deno.test("buffers, views, iterables and async iterables give the same digest", async () => {
  const whole = hex(await crypto.subtle.digest("SHA-256", ABC));
  const padded = new Uint8Array([0, ...ABC, 0]);
  for (
    const data of [
      ABC.buffer,
      padded.subarray(1, 4),
      new DataView(padded.buffer, 1, 3),
      [ABC.slice(0, 1), ABC.slice(1)],
      pieces(ABC, 1),
    ]
  ) {
    assertEquals(hex(await crypto.subtle.digest("SHA-256", data)), whole);
  }
});

Deno.test("a name in lower case is the same algorithm, an unknown one is refused", async () => {
  const lower: string = "blake3";
  assertEquals(
    hex(await crypto.subtle.digest(lower as "BLAKE3", ABC)),
    hex(await crypto.subtle.digest("BLAKE3", ABC)),
  );
  const unknown: string = "NONE";
  await assertRejects(() => crypto.subtle.digest(unknown as "MD5", ABC), DOMException);
  assertThrows(() => crypto.subtle.digestSync(unknown as "MD5", ABC), TypeError);
  await assertRejects(() => crypto.subtle.digest({ name: "MD5", length: 5 }, ABC), TypeError);
  await assertRejects(() => crypto.subtle.digest({ name: "MD5", length: -1 }, ABC), RangeError);
});

Deno.test("the rest of Web Crypto is the platform's", async () => {
  assertEquals(crypto.getRandomValues(new Uint8Array(4)).length, 4);
  assertEquals(crypto.randomUUID().length, 36);
  const key = await crypto.subtle.importKey("raw", ABC, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  assertEquals((await crypto.subtle.sign("HMAC", key, ABC)).byteLength, 32);
});

Deno.test("timingSafeEqual() compares the bytes of any buffers", () => {
  assert(timingSafeEqual(ABC, ABC.slice().buffer));
  assert(timingSafeEqual(new DataView(ABC.buffer, 1), ABC.slice(1)));
  assertFalse(timingSafeEqual(ABC, new Uint8Array(3)));
  assertThrows(() => timingSafeEqual(ABC, new Uint8Array(4)), TypeError);
});
