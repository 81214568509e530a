import { assertEquals } from "@std/assert";
import { nameFromDisposition } from "../../src/download/mod.ts";

const cases: [header: string, name: string | undefined][] = [
  ["inline", undefined],
  ["attachment", undefined],
  ["attachment; filename=plain.bin", "plain.bin"],
  ["attachment;filename=plain.bin;x=1", "plain.bin"],
  ["filename=naked.txt", "naked.txt"],
  ['attachment; FileName="with space.txt"', "with space.txt"],
  ['attachment; filename="a;b.txt"; x=1', "a;b.txt"],
  ['attachment; filename="say \\"hi\\".txt"', 'say "hi".txt'],
  ['attachment; filename=""', undefined],
  ['attachment; filename=".."', undefined],
  ['attachment; filename="../../etc/passwd"', "passwd"],
  ['attachment; filename="/etc/cron.d/evil"', "evil"],
  ['attachment; filename="..\\\\..\\\\evil.exe"', "evil.exe"],
  ['attachment; filename="C:\\dir\\x.txt"', "x.txt"],
  ['attachment; filename="C:evil.exe"', "_evil.exe"],
  ['attachment; filename="dir/"', undefined],
  ['attachment; filename=".bashrc"', "_bashrc"],
  ["attachment; filename*=UTF-8''%e2%82%ac.txt", "€.txt"],
  ["attachment; filename*=UTF-8'en'a%20b.txt; filename=other", "a b.txt"],
  ["attachment; filename=first; filename*=utf-8''second", "second"],
  ["attachment; filename*=UTF-8''..%2f..%2fevil", "evil"],
  ["attachment; filename*=UTF-8''%ff.txt; filename=fallback.txt", "fallback.txt"],
  ["attachment; filename*=iso-8859-1''%e9.txt", "é.txt"],
  ["attachment; filename*=koi8-r''%e9.txt", undefined],
  ["attachment; filename=one; filename=two", "one"],
  ['attachment; filename="gr\u00c3\u00b6\u00c3\u009fe.txt"', "größe.txt"],
  ['attachment; filename="caf\u00e9.txt"', "café.txt"],
  ['attachment; filename="a\u001b[31m.txt"', "a_[31m.txt"],
];

for (const [header, name] of cases) {
  Deno.test(`nameFromDisposition: ${JSON.stringify(header)}`, () => {
    assertEquals(nameFromDisposition(header), name);
  });
}
