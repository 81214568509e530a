import { assert, assertEquals, assertMatch } from "@std/assert";
import { createHash } from "node:crypto";
import { runDlm, RunningDlm } from "../support/dlm.ts";
import { FileServer, noise } from "../support/file_server.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertFiles, download, errorsOf, rangesOf } from "./support.ts";

const GOOD = noise(500_000, 1);
const BAD = noise(500_000, 2);

const digest = (algorithm: string, bytes: Uint8Array) =>
  createHash(algorithm).update(bytes).digest("hex");
const base64 = (hex: string) => Uint8Array.fromHex(hex).toBase64();
const SHA256 = digest("sha256", GOOD);
const WRONG = digest("sha256", BAD);

testWithin("case 26: wrong bytes are fetched once more, and never get the name", async () => {
  await using server = await FileServer.start({
    bytes: GOOD,
    etag: '"1"',
    script: ({ path, earlier }) =>
      path === "/always" || (path === "/once" && earlier === 0)
        ? { state: { bytes: BAD, etag: '"1"' } }
        : undefined,
  });
  await using dir = new TempDir();
  for (const retries of ["0", "3"]) {
    server.requests.length = 0;
    const list = ["/right", "/once", "/always"].map((path) =>
      `${server.url(path)}\n  checksum=sha-256=${SHA256}\n  out=${path.slice(1)}-${retries}`
    );
    const run = await download(dir, list, "--retries", retries);
    assertEquals(run.code, 3);
    const errors = errorsOf(run);
    assertEquals(Object.keys(errors), [`always-${retries}`]);
    assertMatch(
      errors[`always-${retries}`]!,
      new RegExp(`^checksum mismatch \\(sha-256\\): expected ${SHA256}, got ${WRONG} `),
    );
    assertEquals(rangesOf(server, "/right").length, 1);
    assertEquals(rangesOf(server, "/once"), [undefined, undefined]);
    assertEquals(rangesOf(server, "/always"), [undefined, undefined]);
  }
  assertFiles(dir, { "right-0": GOOD, "once-0": GOOD, "right-3": GOOD, "once-3": GOOD });
});

testWithin("case 26: a checksum holds over a cut, a resume and several connections", async () => {
  const large = noise(4_000_000, 3);
  await using server = await FileServer.start({
    bytes: large,
    etag: '"1"',
    script: ({ path, earlier }) =>
      path === "/cut" && earlier === 0 ? { after: 123_456 } : undefined,
  });
  await using dir = new TempDir();
  const sum = digest("sha256", large);
  const list = ["/cut", "/whole"].map((path) => `${server.url(path)}\n  checksum=sha-256=${sum}`);
  for (const segments of ["1", "4"]) {
    const run = await download(dir, list, "--segments", segments, "--if-exists", "overwrite");
    assertEquals(run.code, 0, run.stderr);
    assertFiles(dir, { cut: large, whole: large });
    assertEquals(run.stdout.match(/checksum verified/g)?.length, 2);
  }
});

testWithin("case 26: bytes that were kept from an earlier run are checked as well", async () => {
  await using server = await FileServer.start({ bytes: GOOD, etag: '"1"' });
  await using dir = new TempDir();
  dir.write("file.part", BAD.subarray(0, 300_000));
  dir.write(
    "file.part.json",
    JSON.stringify({
      version: 1,
      url: server.url("/file"),
      etag: '"1"',
      length: GOOD.length,
      done: [[0, 300_000]],
    }),
  );
  const run = await download(dir, [`${server.url("/file")}\n  checksum=sha-256=${SHA256}`]);
  assertEquals(run.code, 0, run.stderr);
  assertEquals(rangesOf(server, "/file"), ["bytes=300000-", undefined]);
  assertFiles(dir, { file: GOOD });
});

