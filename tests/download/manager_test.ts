import { assert, assertEquals, assertRejects } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import {
  DownloadManager,
  type DownloadRequest,
  ListError,
  parseUrl,
} from "../../src/download/mod.ts";
import { only, requestsFor, runManager } from "../support/download_run.ts";
import { answer, type RawHandler, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

/** A body whose every byte depends on where it stands and on `seed`. */
function bytesOf(length: number, seed: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) + seed) & 0xff);
}

/** Moves the clock step by step, as bytes come through real sockets, until `promise` has settled. */
async function advanceUntil<T>(promise: Promise<T>, clock: ManualClock, ms: number): Promise<T> {
  let settled = false;
  promise.finally(() => settled = true).catch(() => {});
  while (!settled) await clock.advance(ms);
  return await promise;
}

/** Answers every request with its path. */
const echo: RawHandler = ({ path }, connection) => connection.write(answer(path));

testWithin("every file arrives byte for byte, whatever its size", async () => {
  const sizes = [0, 1, 1000, 65_536, 300_000, 3_000_000];
  await using server = new RawServer(({ path }, connection) => {
    const size = Number(path.slice(1));
    return connection.write(answer(bytesOf(size, size)));
  });
  await using dir = new TempDir();
  const urls = sizes.map((size) => server.url(`/${size}`));
  const { summary, events } = await runManager(requestsFor(...urls), { dir: dir.path, workers: 3 });
  assertEquals(dir.names(), sizes.map(String).sort());
  for (const size of sizes) {
    assertEquals(Deno.readFileSync(dir.file(String(size))), bytesOf(size, size));
  }
  assertEquals(summary.completed, sizes.length);
  assertEquals(summary.bytes, sizes.reduce((sum, size) => sum + size, 0));
  assertEquals(only(events, "completed").length, sizes.length);
  assertEquals(events.at(-1)!.type, "finished");
});

testWithin("events of a file come in their order and name it", async () => {
  await using server = new RawServer(echo);
  await using dir = new TempDir();
  const { events } = await runManager(requestsFor(server.url("/a.txt")), { dir: dir.path });
  assertEquals(events.map(({ type }) => type), ["queued", "started", "completed", "finished"]);
  const [completed] = only(events, "completed");
  assertEquals(completed!.id, 1);
  assertEquals(completed!.name, "a.txt");
  assertEquals(completed!.path, dir.file("a.txt"));
  assertEquals(completed!.url, server.url("/a.txt"));
  assertEquals([completed!.bytes, completed!.attempts, completed!.lengthUnknown], [6, 1, false]);
});

testWithin("the folder is made, and folders that a request names", async () => {
  await using server = new RawServer(echo);
  await using dir = new TempDir();
  const urls = [parseUrl(server.url("/a"))] as [URL];
  await runManager([
    { urls, name: "sub/b" },
    { urls, dir: dir.file("other"), name: "c" },
  ], { dir: dir.file("x/y") });
  assertEquals(dir.read("x/y/sub/b"), "/a");
  assertEquals(dir.read("other/c"), "/a");
});

testWithin("a file that fails leaves nothing, and the others go on", async () => {
  await using server = new RawServer(({ path }, connection) =>
    connection.write(answer("no", { status: path === "/bad" ? "404 Not Found" : "200 OK" }))
  );
  await using dir = new TempDir();
  const urls = ["/1", "/bad", "/2"].map((path) => server.url(path));
  const { summary, events } = await runManager(requestsFor(...urls), { dir: dir.path, workers: 1 });
  assertEquals([summary.completed, summary.failed], [2, 1]);
  assertEquals(dir.names(), ["1", "2"]);
  const [failed] = only(events, "failed");
  assertEquals(failed!.name, "bad");
  assertEquals([failed!.kind, failed!.status, failed!.attempts], ["http", 404, 1]);
});

testWithin("a passing error is tried again, with what was wrong", async () => {
  await using server = new RawServer(({ earlier }, connection) =>
    connection.write(answer("ok", { status: earlier < 2 ? "503 Busy" : "200 OK" }))
  );
  await using dir = new TempDir();
  const { summary, events } = await runManager(requestsFor(server.url("/a")), { dir: dir.path });
  assertEquals(summary.completed, 1);
  assertEquals(
    only(events, "retrying").map(({ retry, retries, message }) => [retry, retries, message]),
    [[1, 3, "the server answered 503 Service Unavailable"], [
      2,
      3,
      "the server answered 503 Service Unavailable",
    ]],
  );
  assertEquals(only(events, "completed")[0]!.attempts, 3);
});

