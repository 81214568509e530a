import { assertEquals, assertMatch } from "@std/assert";
import { createHash } from "node:crypto";
import { runDlm } from "../support/dlm.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const hex = (algorithm: string, text: string) => createHash(algorithm).update(text).digest("hex");

testWithin("dlm verify checks files against a list, whatever its form", async () => {
  await using dir = new TempDir();
  Deno.mkdirSync(dir.file("sub"));
  for (const name of ["a.txt", "sub/b c.txt", "d", "e"]) dir.write(name, name);
  const sums = [
    "# by hand",
    `${hex("sha256", "a.txt")}  a.txt`,
    `${hex("md5", "sub/b c.txt").toUpperCase()} *./sub/b c.txt`,
    `SHA512 (d) = ${hex("sha512", "d")}`,
    `${hex("sha1", "e")}  ${dir.file("e")}`,
  ];
  const path = dir.write("SUMS", sums.join("\r\n"));
  const run = await runDlm(["verify", path, "--dir", dir.path]);
  assertEquals([run.code, run.stderr], [0, ""]);
  const names = ["a.txt", "./sub/b c.txt", "d", dir.file("e")];
  assertEquals(
    run.stdout,
    `${names.map((name) => `✓ ${name}\n`).join("")}\n4 as listed, 0 different, 0 not readable\n`,
  );
  const here = await runDlm(["verify", "SUMS", "-q"], { cwd: dir.path });
  assertEquals([here.code, here.stdout, here.stderr], [0, "", ""]);
});

testWithin(
  "what differs or can't be read is told with what was expected, and what came",
  async () => {
    await using dir = new TempDir();
    for (const name of ["good", "bad"]) dir.write(name, name);
    Deno.mkdirSync(dir.file("folder"));
    const expected = hex("sha256", "something else");
    const lines = {
      bad: `${expected}  bad`,
      good: `${hex("sha256", "good")}  good`,
      gone: `${expected}  gone\x1b[2J`,
      folder: `${expected}  folder`,
    };
    const path = dir.write("SUMS", `${Object.values(lines).join("\n")}\n`);
    const run = await runDlm(["verify", path, "-d", dir.path]);
    assertEquals(run.code, 3);
    assertEquals(run.stdout, "✓ good\n\n1 as listed, 1 different, 2 not readable\n");
    const errors = run.stderr.trimEnd().split("\n");
    assertEquals(errors.length, 3);
    const got = hex("sha256", "bad");
    assertMatch(
      errors[0]!,
      new RegExp(`^✗ bad Error: .*sha-256.*: expected ${expected}, got ${got}; download it again$`),
    );
    assertMatch(errors[1]!, /^✗ gone\\x1b\[2J Error: there is no such file$/);
    assertMatch(errors[2]!, /^✗ folder Error: that is a folder$/);

    const missing = dir.write("MISSING", `${lines.gone}\n${lines.good}\n`);
    const quiet = await runDlm(["verify", missing, "-d", dir.path, "--quiet"]);
    assertEquals([quiet.code, quiet.stdout], [1, ""]);
    assertMatch(quiet.stderr, /^✗ gone.*\n$/);
  },
);

testWithin("a list that makes no sense is an error of usage", async () => {
  await using dir = new TempDir();
  const wrong: [path: string, message: RegExp][] = [
    [dir.file("none"), /^dlm: SUMS .*none: there is no such file/],
    [dir.path, /^dlm: SUMS .*: that is a folder/],
    [dir.write("words", "hello there\n"), /^dlm: SUMS .*words: line 1 is not a checksum/],
    [dir.write("empty", "# nothing\n"), /^dlm: SUMS .*empty: there is no checksum in it/],
  ];
  for (const [path, message] of wrong) {
    const run = await runDlm(["verify", path]);
    assertEquals([run.code, run.stdout], [2, ""]);
    assertMatch(run.stderr, message);
    assertEquals(run.stderr.trimEnd().split("\n").length, 1);
  }
});
