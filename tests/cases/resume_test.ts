import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Fault, FileServer, type FileState, noise } from "../support/file_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertFiles, download, errorsOf, rangesOf, requestsOf } from "./support.ts";

const SIZE = 400_000;
const CUT = 150_000;
const OLD = noise(SIZE, 1);
const NEW = noise(SIZE, 2);
const SHORTER = noise(SIZE - 1000, 3);
const LONG_AGO = "Wed, 21 Oct 2015 07:28:00 GMT";
const LATER = "Wed, 21 Oct 2015 07:28:01 GMT";

/** A file that is cut in a first run, and how the server has it in the second. */
interface Change {
  readonly before: FileState;
  readonly after: FileState;
  /** What is wrong with the server in both runs. */
  readonly fault?: Fault;
  /** Whether the second run brings only what is missing. */
  readonly resumes: boolean;
}

const etag = (bytes: Uint8Array<ArrayBuffer>, tag: string): FileState => ({ bytes, etag: tag });
const dated = (bytes: Uint8Array<ArrayBuffer>, lastModified: string): FileState => ({
  bytes,
  lastModified,
});
const same = (state: FileState) => ({ before: state, after: state });

const CHANGES: Record<string, Change> = {
  "/etag-same": { ...same(etag(OLD, '"1"')), resumes: true },
  "/date-same": { ...same(dated(OLD, LONG_AGO)), resumes: true },
  "/both-same": { ...same({ ...etag(OLD, '"1"'), lastModified: LONG_AGO }), resumes: true },
  "/etag-changed": { before: etag(OLD, '"1"'), after: etag(NEW, '"2"'), resumes: false },
  "/date-changed": { before: dated(OLD, LONG_AGO), after: dated(NEW, LATER), resumes: false },
  "/etag-changed-unheeded": {
    before: etag(OLD, '"1"'),
    after: etag(NEW, '"2"'),
    fault: { ignoreIfRange: true },
    resumes: false,
  },
  "/date-changed-unheeded": {
    before: dated(OLD, LONG_AGO),
    after: dated(NEW, LATER),
    fault: { ignoreIfRange: true },
    resumes: false,
  },
  "/etag-lost-unheeded": {
    before: etag(OLD, '"1"'),
    after: dated(NEW, LONG_AGO),
    fault: { ignoreIfRange: true },
    resumes: false,
  },
  "/length-changed-unheeded": {
    before: etag(OLD, '"1"'),
    after: etag(SHORTER, '"1"'),
    fault: { ignoreIfRange: true },
    resumes: false,
  },
  "/weak-etag": {
    before: etag(OLD, 'W/"1"'),
    after: etag(NEW, 'W/"1"'),
    fault: { ignoreIfRange: true },
    resumes: false,
  },
  "/no-validator": {
    before: { bytes: OLD },
    after: { bytes: NEW },
    fault: { ignoreIfRange: true },
    resumes: false,
  },
  "/date-of-this-second": {
    before: dated(OLD, LONG_AGO),
    after: dated(NEW, LONG_AGO),
    fault: { ignoreIfRange: true, headers: { date: LONG_AGO } },
    resumes: false,
  },
};

for (const segments of ["1", "auto", "3"]) {
  testWithin(`case 4: old and new bytes are never mixed, segments ${segments}`, async () => {
    const paths = Object.keys(CHANGES);
    let cut = true;
    await using server = await FileServer.start({
      bytes: OLD,
      script: ({ path }) => {
        const { before, after, fault } = CHANGES[path]!;
        return { state: cut ? before : after, ...fault, ...(cut ? { after: CUT } : {}) };
      },
    });
    await using dir = new TempDir();
    const urls = paths.map((path) => server.url(path));

    const first = await download(dir, urls, "--retries", "0", "--segments", segments);
    assertEquals(first.code, 1);
    assertEquals(Object.keys(errorsOf(first)).length, paths.length);
    const kept = paths.filter((path) => dir.names().includes(`${path.slice(1)}.part`));
    const useless = ["/weak-etag", "/no-validator", "/date-of-this-second"];
    assertEquals(kept, paths.filter((path) => !useless.includes(path)));
    assertEquals(dir.names().length, 2 * kept.length);

    cut = false;
    const before = server.requests.length;
    const second = await download(dir, urls, "--segments", segments);
    assertEquals([second.code, second.stderr], [0, ""]);
    assertFiles(
      dir,
      Object.fromEntries(paths.map((path) => [path.slice(1), CHANGES[path]!.after.bytes])),
    );
    for (const path of paths) {
      const asked = server.requests.slice(before).filter((request) => request.path === path);
      const [request] = asked;
      const { resumes, before: { etag, lastModified } } = CHANGES[path]!;
      if (resumes) assertEquals(asked.length, 1, path);
      if (!kept.includes(path)) continue;
      assertEquals(request!.headers.get("range"), `bytes=${CUT}-`, path);
      assertEquals(request!.headers.get("if-range"), etag ?? lastModified, path);
    }
  });
}