for (const retries of [0, 2]) {
  testWithin(`with ${retries} retries there are ${retries + 1} attempts`, async () => {
    await using server = new RawServer((_, c) => c.write(answer("", { status: "500 Oops" })));
    await using dir = new TempDir();
    const { summary, events } = await runManager(requestsFor(server.url("/a")), {
      dir: dir.path,
      retries,
    });
    assertEquals([summary.failed, server.requests.length], [1, retries + 1]);
    assertEquals(only(events, "failed")[0]!.attempts, retries + 1);
  });
}

testWithin("a retry takes the next mirror", async () => {
  await using server = new RawServer(({ path }, connection) =>
    connection.write(answer(path, { status: path === "/dead" ? "503 Busy" : "200 OK" }))
  );
  await using dir = new TempDir();
  const urls = [parseUrl(server.url("/dead")), parseUrl(server.url("/alive"))] as [URL, URL];
  await runManager([{ urls }], { dir: dir.path });
  assertEquals(dir.read("dead"), "/alive");
});

testWithin("a retry waits as long as the server asks", async () => {
  await using server = new RawServer(({ earlier }, connection) =>
    connection.write(
      earlier > 0 ? answer("ok") : answer("", {
        status: "429 Slow down",
        headers: { "retry-after": "7" },
      }),
    )
  );
  await using dir = new TempDir();
  const clock = new ManualClock();
  const retrying = Promise.withResolvers<number>();
  const run = runManager(requestsFor(server.url("/a")), {
    dir: dir.path,
    clock,
    onEvent: (event) => event.type === "retrying" && retrying.resolve(event.delayMs),
  });
  assertEquals(await retrying.promise, 7000);
  await clock.advance(6999);
  assertEquals(server.requests.length, 1);
  await clock.advance(1);
  assertEquals((await run).summary.completed, 1);
});

