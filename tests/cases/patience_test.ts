import { assert, assertEquals, assertMatch } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import { only, requestsFor, runManager } from "../support/download_run.ts";
import { FileServer, noise } from "../support/file_server.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertFiles, download, errorsOf } from "./support.ts";

testWithin("case 19: a host that asks for time gets it, and others go on", async () => {
  const askedMs: number[] = [];
  const date = () => new Date(Date.now() + 2_000).toUTCString();
  await using busy = new RawServer(({ path, earlier }, connection) => {
    if (earlier > 0 || !path.startsWith("/busy")) return connection.write(answer(path));
    askedMs.push(performance.now());
    const headers = { "retry-after": path === "/busy-date" ? date() : "1" };
    return connection.write(answer("", { status: "503 Busy", headers }));
  });
  await using other = new RawServer(({ path }, connection) => connection.write(answer(path)));
  await using dir = new TempDir();
  const list = ["/busy", "/1", "/2"].map((path) => busy.url(path));
  const others = ["/3", "/4", "/5"].map((path) => other.url(path));
  const run = await download(dir, [...list, ...others], "--workers", "1");
  assertEquals(run.code, 0, run.stderr);
  assertEquals(dir.names(), ["1", "2", "3", "4", "5", "busy"]);
  // One worker: after the answer, nothing but the other host is asked until the second is over.
  const order = [...run.stdout.matchAll(/^✓ (\S+)/gm)].map(([, name]) => name);
  assertEquals(order.slice(0, 3).sort(), ["3", "4", "5"]);
  assertMatch(run.stderr + run.stdout, /Retry-After|asks|paus|wait|busy/i);
  assertEquals(askedMs.length, 1);
}, 20_000);

for (
  const [header, ms] of [
    ["7", 7_000],
    ["0", 0],
    ["999999999", 3_600_000],
    ["Wed, 21 Oct 2015 07:28:00 GMT", 0],
    ["tomorrow", 0],
    ["-1", 0],
    ["1e9", 0],
  ] as const
) {
  testWithin(`case 19: Retry-After: ${header} is ${ms} ms, for the whole host`, async () => {
    const clock = new ManualClock();
    await using server: RawServer = new RawServer(({ path }, connection) => {
      const isFirst = server.requests.length === 1;
      return connection.write(
        isFirst
          ? answer("", { status: "429 Slow down", headers: { "retry-after": header } })
          : answer(path),
      );
    });
    await using dir = new TempDir();
    const retrying = Promise.withResolvers<number>();
    const run = runManager(requestsFor(server.url("/a"), server.url("/b")), {
      dir: dir.path,
      workers: 1,
      retryDelayMs: 0,
      clock,
      onEvent: (event) => event.type === "retrying" && retrying.resolve(event.delayMs),
    });
    assertEquals(await retrying.promise, ms);
    if (ms > 0) {
      await clock.advance(ms - 1);
      assertEquals(server.requests.length, 1, "the other file of that host waits as well");
      await clock.advance(1);
    }
    assertEquals((await run).summary.completed, 2);
  });
}

testWithin("case 19: retries are spread, and their number has an end", async () => {
  await using server = new RawServer((_, connection) =>
    connection.write(answer("", { status: "500 Oops" }))
  );
  await using dir = new TempDir();
  const urls = Array.from({ length: 4 }, (_, index) => server.url(`/${index}`));
  const { events, summary } = await runManager(requestsFor(...urls), {
    dir: dir.path,
    workers: 4,
    retries: 1,
    retryDelayMs: 10,
  });
  assertEquals([summary.failed, server.requests.length], [4, 8]);
  const delays = only(events, "retrying").map(({ delayMs }) => delayMs);
  assert(new Set(delays).size > 2, `the delays ${delays} are not spread`);
  for (const delay of delays) assert(delay >= 0 && delay <= 10, `${delay}`);
});

testWithin("case 20: silence ends an attempt wherever it begins", async () => {
  // A server that takes connections and says nothing at all, not even in TLS.
  await using mute = new RawServer(() => {});
  using deaf = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using server = await FileServer.start({
    bytes: noise(3_000_000, 1),
    etag: '"1"',
    script: ({ path, earlier }) =>
      path === "/once" && earlier > 0 ? undefined : {
        after: path === "/at-once" ? 0 : 1_000_000,
        then: "stall",
      },
  });
  await using dir = new TempDir();
  const urls = [
    mute.url("/headers"),
    `https://127.0.0.1:${deaf.addr.port}/tls`,
    `http://127.0.0.1:${deaf.addr.port}/accept`,
    server.url("/at-once"),
    server.url("/body"),
    server.url("/once"),
  ];
  const started = performance.now();
  const run = await download(dir, urls, "--timeout", "400ms", "--retries", "1", "-w", "8");
  const tookMs = performance.now() - started;
  assertEquals(run.code, 1);
  const errors = errorsOf(run);
  assertEquals(Object.keys(errors).sort(), ["accept", "at-once", "body", "headers", "tls"]);
  for (const error of Object.values(errors)) assertMatch(error, /^no byte for 0\.4s/);
  assertEquals(dir.names(), ["body.part", "body.part.json", "once"]);
  assert(tookMs >= 800 && tookMs < 8_000, `it took ${tookMs} ms`);
});

testWithin(
  "case 20: bytes that dribble end an attempt that wants speed, and no other",
  async () => {
    await using server = await FileServer.start({
      bytes: noise(64_000, 1),
      etag: '"1"',
      script: ({ path, earlier }) => ({
        bytesPerSecond: path === "/slow" && earlier === 0 ? 32_000 : 10_000_000,
      }),
    });
    await using dir = new TempDir();
    const args = ["--min-speed", "200k", "--timeout", "1s", "--retries", "1"];
    const run = await download(dir, [server.url("/slow"), server.url("/fast")], ...args);
    assertEquals(run.code, 0, run.stderr);
    assertMatch(run.stderr, /slow +slower than 200000 bytes a second/);
    assertFiles(dir, { slow: server.state.bytes, fast: server.state.bytes });
    const patient = await download(dir, [`${server.url("/slow")}\n  out=patient`]);
    assertEquals(patient.code, 0);
  },
);

testWithin("case 20: --max-time ends a file that never stops, retries or not", async () => {
  await using server = await FileServer.start({
    bytes: noise(10_000_000, 1),
    etag: '"1"',
    bytesPerSecond: 100_000,
  });
  await using dir = new TempDir();
  const run = await download(dir, [server.url("/a")], "--max-time", "700ms", "--retries", "9");
  assertEquals(run.code, 1);
  assertMatch(errorsOf(run).a!, /^not complete after 0\.7s/);
  assertEquals(dir.names(), ["a.part", "a.part.json"]);
});
