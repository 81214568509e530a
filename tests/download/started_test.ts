import { assert, assertEquals } from "@std/assert";
import type { DownloadEvent } from "../../src/download/mod.ts";
import { only, requestsFor, runManager } from "../support/download_run.ts";
import { type Fault, FileServer, type FileState } from "../support/file_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const SIZE = 300_000;
const CUT = 120_000;

/** A state of the file. */
function stateOf(seed: number): FileState {
  return {
    bytes: Uint8Array.from({ length: SIZE }, (_, index) => (index * 31 + seed) & 0xff),
    etag: `"${seed}"`,
  };
}

const STATE = stateOf(1);

/** What one event of a kind says of the bytes in place. */
function inPlace(events: readonly DownloadEvent[]): (number | undefined)[][] {
  return only(events, "started").map(({ attempt, bytes, length }) => [attempt, bytes, length]);
}

/** What the next run meets, and where the file is resumed. */
const SECOND_RUNS: Record<string, { fault: Fault; resumedAt: number | undefined }> = {
  "is continued": { fault: {}, resumedAt: CUT },
  "has changed meanwhile": { fault: { state: stateOf(2) }, resumedAt: undefined },
  "comes from a server that ignores ranges": { fault: { ignoreRange: true }, resumedAt: undefined },
  "comes with the wrong part": { fault: { shift: 1 }, resumedAt: undefined },
};

for (const [what, { fault, resumedAt }] of Object.entries(SECOND_RUNS)) {
  testWithin(`a file that ${what} says what was in place`, async () => {
    await using server = await FileServer.start({ ...STATE, script: () => ({ after: CUT }) });
    await using dir = new TempDir();
    const requests = requestsFor(server.url());
    const options = { dir: dir.path, segments: 1, retries: 0 } as const;
    const first = await runManager(requests, options);
    assertEquals(inPlace(first.events), [[1, 0, undefined]]);

    server.script = ({ headers }) => headers.has("range") ? fault : { state: fault.state ?? STATE };
    const second = await runManager(requests, options);
    assertEquals(inPlace(second.events), [[1, CUT, SIZE]]);
    assertEquals(only(second.events, "completed").map((event) => event.resumedAt), [resumedAt]);
    assertEquals([second.summary.bytes, second.summary.resumedBytes], [SIZE, resumedAt ?? 0]);
  });
}

testWithin(
  "what an earlier attempt of the same run has brought is in place, not resumed",
  async () => {
    await using server = await FileServer.start({
      ...STATE,
      script: ({ earlier }) => earlier === 0 ? { after: CUT } : {},
    });
    await using dir = new TempDir();
    const { events, summary } = await runManager(requestsFor(server.url()), {
      dir: dir.path,
      segments: 1,
    });
    assertEquals(inPlace(events), [[1, 0, undefined], [2, CUT, SIZE]]);
    assertEquals(only(events, "completed")[0]!.resumedAt, undefined);
    assertEquals(summary.resumedBytes, 0);
  },
);

testWithin("an attempt that can't open its part file begins, too, before it fails", async () => {
  await using server = await FileServer.start(STATE);
  await using dir = new TempDir();
  Deno.mkdirSync(dir.file("file.bin.part/full"), { recursive: true });
  const { events } = await runManager(requestsFor(server.url()), { dir: dir.path });
  assertEquals(events.map(({ type }) => type), ["queued", "started", "failed", "finished"]);
  assertEquals(inPlace(events), [[1, 0, undefined]]);
  assertEquals(only(events, "failed")[0]!.attempts, 1);
});

testWithin("a drain right after the start tells what is in place", async () => {
  await using server = await FileServer.start({ ...STATE, script: () => ({ after: CUT }) });
  await using dir = new TempDir();
  const options = { dir: dir.path, segments: 1, retries: 0 } as const;
  await runManager(requestsFor(server.url()), options);
  const drain = new AbortController();
  const { events } = await runManager(requestsFor(server.url()), {
    ...options,
    drain: drain.signal,
    onEvent: ({ type }) => {
      if (type === "started") drain.abort("enough");
    },
  });
  const [draining] = only(events, "draining");
  assert(draining);
  assertEquals(draining.inFlight.map(({ bytes, length }) => [bytes, length]), [[CUT, SIZE]]);
});