testWithin(
  "case 4: a part file without its journal, or beside a wrong one, is no use",
  async () => {
    const journal = (changes: Record<string, unknown>, path: string) =>
      JSON.stringify({
        version: 1,
        url: server.url(path),
        etag: '"1"',
        length: SIZE,
        done: [[0, CUT]],
        ...changes,
      });
    const wrong: Record<string, (path: string) => string | undefined> = {
      "/none": () => undefined,
      "/empty": () => "",
      "/half": (path) => journal({}, path).slice(0, 40),
      "/later-version": (path) => journal({ version: 2 }, path),
      "/another-url": () => journal({}, "/elsewhere"),
      "/beyond-part": (path) => journal({ done: [[0, SIZE]] }, path),
      "/beyond-length": (path) => journal({ length: CUT - 1 }, path),
      "/negative": (path) => journal({ done: [[-5, CUT]] }, path),
      "/no-validator": (path) => journal({ etag: undefined }, path),
      "/weak": (path) => journal({ etag: 'W/"1"' }, path),
    };
    await using server = await FileServer.start({ ...etag(NEW, '"1"') });
    await using dir = new TempDir();
    const paths = Object.keys(wrong);
    for (const path of paths) {
      dir.write(`${path.slice(1)}.part`, OLD.subarray(0, CUT));
      const text = wrong[path]!(path);
      if (text !== undefined) dir.write(`${path.slice(1)}.part.json`, text);
    }
    // A journal without its part file, and what an interrupted write of one leaves.
    dir.write("alone.part.json", journal({ done: [[0, SIZE]] }, "/alone"));
    dir.write("fresh.part.json~", "{");
    paths.push("/alone", "/fresh");

    const run = await download(dir, paths.map((path) => server.url(path)));
    assertEquals([run.code, run.stderr], [0, ""]);
    assertFiles(dir, Object.fromEntries(paths.map((path) => [path.slice(1), NEW])));
    assertEquals(
      server.requests.map(({ headers }) => headers.get("range")),
      paths.map(() => undefined),
    );
  },
);

for (const segments of ["1", "3"]) {
  const wrong: Record<string, Fault> = {
    "/whole": { ignoreRange: true },
    "/later": { shift: 1000 },
    "/missing": { headers: { "content-range": undefined } },
    "/garbled": { headers: { "content-range": "bytes 1-2-3/x" } },
    "/unit": { headers: { "content-range": `items ${CUT}-${SIZE - 1}/${SIZE}` } },
    "/backwards": { headers: { "content-range": `bytes ${CUT}-${CUT - 1}/${SIZE}` } },
    "/beyond": { headers: { "content-range": `bytes ${CUT}-${SIZE}/${SIZE}` } },
    "/other-size": { headers: { "content-range": `bytes ${CUT}-${SIZE - 2}/${SIZE}` } },
    "/huge": { headers: { "content-range": `bytes ${CUT}-${SIZE - 1}/99999999999999999999` } },
    "/multipart": { headers: { "content-type": "multipart/byteranges; boundary=x" } },
  };
  const cases = segments === "1" ? "cases 5 and 6" : "cases 5 and 6, asked from the first byte";
  testWithin(`${cases}: an answer that is not what was asked for starts over`, async () => {
    await using server = await FileServer.start({
      ...etag(OLD, '"1"'),
      script: ({ path, earlier }) => {
        if (segments === "1" && earlier === 0) return { after: CUT };
        return earlier < 2 ? wrong[path] : undefined;
      },
    });
    await using dir = new TempDir();
    const paths = Object.keys(wrong);
    const urls = paths.map((path) => server.url(path));
    const run = await download(dir, urls, "--segments", segments, "--retries", "2");
    assertEquals(run.code, 0, run.stderr);
    assertFiles(dir, Object.fromEntries(paths.map((path) => [path.slice(1), OLD])));
    if (segments !== "1") return;
    for (const path of paths) {
      const ranges = [undefined, `bytes=${CUT}-`, ...(path === "/whole" ? [] : [undefined])];
      assertEquals(rangesOf(server, path), ranges, path);
    }
  });
}

testWithin(
  "case 6: a part that is shorter than asked for is taken, and the rest asked for",
  async () => {
    const ranges = (from: number) => [from, from + 100_000, from + 200_000];
    await using server = await FileServer.start({
      ...etag(OLD, '"1"'),
      script: ({ path, earlier }) => {
        if (path === "/resumed" && earlier === 0) return { after: CUT };
        return { atMost: 100_000 };
      },
    });
    await using dir = new TempDir();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", OLD)).toHex();
    const urls = ["/resumed", "/fresh"].map((path) =>
      `${server.url(path)}\n  checksum=sha-256=${digest}`
    );
    const run = await download(dir, urls, "--segments", "3", "--retries", "1");
    assertEquals(run.code, 0, run.stderr);
    assertFiles(dir, { resumed: OLD, fresh: OLD });
    assertEquals(
      rangesOf(server, "/resumed").slice(1),
      ranges(CUT).map((from) => `bytes=${from}-`),
    );
    assertEquals(
      rangesOf(server, "/fresh"),
      [...ranges(0), 300_000].map((from) => `bytes=${from}-`),
    );
  },
);

