import { assert, assertEquals, assertMatch } from "@std/assert";
import { RunningDlm } from "../support/dlm.ts";
import { type Fault, FileServer, noise } from "../support/file_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertFiles, assertSame, download, errorsOf } from "./support.ts";

const BYTES = noise(3_000_000, 1);
const OTHER = noise(3_000_000, 2);

/** What a run writes down beside a part file. */
function journal(url: string, done: number): string {
  return JSON.stringify({
    version: 1,
    url,
    etag: '"1"',
    length: BYTES.length,
    done: [[0, done]],
  });
}

testWithin("case 14: no link is followed, whether it dangles or not", async () => {
  // Cut once, so that every file that can be written beside the target is.
  await using server = await FileServer.start({
    bytes: BYTES,
    etag: '"1"',
    script: ({ earlier }): Fault | undefined => earlier === 0 ? { after: 1_000_000 } : undefined,
  });
  await using dir = new TempDir();
  await using outside = new TempDir();
  outside.write("victim", "precious");
  for (const [kind, target] of [["live", "victim"], ["dangling", "nothing"]] as const) {
    for (const suffix of ["", ".part", ".part.json", ".part.json~"]) {
      Deno.symlinkSync(outside.file(target), dir.file(`${kind}-${suffix.length}${suffix}`));
    }
  }
  // A hard link needs no second look to be followed, and is as dangerous.
  Deno.linkSync(outside.file("victim"), dir.file("hard.part"));
  Deno.linkSync(outside.file("victim"), dir.file("hard-2.part.json~"));
  Deno.mkdirSync(dir.file("folder.part"));
  const names = ["live-0", "live-5", "live-10", "live-11"];
  const all = [
    ...names,
    ...names.map((name) => name.replace("live", "dangling")),
    ...["hard", "hard-2", "folder"],
  ];
  const run = await download(dir, all.map((name) => server.url(`/${name}`)), "--retries", "1");
  assertEquals(run.code, 1);
  const refused = ["dangling-0", "dangling-5", "folder", "live-0", "live-5"];
  const errors = errorsOf(run);
  assertEquals(Object.keys(errors).sort(), refused);
  for (const name of refused) assertMatch(errors[name]!, /is (a symbolic link|not a regular file)/);
  for (const name of all) if (!refused.includes(name)) assertSame(dir, name, BYTES);
  assertEquals(outside.tree(), { victim: "precious" });
  const left = ["dangling-0", "dangling-5.part", "folder.part", "live-0", "live-5.part"];
  assertEquals(dir.names(), [...left, ...all.filter((name) => !refused.includes(name))].sort());
});

testWithin("case 14: --if-exists overwrite replaces a link, not what it leads to", async () => {
  await using server = await FileServer.start({ bytes: BYTES, etag: '"1"' });
  await using dir = new TempDir();
  await using outside = new TempDir();
  outside.write("victim", "precious");
  Deno.symlinkSync(outside.file("victim"), dir.file("soft"));
  Deno.linkSync(outside.file("victim"), dir.file("hard"));
  const urls = [server.url("/soft"), server.url("/hard")];
  const run = await download(dir, urls, "--if-exists", "overwrite");
  assertEquals(run.code, 0, run.stderr);
  assertFiles(dir, { soft: BYTES, hard: BYTES });
  assertEquals(outside.tree(), { victim: "precious" });
});

/** What SIGKILL can leave between two steps of giving a file its name. */
const KILLED: Record<string, (dir: TempDir, url: string) => void> = {
  "before the name": (dir, url) => {
    dir.write("file.part", BYTES);
    dir.write("file.part.json", journal(url, BYTES.length));
  },
  "with both names": (dir, url) => {
    dir.write("file.part", BYTES);
    dir.write("file.part.json", journal(url, 1_000_000));
    Deno.linkSync(dir.file("file.part"), dir.file("file"));
  },
  "before the journal is removed": (dir, url) => {
    dir.write("file", BYTES);
    dir.write("file.part.json", journal(url, 1_000_000));
  },
  "while the journal is written": (dir, url) => {
    dir.write("file.part", BYTES.subarray(0, 2_000_000));
    dir.write("file.part.json", journal(url, 1_000_000));
    dir.write("file.part.json~", '{"version":1,"ur');
  },
  "with the end of a journal": (dir) => {
    dir.write("file", BYTES);
    dir.write("file.part.json~", "");
  },
};

