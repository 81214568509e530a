import { assertEquals, assertThrows } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { parseSums } from "../../src/download/mod.ts";

const HEX = "0123456789abcdef".repeat(4);

/** Each line as `algorithm name`. */
function parsed(text: string): string[] {
  return parseSums(text).map(({ name, checksum }) => `${checksum.algorithm} ${name}`);
}

const LINES: [line: string, parsed: string][] = [
  [`${HEX}  a.zip`, "sha-256 a.zip"],
  [`${HEX} *a.zip`, "sha-256 a.zip"],
  [`${HEX}  dir/a b.zip`, "sha-256 dir/a b.zip"],
  [`${HEX}  ./a.zip`, "sha-256 ./a.zip"],
  [`${HEX}   leading blank`, "sha-256  leading blank"],
  [`${HEX.toUpperCase()}  A`, "sha-256 A"],
  [String.raw`\${HEX}  a\nb\\c\rd`.replace("${HEX}", HEX), "sha-256 a\nb\\c\rd"],
  [String.raw`${HEX}  a\nb`, String.raw`sha-256 a\nb`],
  [`${HEX.slice(0, 32)}  m`, "md5 m"],
  [`${HEX.slice(0, 40)}  s`, "sha-1 s"],
  [`${HEX.slice(0, 56)}  s`, "sha-224 s"],
  [`${(HEX + HEX).slice(0, 96)}  s`, "sha-384 s"],
  [`${HEX + HEX}  s`, "sha-512 s"],
  [`${HEX}  a\u2028b`, "sha-256 a\u2028b"],
  [`SHA256 (a (1).zip) = ${HEX}`, "sha-256 a (1).zip"],
  [`SHA512/256 (a) = ${HEX}`, "sha-512-256 a"],
  [`SHA3-256 (a) = ${HEX}`, "sha3-256 a"],
  [`BLAKE3 (a) = ${HEX}`, "blake3 a"],
  [`BLAKE2b (a) = ${HEX + HEX}`, "blake2b a"],
  [`MD5 (a) = ${HEX.slice(0, 32)}`, "md5 a"],
];

for (const [line, expected] of LINES) {
  Deno.test(`a line of sums: ${JSON.stringify(line.replaceAll(HEX, "HEX"))}`, () => {
    assertEquals(parsed(`${line}\n`), [expected]);
  });
}

Deno.test("blank lines, comments, a byte order mark and CR LF mean nothing", () => {
  const sums = parseSums(`\ufeff# by hand\r\n\r\n${HEX}  a\r\n  \n${HEX}  b`);
  assertEquals(sums.map(({ name, line }) => [name, line]), [["a", 3], ["b", 5]]);
  assertEquals(sums[0]!.checksum.hex, HEX);
  assertEquals(parseSums(""), []);
});

Deno.test("a line that is no sum is refused by its number", () => {
  const wrong = ["hello", HEX, `${HEX} `, `${HEX} a`, `${HEX}x  a`, `${HEX.slice(1)}  a`];
  for (const line of [...wrong, `CRC (a) = ${HEX}`]) {
    assertThrows(() => parseSums(`# one\n${line}\n`), TypeError, "line 2 is not a checksum");
  }
  assertThrows(() => parseSums(`SHA256 (a) = ${HEX.slice(2)}`), TypeError, "64 hexadecimal digits");
});

Deno.test("names come back as sha256sum would write them", () => {
  const name = fc.string({ minLength: 1, unit: "binary" }).filter((text) => !/[\0]/.test(text));
  fc.assert(fc.property(name, (name) => {
    const escaped = name.replace(
      /[\\\n\r]/g,
      (character) => ({ "\\": "\\\\", "\n": "\\n" })[character] ?? "\\r",
    );
    const mark = escaped === name ? "" : "\\";
    assertEquals(parsed(`${mark}${HEX}  ${escaped}\n`), [`sha-256 ${name}`]);
  }));
});
