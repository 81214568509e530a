import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { digestOf } from "../../src/download/digest_header.ts";

/** A digest of so many bytes, all alike, in base64 and in hexadecimal. */
function digest(bytes: number, fill: number): { base64: string; hex: string } {
  const all = new Uint8Array(bytes).fill(fill);
  return { base64: all.toBase64(), hex: all.toHex() };
}

const SHA256 = digest(32, 1);
const SHA512 = digest(64, 2);
const MD5 = digest(16, 3);

const CASES: [name: string, headers: Record<string, string>, found: string | undefined][] = [
  ["none", {}, undefined],
  ["Repr-Digest", { "repr-digest": `sha-256=:${SHA256.base64}:` }, `sha-256=${SHA256.hex}`],
  [
    "the strongest of several",
    { "repr-digest": `md5=:${MD5.base64}:, sha-512=:${SHA512.base64}:,sha-256=:${SHA256.base64}:` },
    `sha-512=${SHA512.hex}`,
  ],
  ["the older Digest", { "digest": `SHA-256=${SHA256.base64}` }, `sha-256=${SHA256.hex}`],
  [
    "an older Digest with several",
    { "digest": `MD5=${MD5.base64},SHA-512=${SHA512.base64}` },
    `sha-512=${SHA512.hex}`,
  ],
  [
    "the newer before the older, of one algorithm",
    { "digest": `sha-256=${digest(32, 9).base64}`, "repr-digest": `sha-256=:${SHA256.base64}:` },
    `sha-256=${SHA256.hex}`,
  ],
  ["an algorithm that nobody knows", { "repr-digest": "crc32c=:AAAAAA==:" }, undefined],
  ["an unknown one beside a known one", {
    "repr-digest": `x=:AA==:, md5=:${MD5.base64}:`,
  }, `md5=${MD5.hex}`],
  ["a digest of the wrong length", { "repr-digest": `sha-256=:${MD5.base64}:` }, undefined],
  ["no base64", { "repr-digest": "sha-256=:not base64!:" }, undefined],
  ["a value without colons", { "repr-digest": `sha-256=${SHA256.base64}` }, undefined],
  ["parameters", { "repr-digest": `sha-256=:${SHA256.base64}:;x=1` }, `sha-256=${SHA256.hex}`],
  ["a digest of the content, which may be a part", {
    "content-digest": `sha-256=:${SHA256.base64}:`,
  }, undefined],
];

for (const [name, headers, found] of CASES) {
  Deno.test(`digest headers: ${name}`, () => {
    const checksum = digestOf(new Headers(headers));
    assertEquals(checksum && `${checksum.algorithm}=${checksum.hex}`, found);
  });
}

Deno.test("no header makes it throw", () => {
  const value = fc.stringMatching(/^[ -~]{0,60}$/).map((text) => text.trim());
  fc.assert(fc.property(value, value, (digest, repr) => {
    const checksum = digestOf(new Headers({ digest, "repr-digest": repr }));
    assertEquals(checksum === undefined || /^[0-9a-f]{32,}$/.test(checksum.hex), true);
  }));
});
