import { assert, assertEquals, assertMatch } from "@std/assert";
import { turn } from "../../src/clock/mod.ts";
import {
  type Checksum,
  DownloadManager,
  type DownloadRequest,
  type IfExists,
  parseUrl,
} from "../../src/download/mod.ts";
import { only, runManager } from "../support/download_run.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const MODIFIED = new Date(Date.UTC(2021, 5, 1));

async function sha256(text: string): Promise<Checksum> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return { algorithm: "sha-256", hex: new Uint8Array(digest).toHex() };
}

/** A file so long, though it takes no room, that no test lasts until it is hashed. */
function endless(dir: TempDir, name: string): void {
  using file = Deno.createSync(dir.file(name));
  file.truncateSync(2 ** 40);
}

/** Answers with `right`, or that there is nothing newer. */
const serve = (headers: Record<string, string> = {}) =>
  new RawServer((request, connection) =>
    connection.write(
      request.headers.has("if-modified-since")
        ? answer("", { status: "304 Not Modified" })
        : answer("right", { headers }),
    )
  );

/** What becomes of a file in place that must be `right`, and how often its server is asked. */
const TABLE: [
  policy: IfExists,
  there: string,
  outcome: string,
  left: Record<string, string>,
  requests: number,
][] = [
  ["resume", "right", "skipped exists, checked", { file: "right" }, 0],
  ["resume", "wrong", "failed checksum", { file: "wrong" }, 0],
  ["overwrite", "right", "skipped exists, checked", { file: "right" }, 0],
  ["overwrite", "wrong", "completed", { file: "right" }, 1],
  ["skip", "right", "skipped exists", { file: "right" }, 0],
  ["skip", "wrong", "skipped exists", { file: "wrong" }, 0],
  ["rename", "wrong", "completed", { file: "wrong", "file.1": "right" }, 1],
];

for (const [policy, there, outcome, left, requests] of TABLE) {
  for (const by of ["request", "name"]) {
    testWithin(`a file in place that is ${there}: ${policy}, known by its ${by}`, async () => {
      await using server = serve();
      await using dir = new TempDir();
      dir.write("file", there);
      Deno.utimeSync(dir.file("file"), MODIFIED, MODIFIED);
      const checksum = await sha256("right");
      const request: DownloadRequest = { urls: [parseUrl(server.url("/file"))] };
      const { summary, events } = await runManager(
        [by === "request" ? { ...request, checksum } : request],
        {
          dir: dir.path,
          ifExists: policy,
          checksums: by === "name" ? new Map([["file", checksum]]) : undefined,
        },
      );
      const told = [
        ...only(events, "skipped").map((event) =>
          `skipped ${event.reason}${event.checksum ? ", checked" : ""}`
        ),
        ...only(events, "failed").map(({ kind }) => `failed ${kind}`),
        ...only(events, "completed").map(() => "completed"),
      ];
      assertEquals(told, [outcome]);
      assertEquals([summary.files, summary.dropped], [1, 0]);
      assertEquals(dir.tree(), left);
      assertEquals(server.requests.length, requests);
    });
  }
}

testWithin(
  "a wrong file in place fails with what was expected, what is there and what to do",
  async () => {
    await using dir = new TempDir();
    dir.write("file", "wrong");
    const [right, wrong] = [await sha256("right"), await sha256("wrong")];
    const { events } = await runManager(
      [{ urls: [parseUrl("http://127.0.0.1:1/file")], checksum: right }],
      { dir: dir.path },
    );
    const [failed] = only(events, "failed");
    assertEquals(
      failed!.message,
      `the file in place has another checksum (sha-256): expected ${right.hex}, got ${wrong.hex}`,
    );
    assertEquals(failed!.advice, "remove it or choose --if-exists overwrite");
    assertEquals(failed!.attempts, 0);
  },
);

for (
  const [policy, there, left, requests] of [
    ["resume", "right", "right", 1],
    ["resume", "wrong", "wrong", 1],
    ["overwrite", "right", "right", 1],
    ["overwrite", "wrong", "right", 2],
  ] as const
) {
  testWithin(`a name from the server leads to a file that is ${there}: ${policy}`, async () => {
    await using server = serve({ "content-disposition": 'attachment; filename="named"' });
    await using dir = new TempDir();
    dir.write("named", there);
    const { summary, events } = await runManager([{ urls: [parseUrl(server.url("/file"))] }], {
      dir: dir.path,
      ifExists: policy,
      retries: 0,
      checksums: new Map([["named", await sha256("right")]]),
    });
    assertEquals(dir.tree(), { named: left });
    assertEquals(server.requests.length, requests);
    assertEquals(
      only(events, "failed").map(({ kind }) => kind),
      left === "wrong" ? ["checksum"] : [],
    );
    assertEquals(summary.skipped, there === "right" ? 1 : 0);
    assertEquals(only(events, "skipped").every(({ checksum }) => checksum), true);
  });
}

