import { assert, assertEquals, assertMatch } from "@std/assert";
import { noise } from "../support/file_server.ts";
import { nginx as needsNginx, testNeeding } from "../support/needs.ts";
import { Nginx } from "../support/nginx.ts";
import { TempDir } from "../support/temp_dir.ts";
import { assertFiles, download } from "./support.ts";

const BYTES = noise(6_000_000, 1);
const OTHER = noise(6_000_000, 2);

const LONG_AGO = new Date(Date.UTC(2020, 1, 2));

/** Lets a run end in the middle of a file. */
const INTERRUPTED = ["--rate-limit", "4M", "--max-time", "600ms"];

for (const segments of ["1", "4"]) {
  testNeeding([needsNginx], `case 4: nginx is resumed, segments ${segments}`, async () => {
    await using nginx = await Nginx.start();
    await using dir = new TempDir();
    nginx.write("file", BYTES);
    const args = ["--segments", segments];
    const first = await download(dir, [nginx.url("/file")], ...INTERRUPTED, ...args);
    assertEquals([first.code, dir.names()], [1, ["file.part", "file.part.json"]]);

    // A byte that was changed here is still changed in the end: nothing is brought twice.
    const marked = Deno.readFileSync(dir.file("file.part"));
    const expected = BYTES.slice();
    marked[0]! ^= 0xff;
    expected[0]! ^= 0xff;
    Deno.writeFileSync(dir.file("file.part"), marked);
    const second = await download(dir, [nginx.url("/file")], ...args);
    assertEquals([second.code, second.stderr], [0, ""]);
    assertFiles(dir, { file: expected });
  });

  testNeeding([needsNginx], `case 4: nginx has another file, segments ${segments}`, async () => {
    await using nginx = await Nginx.start();
    await using dir = new TempDir();
    nginx.write("file", BYTES);
    nginx.touch("file", LONG_AGO); // its validators don't tell two writes of one second apart
    const args = ["--segments", segments];
    await download(dir, [nginx.url("/file")], ...INTERRUPTED, ...args);
    assert(dir.names().includes("file.part.json"));
    nginx.write("file", OTHER);
    const second = await download(dir, [nginx.url("/file")], ...args);
    assertEquals([second.code, second.stderr], [0, ""]);
    assertFiles(dir, { file: OTHER });
  });
}

testNeeding([needsNginx], "cases 7 and 18: nginx and files of no or one byte", async () => {
  await using nginx = await Nginx.start();
  await using dir = new TempDir();
  const files = { empty: new Uint8Array(0), one: new Uint8Array([7]) };
  for (const [name, bytes] of Object.entries(files)) nginx.write(name, bytes);
  for (const segments of ["1", "4"]) {
    const args = ["--segments", segments, "--if-exists", "overwrite"];
    const run = await download(
      dir,
      Object.keys(files).map((name) => nginx.url(`/${name}`)),
      ...args,
    );
    assertEquals([run.code, run.stderr], [0, ""]);
    assertFiles(dir, files);
  }
});

testNeeding(
  [needsNginx],
  "case 18: nginx is not asked twice for what has not changed",
  async () => {
    await using nginx = await Nginx.start();
    await using dir = new TempDir();
    nginx.write("file", BYTES);
    const run = (...args: string[]) =>
      download(dir, [nginx.url("/file")], "--if-exists", "overwrite", ...args);
    nginx.touch("file", LONG_AGO);
    assertMatch((await run()).stdout, /Successful: +1\n/);
    assertMatch((await run()).stdout, /Skipped: +1\n/);
    nginx.write("file", OTHER);
    assertMatch((await run()).stdout, /Successful: +1\n/);
    assertFiles(dir, { file: OTHER });
  },
);