const broken: [name: string, response: string, kind: string][] = [
  ["shorter than its length", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", "connect"],
  [
    "chunked and cut",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
    "connect",
  ],
  [
    "chunked with a malformed chunk",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
    "connect",
  ],
];

for (const [name, response, kind] of broken) {
  testWithin(`a body that is ${name} never becomes a file`, async () => {
    await using server = new RawServer(async (_, connection) => {
      await connection.write(response);
      connection.close();
    });
    await using dir = new TempDir();
    const { summary, events } = await runManager(requestsFor(server.url("/a")), {
      dir: dir.path,
      retries: 1,
    });
    assertEquals([summary.failed, server.requests.length], [1, 2]);
    assertEquals(only(events, "failed")[0]!.kind, kind);
    assert(!dir.names().includes("a"));
  });
}

testWithin("without a length the end of the connection is the end, and that is said", async () => {
  await using server = new RawServer(async (_, connection) => {
    await connection.write("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc");
    connection.close();
  });
  await using dir = new TempDir();
  const { events } = await runManager(requestsFor(server.url("/a")), { dir: dir.path });
  assertEquals(dir.read("a"), "abc");
  assertEquals(only(events, "completed")[0]!.lengthUnknown, true);
});

testWithin("a chunked body has a sure end", async () => {
  await using server = new RawServer((_, connection) =>
    connection.write(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    )
  );
  await using dir = new TempDir();
  const { events } = await runManager(requestsFor(server.url("/a")), { dir: dir.path });
  assertEquals(dir.read("a"), "abcde");
  assertEquals(only(events, "completed")[0]!.lengthUnknown, false);
});

testWithin("204 is an empty file; 206 and 304 that nobody asked for are errors", async () => {
  await using server = new RawServer(({ path }, connection) =>
    connection.write(
      `HTTP/1.1 ${path.slice(1)} X\r\n${path === "/206" ? "content-length: 0\r\n" : ""}\r\n`,
    )
  );
  await using dir = new TempDir();
  const urls = ["/204", "/206", "/304"].map((path) => server.url(path));
  const { events } = await runManager(requestsFor(...urls), { dir: dir.path });
  assertEquals(dir.names(), ["204"]);
  assertEquals(dir.read("204"), "");
  assertEquals(only(events, "failed").map(({ kind }) => kind), ["protocol", "protocol"]);
});

for (const silent of ["headers", "body"]) {
  testWithin(`a server that falls silent in its ${silent} is given up in time`, async () => {
    const clock = new ManualClock();
    const asked = Promise.withResolvers<void>();
    await using server = new RawServer(async (_, connection) => {
      if (silent === "body") {
        await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab");
      }
      asked.resolve();
      await connection.gone;
    });
    await using dir = new TempDir();
    const run = runManager(requestsFor(server.url("/a")), {
      dir: dir.path,
      clock,
      retries: 0,
      timeoutMs: 30_000,
    });
    await asked.promise;
    const { events } = await advanceUntil(run, clock, 1000);
    assertEquals(
      only(events, "failed").map(({ kind, message }) => [kind, message]),
      [["timeout", "no byte for 30s"]],
    );
  });
}

testWithin("a slow server that goes on sending is not given up", async () => {
  const clock = new ManualClock();
  const next = [0, 1, 2].map(() => Promise.withResolvers<void>());
  await using server = new RawServer(async (_, connection) => {
    await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n");
    for (const { promise } of next) {
      await promise;
      await connection.write("x");
    }
  });
  await using dir = new TempDir();
  let grown = Promise.withResolvers<void>();
  const run = runManager(requestsFor(server.url("/a")), {
    dir: dir.path,
    clock,
    retries: 0,
    timeoutMs: 10_000,
    onEvent: (event) => event.type === "progress" && grown.resolve(),
  });
  for (const { resolve } of next.slice(0, 2)) {
    grown = Promise.withResolvers();
    resolve();
    await advanceUntil(grown.promise, clock, 1);
    await clock.advance(9_000);
  }
  next[2]!.resolve();
  assertEquals((await run).summary.completed, 1);
});

testWithin("a body larger than allowed is refused, with and without a length", async () => {
  await using server = new RawServer(async ({ path }, connection) => {
    if (path === "/known") return await connection.write(answer(new Uint8Array(2000)));
    await connection.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    for (let i = 0; i < 20; i++) await connection.write(`64\r\n${"x".repeat(100)}\r\n`);
    await connection.write("0\r\n\r\n");
  });
  await using dir = new TempDir();
  const { events } = await runManager(
    requestsFor(server.url("/known"), server.url("/unknown")),
    { dir: dir.path, maxSize: 1000 },
  );
  assertEquals(only(events, "failed").map(({ kind }) => kind), ["too-large", "too-large"]);
  assertEquals(dir.names(), []);
});

for (
  const [policy, kept, skipped] of [
    ["skip", "old", 1],
    ["resume", "old", 1],
    ["overwrite", "/a.txt", 0],
    ["rename", "old", 0],
  ] as const
) {
  testWithin(`a file that is there already: ${policy}`, async () => {
    await using server = new RawServer(echo);
    await using dir = new TempDir();
    dir.write("a.txt", "old");
    const { summary } = await runManager(requestsFor(server.url("/a.txt")), {
      dir: dir.path,
      ifExists: policy,
    });
    assertEquals(dir.read("a.txt"), kept);
    assertEquals([summary.skipped, summary.completed], [skipped, 1 - skipped]);
    assertEquals(dir.names(), policy === "rename" ? ["a.1.txt", "a.txt"] : ["a.txt"]);
  });
}

testWithin("overwriting keeps the old file until the new one is whole", async () => {
  await using server = new RawServer(async (_, connection) => {
    await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
    connection.close();
  });
  await using dir = new TempDir();
  dir.write("a", "old");
  await runManager(requestsFor(server.url("/a")), {
    dir: dir.path,
    ifExists: "overwrite",
    retries: 0,
  });
  assertEquals(dir.read("a"), "old");
});

for (const dangling of [true, false]) {
  const kind = dangling ? "dangling link" : "link";
  testWithin(`a ${kind} where the file would go is not followed`, async () => {
    await using server = new RawServer(echo);
    await using dir = new TempDir();
    await using elsewhere = new TempDir();
    if (!dangling) elsewhere.write("victim", "precious");
    Deno.symlinkSync(elsewhere.file("victim"), dir.file("a"));
    for (const ifExists of ["resume", "skip", "rename", "overwrite"] as const) {
      await runManager(requestsFor(server.url("/a")), { dir: dir.path, ifExists });
      assertEquals(elsewhere.names(), dangling ? [] : ["victim"]);
      if (!dangling) assertEquals(elsewhere.read("victim"), "precious");
    }
    assertEquals(dir.read("a"), "/a");
    assert(Deno.lstatSync(dir.file("a")).isFile);
  });

  testWithin(`a ${kind} where the part file would go is not followed`, async () => {
    await using server = new RawServer(echo);
    await using dir = new TempDir();
    await using elsewhere = new TempDir();
    if (!dangling) elsewhere.write("victim", "precious");
    Deno.symlinkSync(elsewhere.file("victim"), dir.file("a.part"));
    const { events } = await runManager(requestsFor(server.url("/a")), { dir: dir.path });
    assertEquals(only(events, "failed").map(({ kind }) => kind), ["exists"]);
    assertEquals(elsewhere.names(), dangling ? [] : ["victim"]);
    if (!dangling) assertEquals(elsewhere.read("victim"), "precious");
  });
}

testWithin("two URLs with one name get names of their own, the same on every run", async () => {
  await using server = new RawServer(echo);
  await using dir = new TempDir();
  const urls = ["/1/a.zip", "/2/a.zip", "/3/A.ZIP", "/4/a.zip"].map((path) => server.url(path));
  for (let run = 0; run < 2; run++) {
    await runManager(requestsFor(...urls), { dir: dir.path, workers: 4, ifExists: "overwrite" });
    assertEquals(dir.names(), ["A.2.ZIP", "a.1.zip", "a.3.zip", "a.zip"]);
    assertEquals(dir.read("a.zip"), "/1/a.zip");
    assertEquals(dir.read("a.1.zip"), "/2/a.zip");
    assertEquals(dir.read("A.2.ZIP"), "/3/A.ZIP");
    assertEquals(dir.read("a.3.zip"), "/4/a.zip");
  }
});

testWithin("a URL that comes twice is fetched once", async () => {
  await using server = new RawServer(echo);
  await using dir = new TempDir();
  const url = server.url("/a");
  const { summary, events } = await runManager(requestsFor(url, url), { dir: dir.path });
  assertEquals([summary.files, summary.completed, summary.skipped], [2, 1, 1]);
  assertEquals(only(events, "skipped")[0]!.reason, "duplicate");
  assertEquals(server.requests.length, 1);
});

testWithin("bad lines of a list are told and counted", async () => {
  await using server = new RawServer(echo);
  await using dir = new TempDir();
  const [good] = requestsFor(server.url("/a"));
  const { summary, events } = await runManager([new ListError(7, "no URL"), good!], {
    dir: dir.path,
  });
  assertEquals([summary.rejected, summary.completed], [1, 1]);
  assertEquals(only(events, "rejected"), [{ type: "rejected", line: 7, message: "no URL" }]);
});

testWithin("a checksum is checked before the file gets its name", async () => {
  await using server = new RawServer(echo);
  await using dir = new TempDir();
  const urls = requestsFor(server.url("/a"))[0]!.urls;
  const hex = "2ab0c9ef7ae7e95f1e0b0bd07b9bd3b5c5c41a52a4dafb2a9c2e4bfa0a7df7ac";
  const digest = new Uint8Array(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode("/a")),
  );
  const good = { algorithm: "sha-256", hex: digest.toHex() } as const;
  const bad = { algorithm: "sha-256", hex } as const;
  const { events } = await runManager([
    { urls, name: "good", checksum: good },
    { urls, name: "bad", checksum: bad },
  ], { dir: dir.path, retries: 0 });
  assertEquals(dir.names(), ["good"]);
  assertEquals(only(events, "completed")[0]!.checksum, good);
  const [failed] = only(events, "failed");
  assertEquals(failed!.kind, "checksum");
  assert(failed!.message.includes(good.hex) && failed!.message.includes(hex), failed!.message);
  assertEquals([failed!.expected, failed!.got], [hex, good.hex]);
  const [retrying] = only(events, "retrying");
  assertEquals([retrying!.expected, retrying!.got], [hex, good.hex]);
});