for (const there of ["right", "wrong"]) {
  testWithin(`not modified, with a digest that became known: ${there}`, async () => {
    const base64 = Uint8Array.fromHex((await sha256("right")).hex).toBase64();
    const headers = { "repr-digest": `sha-256=:${base64}:` };
    await using server = new RawServer(async ({ earlier }, connection) => {
      if (earlier === 1) return connection.write(answer("", { status: "304 Not Modified" }));
      const whole = answer("right", { headers });
      if (earlier > 1) return connection.write(whole);
      await connection.write(whole.subarray(0, -1)); // the digest has come, the body breaks off
      connection.close();
    });
    await using dir = new TempDir();
    dir.write("file", there);
    Deno.utimeSync(dir.file("file"), MODIFIED, MODIFIED);
    const { events } = await runManager([{ urls: [parseUrl(server.url("/file"))] }], {
      dir: dir.path,
      ifExists: "overwrite",
      verify: true,
      retries: 1,
    });
    const conditions = server.requests.map(({ headers }) => headers.has("if-modified-since"));
    assertEquals(conditions, there === "right" ? [true, true] : [true, true, false]);
    const skipped = only(events, "skipped").map(({ reason, checksum }) => [reason, !!checksum]);
    assertEquals(skipped, there === "right" ? [["unchanged", true]] : []);
    assertEquals(dir.tree(), { file: "right" });
  });
}

testWithin("a dry run reads no file in place", async () => {
  await using dir = new TempDir();
  endless(dir, "file");
  const checksum = await sha256("right");
  for (const [ifExists, skipped] of [["resume", 1], ["overwrite", 0]] as const) {
    const { summary } = await runManager(
      [{ urls: [parseUrl("http://127.0.0.1:1/file")], checksum }],
      { dir: dir.path, dryRun: true, ifExists },
    );
    assertEquals([summary.files, summary.skipped, summary.failed], [1, skipped, 0]);
  }
});

for (const how of ["drain", "signal"] as const) {
  testWithin(`${how} ends checks of files in place at once, and reads no further`, async () => {
    await using dir = new TempDir();
    const checksum = await sha256("right");
    const controller = new AbortController();
    const QUEUE = 3;
    let taken = 0;
    const full = Promise.withResolvers<void>();
    function* requests(): Generator<DownloadRequest> {
      for (;;) {
        const name = `file${++taken}`;
        endless(dir, name);
        if (taken === QUEUE + 3) full.resolve(); // two are read, the last one waits for room
        yield { urls: [parseUrl(`http://127.0.0.1:1/${name}`)], name, checksum };
      }
    }
    const manager = new DownloadManager({ dir: dir.path, queue: QUEUE, [how]: controller.signal });
    // The folder is listed when the first file is asked for.
    for (let number = 1; number <= QUEUE + 3; number++) endless(dir, `file${number}`);
    const running = manager.run(requests());
    await full.promise;
    for (let turns = 0; turns < 20; turns++) await turn();
    assertEquals(taken, QUEUE + 3);
    const checking = manager.stages.find(({ name }) => name === "checksum")!;
    assertEquals([checking.active, checking.queued], [2, QUEUE]);
    controller.abort(new Error("enough"));
    const summary = await running;
    assertEquals([summary.files, summary.dropped], [taken, taken]);
    assertEquals(dir.names().length, taken);
  });
}

testWithin("a download does not wait for the files that are only looked at", async () => {
  await using server = serve();
  await using dir = new TempDir();
  const checksum = await sha256("right");
  const stop = new AbortController();
  const names = ["a", "b", "c"];
  for (const name of names) endless(dir, name);
  const requests = [...names, "new"].map((name): DownloadRequest => ({
    urls: [parseUrl(server.url(`/${name}`))],
    checksum,
  }));
  const { summary } = await runManager(requests, {
    dir: dir.path,
    workers: 1,
    drain: stop.signal,
    onEvent: (event) => {
      if (event.type === "completed") stop.abort(new Error("enough"));
    },
  });
  assertEquals([summary.completed, summary.dropped], [1, 3]);
  assertEquals(dir.read("new"), "right");
});

testWithin("what another process has brought meanwhile is checked, too", async () => {
  await using dir = new TempDir();
  const checksum = await sha256("right");
  for (const [bytes, skipped] of [["right", 1], ["wrong", 0]] as const) {
    await using server = new RawServer((_, connection) => {
      dir.write("file", bytes);
      return connection.write(answer("right"));
    });
    const { summary, events } = await runManager(
      [{ urls: [parseUrl(server.url("/file"))], checksum }],
      { dir: dir.path },
    );
    assertEquals([summary.skipped, summary.failed], [skipped, 1 - skipped]);
    for (const { message } of only(events, "failed")) {
      assertMatch(message, /^the file in place has/);
    }
    assertEquals(dir.tree(), { file: bytes });
    assert(only(events, "skipped").every((event) => event.checksum));
    Deno.removeSync(dir.file("file"));
  }
});