/** Lines of checksum lists, as different programs write them. */
const SUMS: Record<string, (name: string) => string> = {
  text: (name) => `${SHA256}  ${name}`,
  binary: (name) => `${SHA256} *${name}`,
  upper: (name) => `${SHA256.toUpperCase()}  ${name}`,
  bsd: (name) => `SHA256 (${name}) = ${SHA256}`,
  sha512: (name) => `${digest("sha512", GOOD)}  ${name}`,
  sha1: (name) => `${digest("sha1", GOOD)}  ${name}`,
  md5: (name) => `${digest("md5", GOOD)}  ${name}`,
  wrong: (name) => `${WRONG}  ${name}`,
  "below/folder": (name) => `${SHA256}  ${name}`,
};

testWithin("case 26: SHA256SUMS and its kin, text and binary, GNU and BSD", async () => {
  await using server = await FileServer.start({ bytes: GOOD });
  await using dir = new TempDir();
  const names = Object.keys(SUMS);
  const text = names.map((name) => SUMS[name]!(name)).join("\r\n");
  const sums = dir.write("SUMS", `# sums\n\n${text}\n`);
  const list = names.map((name) => `${server.url("/x")}\n  out=${name}`);
  const into = { path: dir.file("in") };
  const run = await download(into, [...list, server.url("/unlisted")], "--checksums", sums);
  assertEquals(run.code, 3);
  assertEquals(Object.keys(errorsOf(run)), ["wrong"]);
  assertEquals(run.stdout.match(/checksum verified/g)?.length, names.length - 1);
  const files = names.filter((name) => name !== "wrong").map((name) => `in/${name}`);
  const found = Object.keys(dir.tree()).filter((path) => !path.endsWith("/"));
  assertEquals(found.sort(), ["SUMS", "in/unlisted", ...files].sort());
});

testWithin("case 26: digests that the server sends, asked for with --verify", async () => {
  const sent: Record<string, Record<string, string>> = {
    "/repr": { "repr-digest": `sha-256=:${base64(SHA256)}:` },
    "/repr-list": { "repr-digest": `md5=:AAAA:, sha-256=:${base64(SHA256)}:` },
    "/digest": { digest: `SHA-256=${base64(SHA256)}` },
    "/repr-first": {
      digest: `SHA-256=${base64(WRONG)}`,
      "repr-digest": `sha-256=:${base64(SHA256)}:`,
    },
    "/strongest": {
      "repr-digest": `sha-256=:${base64(WRONG)}:, sha-512=:${base64(digest("sha512", GOOD))}:`,
    },
    "/unreadable": { "repr-digest": "sha-256=:@@@:", digest: "sha-256=short" },
    "/none": {},
    "/wrong": { "repr-digest": `sha-256=:${base64(WRONG)}:` },
    "/wrong-old": { digest: `sha-256=${base64(WRONG)}` },
  };
  await using server = new RawServer(({ path }, connection) =>
    connection.write(answer(GOOD, { headers: sent[path]! }))
  );
  await using dir = new TempDir();
  const paths = Object.keys(sent);
  const urls = paths.map((path) => server.url(path));
  const run = await download(dir, urls, "--verify");
  assertEquals(run.code, 3);
  assertEquals(Object.keys(errorsOf(run)).sort(), ["wrong", "wrong-old"]);
  assertEquals(run.stdout.match(/checksum verified/g)?.length, 5);
  const good = paths.map((path) => path.slice(1)).filter((name) => !name.startsWith("wrong"));
  assertFiles(dir, Object.fromEntries(good.map((name) => [name, GOOD])));
  for (const name of ["wrong", "wrong-old"]) {
    assertEquals(server.requests.filter(({ path }) => path === `/${name}`).length, 2);
  }
});

testWithin("case 26: what the user expects is stronger than what the server says", async () => {
  await using server = new RawServer((_, connection) => {
    const headers = { "repr-digest": `sha-256=:${base64(WRONG)}:` };
    return connection.write(answer(GOOD, { headers }));
  });
  await using dir = new TempDir();
  const args = ["--verify", "--if-exists", "overwrite"];
  const own = await download(dir, [`${server.url("/a")}\n  checksum=sha-256=${SHA256}`], ...args);
  assertEquals(own.code, 0, own.stderr);
  assert(/checksum verified/.test(own.stdout));
  const theirs = await download(dir, [server.url("/a")], ...args);
  assertEquals([theirs.code, dir.names()], [3, ["a"]]);
});