for (const [when, leave] of Object.entries(KILLED)) {
  for (const policy of ["resume", "overwrite"]) {
    testWithin(`case 24: killed ${when}, then run again with ${policy}`, async () => {
      await using server = await FileServer.start({ bytes: BYTES, etag: '"1"' });
      await using dir = new TempDir();
      leave(dir, server.url("/file"));
      const isThere = dir.names().includes("file");
      const run = await download(dir, [server.url("/file")], "--if-exists", policy);
      assertEquals([run.code, run.stderr], [0, ""]);
      assertFiles(dir, { file: BYTES });
      if (policy === "resume" && isThere) assertEquals(server.requests.length, 0);
    });
  }
}

testWithin("case 24: a link of two names is undone before a byte is written", async () => {
  // Killed between the two steps; meanwhile the server has another version, which gets cut.
  await using server = await FileServer.start({
    bytes: OTHER,
    etag: '"2"',
    script: () => ({ after: 1_000_000 }),
  });
  await using dir = new TempDir();
  KILLED["with both names"]!(dir, server.url("/file"));
  const args = ["--if-exists", "overwrite", "--retries", "0"];
  const run = await download(dir, [server.url("/file")], ...args);
  assertEquals(run.code, 1);
  assertSame(dir, "file", BYTES);
});

testWithin("case 24: a whole part file costs no byte more", async () => {
  await using server = await FileServer.start({ bytes: BYTES, etag: '"1"' });
  await using dir = new TempDir();
  KILLED["before the name"]!(dir, server.url("/file"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", BYTES)).toHex();
  const run = await download(dir, [`${server.url("/file")}\n  checksum=sha-256=${digest}`]);
  assertEquals([run.code, server.requests.length], [0, 0]);
  assertFiles(dir, { file: BYTES });
});

testWithin("case 25: of two processes on one file, one waits or says so", async () => {
  const release = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  await using server = await FileServer.start({
    bytes: BYTES,
    etag: '"1"',
    script: () => {
      asked.resolve();
      return { after: 1_000_000, then: () => release.promise };
    },
  });
  await using dir = new TempDir();
  const args = ["download", server.url("/file"), "--dir", dir.path, "--retry-delay", "10ms"];
  await using first = new RunningDlm(args);
  await asked.promise;
  await using second = new RunningDlm(args);
  await Promise.race([second.saw(/another process/, "stderr"), second.outcome]);
  assert(/another process/.test(second.stderr), second.stderr + second.stdout);
  release.resolve();
  assertEquals((await first.outcome).code, 0);
  await second.outcome;
  assertFiles(dir, { file: BYTES });
  assertEquals(server.requests.length, 1, "the second one asked for nothing");
});

testWithin("case 25: two processes on one folder share the work without a scratch", async () => {
  await using server = await FileServer.start({ bytes: BYTES, etag: '"1"' });
  await using dir = new TempDir();
  const names = Array.from({ length: 12 }, (_, index) => `file${index}`);
  const urls = names.map((name) => server.url(`/${name}`));
  const runs = await Promise.all([urls, urls.toReversed()].map((list) => download(dir, list)));
  for (const { stderr } of runs) {
    for (const line of stderr.split("\n")) assertMatch(line, /^$|another process|appeared while/);
  }
  assertFiles(dir, Object.fromEntries(names.map((name) => [name, BYTES])));
  const again = await download(dir, urls);
  assertEquals([again.code, again.stderr], [0, ""]);
  assertFiles(dir, Object.fromEntries(names.map((name) => [name, BYTES])));
});