for (const chunked of [false, true]) {
  testWithin(`case 21: a part that is longer than it says is cut, chunked ${chunked}`, async () => {
    // Long enough for the runtime's own pipe, which sees no bytes.
    const bytes = noise(4_000_000, 5);
    await using server = await FileServer.start({
      ...etag(bytes, '"1"'),
      script: ({ earlier }) =>
        earlier === 0 ? { after: 1_000_000 } : chunked ? { overflow: 5000 } : undefined,
    });
    await using dir = new TempDir();
    const run = await download(dir, [server.url("/a"), server.url("/b")], "--segments", "1");
    assertEquals(run.code, 0, run.stderr);
    assertFiles(dir, { a: bytes, b: bytes });
    // Nothing of it was in the way of the rest.
    assertEquals(server.requests.length, 4);
  });
}

for (const segments of ["1", "3"]) {
  testWithin(`case 6: parts without a byte come to an end, segments ${segments}`, async () => {
    const bytes = noise(4_000_000, 5);
    await using server = await FileServer.start({
      ...etag(bytes, '"1"'),
      script: ({ headers }) => {
        const start = /^bytes=(\d+)-/.exec(headers.get("range") ?? "")?.[1];
        if (start === undefined) return { after: 1_000_000 };
        const whole = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
        return { chunked: true, atMost: 0, headers: { "content-range": whole } };
      },
    });
    await using dir = new TempDir();
    const args = ["--segments", segments, "--retries", "2"];
    const run = await download(dir, [server.url("/a")], ...args);
    assertEquals(run.code, 1);
    assertMatch(errorsOf(run).a!, /^the body ended after 0 of \d+ bytes/);
    assert(server.requests.length <= 12, `${server.requests.length} requests`);
  });
}

testWithin("case 7: 416 says that all is there, or that it starts over", async () => {
  const says: Record<string, Fault | undefined> = {
    "/complete": undefined,
    "/other-length": { headers: { "content-range": `bytes */${SIZE + 1}` } },
    "/no-length": { headers: { "content-range": undefined } },
    "/other-etag": { headers: { etag: '"2"' } },
  };
  await using server = await FileServer.start({
    ...etag(OLD, '"1"'),
    // All the bytes, but not the end of the chunked body: how long the file is remains open.
    script: ({ path, earlier }) =>
      earlier === 0
        ? { chunked: true, after: SIZE }
        : earlier === 1
        ? says[path]
        : { state: etag(NEW, '"2"') },
  });
  await using dir = new TempDir();
  const paths = Object.keys(says);
  const run = await download(dir, paths.map((path) => server.url(path)));
  assertEquals(run.code, 0, run.stderr);
  const restarted = paths.slice(1).map((path) => [path.slice(1), NEW]);
  assertFiles(dir, { complete: OLD, ...Object.fromEntries(restarted) });
  for (const path of paths) {
    const ranges = [undefined, `bytes=${SIZE}-`, ...(path === "/complete" ? [] : [undefined])];
    assertEquals(rangesOf(server, path), ranges, path);
  }
});

testWithin("case 7: an empty file asked for in parts", async () => {
  await using server = await FileServer.start({ bytes: new Uint8Array(0), etag: '"0"' });
  await using dir = new TempDir();
  const run = await download(dir, [server.url("/empty")], "--segments", "4");
  assertEquals(run.code, 0, run.stderr);
  assertFiles(dir, { empty: new Uint8Array(0) });
  assertEquals(requestsOf(server, "/empty").length, 1);
});

for (const ignoreIfRange of [false, true]) {
  const how = ignoreIfRange ? "without heeding If-Range" : "and heeds If-Range";
  testWithin(`case 4: a file that changes under several connections, ${how}`, async () => {
    const before = etag(noise(8_000_000, 6), '"1"');
    const after = etag(noise(8_000_000, 7), '"2"');
    let requests = 0;
    await using server = await FileServer.start({
      ...before,
      bytesPerSecond: 4_000_000,
      script: () => ({ ignoreIfRange, state: ++requests < 4 ? before : after }),
    });
    await using dir = new TempDir();
    const run = await download(dir, [server.url("/a")], "--segments", "4", "--retries", "0");
    assertEquals(run.code, 0, run.stderr);
    assertFiles(dir, { a: after.bytes });
  });
}