/** The ways to say what a file must hash to: arguments, and a line below its URL. */
const SOURCES: Record<string, (dir: TempDir) => [args: string[], option: string]> = {
  "--checksums": (dir) => {
    const sums = ["right", "wrong"].map((name) => `${SHA256}  ${name}\n`).join("");
    return [["--checksums", dir.write("SUMS", sums)], ""];
  },
  "checksum=": () => [[], `\n  checksum=sha-256=${SHA256}`],
};

for (const [source, tell] of Object.entries(SOURCES)) {
  testWithin(`case 26: files in place are checked against ${source}`, async () => {
    await using server = await FileServer.start({
      bytes: GOOD,
      etag: '"1"',
      lastModified: "Wed, 01 Jan 2020 00:00:00 GMT",
    });
    await using dir = new TempDir();
    await using lists = new TempDir();
    const [args, option] = tell(lists);
    const urls = ["/right", "/wrong"].map((path) => `${server.url(path)}${option}`);
    dir.write("right", GOOD);
    dir.write("wrong", BAD);
    for (const name of dir.names()) Deno.utimeSync(dir.file(name), 1e9, 1e9);

    const dry = await download(dir, urls, ...args, "--dry-run");
    assertEquals([dry.code, dry.stderr], [0, ""]);
    const skip = await download(dir, urls, ...args, "--if-exists", "skip");
    assertEquals([skip.code, skip.stderr], [0, ""]);
    assertFiles(dir, { right: GOOD, wrong: BAD });

    const run = await download(dir, urls, ...args);
    assertEquals(run.code, 3);
    assertMatch(run.stdout, /^- right +is already here \[✓ checksum verified\]$/m);
    const errors = errorsOf(run);
    assertEquals(Object.keys(errors), ["wrong"]);
    assertMatch(errors.wrong!, new RegExp(`expected ${SHA256}, got ${WRONG} `));
    assertMatch(errors.wrong!, /; remove it or choose --if-exists overwrite$/);
    assertFiles(dir, { right: GOOD, wrong: BAD });
    assertEquals(server.requests.length, 0);

    const again = await download(dir, urls, ...args, "--if-exists", "overwrite");
    assertEquals([again.code, again.stderr], [0, ""]);
    assertFiles(dir, { right: GOOD, wrong: GOOD });
    const conditions = server.requests.map(({ path, headers }) => [
      path,
      headers.get("if-modified-since"),
    ]);
    assertEquals(conditions, [["/wrong", undefined]]);
  });
}

testWithin("case 26: a single file in place is checked against --checksum", async () => {
  await using dir = new TempDir();
  const args = ["download", "http://127.0.0.1:1/file", "--checksum", `sha-256=${SHA256}`];
  for (const [bytes, code] of [[GOOD, 0], [BAD, 3]] as const) {
    dir.write("file", bytes);
    const run = await runDlm(args, { cwd: dir.path });
    assertEquals(run.code, code, run.stderr);
    assertFiles(dir, { file: bytes });
  }
});

testWithin("case 26: Ctrl+C ends the check of a large file in place", async () => {
  await using dir = new TempDir();
  {
    using file = Deno.createSync(dir.file("file"));
    file.truncateSync(2 ** 40); // takes no room, but more time than there is
  }
  const args = ["download", "http://127.0.0.1:1/file", "--checksum", `sha-256=${SHA256}`];
  await using dlm = new RunningDlm([...args, "--json", "--grace-period", "1h"], { cwd: dir.path });
  await dlm.saw(/"type":"queued"/);
  dlm.kill("SIGINT");
  const run = await dlm.outcome;
  assertEquals(run.code, 130, run.stderr);
  assertMatch(run.stdout, /"dropped":1/);
  assertEquals(dir.names(), ["file"]);
});
