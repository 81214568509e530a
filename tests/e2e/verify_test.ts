import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { createHash } from "node:crypto";
import { runDlm, RunningDlm } from "../support/dlm.ts";
import { noise } from "../support/file_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { TerminalRun } from "../support/terminal_run.ts";
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

/** Writes files, of which the first is right and the others are never hashed to their end. */
function withEndless(dir: TempDir, count: number): string {
  dir.write("first", "first");
  const lines = [`${hex("sha256", "first")}  first`];
  for (let number = 1; number <= count; number++) {
    using file = Deno.createSync(dir.file(`endless${number}`));
    file.truncateSync(2 ** 40); // takes no room, but more time than there is
    lines.push(`${hex("sha256", "")}  endless${number}`);
  }
  return dir.write("SUMS", `${lines.join("\n")}\n`);
}

/** More than this would be more than a terabyte's worth of hashing needs. */
const MOST_KIB = 200 * 1024;

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  testWithin(`${signal} ends dlm verify at once, with what it has found so far`, async () => {
    await using dir = new TempDir();
    withEndless(dir, 9);
    await using dlm = new RunningDlm(["verify", "SUMS"], { cwd: dir.path, isMeasured: true });
    await dlm.saw(/^✓ first$/m);
    if (Deno.build.os === "linux") {
      const status = Deno.readTextFileSync(`/proc/${dlm.pid}/status`);
      const peak = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]);
      assert(peak < MOST_KIB, `${peak} KiB`);
    }
    dlm.kill(signal);
    const run = await dlm.outcome;
    assertEquals([run.code, run.stderr], [code, ""]);
    assertEquals(
      run.stdout,
      "✓ first\n\n1 as listed, 0 different, 0 not readable, 9 not checked\n",
    );
  });
}

testWithin("on a terminal one line shows how far it is, and goes when it has ended", async () => {
  await using dir = new TempDir();
  withEndless(dir, 1);
  await using run = new TerminalRun(["verify", "SUMS"], { cwd: dir.path, shell: "exec $DLM" });
  await run.shows(
    /^✓ first\nChecked 1\/2 files {2}[1-9][\d.]* [MG]B {2}\[░{10}\] {2}0% {2}[1-9].*B\/s/m,
  );
  await run.type("\x03");
  assertEquals(await run.code, 130);
  assertMatch(run.text, /1 as listed, 0 different, 0 not readable, 1 not checked$/m);
  assertNotMatch(run.text, /Checked/);
  assertEquals(run.terminal.cursorVisible, true);
});

testWithin("large files are told apart on several threads", async () => {
  await using dir = new TempDir();
  const sums: string[] = [];
  for (const name of ["a", "b", "c", "d"]) {
    const bytes = noise(20_000_000, name.charCodeAt(0));
    dir.write(name, bytes);
    const sum = createHash(name === "b" ? "md5" : "sha256").update(bytes).digest("hex");
    sums.push(`${name === "c" ? hex("sha256", "other") : sum}  ${name}`);
  }
  dir.write("SUMS", sums.join("\n"));
  const run = await runDlm(["verify", "SUMS"], { cwd: dir.path });
  assertEquals(run.code, 3);
  assertEquals(run.stdout, "✓ a\n✓ b\n✓ d\n\n3 as listed, 1 different, 0 not readable\n");
  assertMatch(run.stderr, /^✗ c Error: checksum mismatch .*\n$/);
});