testWithin("requests are taken no faster than the queue has room", async () => {
  const release = Promise.withResolvers<void>();
  const busy = Promise.withResolvers<void>();
  await using server = new RawServer(async (request, connection) => {
    if (server.requests.length === 2) busy.resolve();
    await release.promise;
    await echo(request, connection);
  });
  await using dir = new TempDir();
  let taken = 0;
  function* endless(): Generator<DownloadRequest> {
    for (; taken < 50; taken++) yield requestsFor(server.url(`/${taken}`))[0]!;
  }
  const run = runManager(endless(), { dir: dir.path, workers: 2, queue: 3 });
  await busy.promise;
  // Two under way, one handed over, three in the queue, one on its way into it, one being read.
  assert(taken <= 8, `${taken} requests were taken`);
  release.resolve();
  assertEquals((await run).summary.completed, 50);
});

testWithin("a higher priority goes first", async () => {
  await using server = new RawServer(echo);
  await using dir = new TempDir();
  const requests = [0, 5, -1, 5, 9].map((priority, index) => ({
    urls: [parseUrl(server.url(`/${index}`))] as [URL],
    priority,
  }));
  await runManager(requests, { dir: dir.path, workers: 1 });
  assertEquals(server.requests.map(({ path }) => path), ["/4", "/1", "/3", "/0", "/2"]);
});

testWithin("never more files at the same time than workers", async () => {
  let now = 0;
  let most = 0;
  await using server = new RawServer(async (request, connection) => {
    most = Math.max(most, ++now);
    await echo(request, connection);
    now--;
  });
  await using dir = new TempDir();
  const urls = Array.from({ length: 60 }, (_, index) => server.url(`/${index}`));
  const { events } = await runManager(requestsFor(...urls), { dir: dir.path, workers: 4 });
  assert(most <= 4, `${most} at once`);
  assertEquals(new Set(only(events, "started").map(({ worker }) => worker)), new Set([1, 2, 3, 4]));
});

testWithin("draining begins nothing new and lets what is under way end", async () => {
  const release = Promise.withResolvers<void>();
  const drain = new AbortController();
  await using server = new RawServer(async (request, connection) => {
    if (server.requests.length === 2) drain.abort(new Error("enough"));
    await release.promise;
    await echo(request, connection);
  });
  await using dir = new TempDir();
  const urls = Array.from({ length: 10 }, (_, index) => server.url(`/${index}`));
  const { summary, events } = await runManager(requestsFor(...urls), {
    dir: dir.path,
    workers: 2,
    drain: drain.signal,
    onEvent: (event) => event.type === "draining" && release.resolve(),
  });
  assertEquals([summary.completed, summary.cancelled], [2, 0]);
  assertEquals(summary.completed + summary.dropped, summary.files);
  const [draining] = only(events, "draining");
  assertEquals([draining!.reason, draining!.inFlight.length], ["enough", 2]);
});

testWithin("a cancelled run ends at once and says how far each file was", async () => {
  const cancel = new AbortController();
  await using server = new RawServer(async (_, connection) => {
    await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab");
    if (server.requests.length === 2) cancel.abort(new Error("stop"));
    await connection.gone;
  });
  await using dir = new TempDir();
  const urls = Array.from({ length: 10 }, (_, index) => server.url(`/${index}`));
  const { summary, events } = await runManager(requestsFor(...urls), {
    dir: dir.path,
    workers: 2,
    signal: cancel.signal,
  });
  assertEquals([summary.completed, summary.cancelled], [0, 2]);
  assertEquals(summary.cancelled + summary.dropped, summary.files);
  assertEquals(only(events, "cancelled").length, 2);
  assertEquals(only(events, "cancelling")[0]!.reason, "stop");
});

testWithin("a run that is cancelled before it begins does nothing", async () => {
  await using server = new RawServer(echo);
  await using dir = new TempDir();
  const { summary } = await runManager(requestsFor(server.url("/a")), {
    dir: dir.path,
    signal: AbortSignal.abort(new Error("no")),
  });
  assertEquals([summary.completed, server.requests.length], [0, 0]);
});

testWithin("an error of the source ends the run with that error", async () => {
  await using server = new RawServer(echo);
  await using dir = new TempDir();
  async function* source(): AsyncGenerator<DownloadRequest> {
    yield requestsFor(server.url("/a"))[0]!;
    await Promise.resolve();
    throw new Error("the list broke");
  }
  await assertRejects(() => runManager(source(), { dir: dir.path }), Error, "the list broke");
  assertEquals(dir.names(), ["a"]);
});

testWithin("a folder that can't be made fails every file with one clear reason", async () => {
  await using server = new RawServer(echo);
  await using dir = new TempDir();
  dir.write("file", "");
  const { events } = await runManager(requestsFor(server.url("/a")), { dir: dir.file("file/sub") });
  const [failed] = only(events, "failed");
  assertEquals(failed!.kind, "file");
  assert(failed!.message.includes("is not a folder"), failed!.message);
});

testWithin("a manager runs once", async () => {
  const manager = new DownloadManager();
  await manager.run([]);
  await assertRejects(() => manager.run([]), TypeError, "runs once");
});
