import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { DownloadManager } from "../../src/download/mod.ts";
import { requestsFor } from "../support/download_run.ts";
import { type Fault, FileServer, type FileState, noise } from "../support/file_server.ts";
import { type Random, withSeed } from "./random.ts";

/** How long the file is. */
export const SIZE: number = 32 * 1024 * 1024;

/** Where files are downloaded to. */
export interface Place {
  readonly path: string;
  file(name: string): string;
  names(): string[];
}

/** What else can go wrong in one place: it is done when an answer begins, and undone after the run. */
export interface Trouble {
  begin(random: Random): void;
  end(): void;
}

/** How many of the answers for one file are wrong, at most. */
const ROUNDS_PER_FILE = 6;

/** More runs than this for one file mean that it makes no headway. */
const MOST_RUNS = 2 * ROUNDS_PER_FILE;

/** A run that takes longer than this has come to a stop. */
const LONGEST_RUN_MS = 20_000;

/** The versions of the file; each is another one in every byte. */
const VERSIONS: readonly FileState[] = [1, 2, 3].map((seed) => ({
  bytes: noise(SIZE, seed),
  etag: `"v${seed}"`,
  lastModified: new Date(Date.UTC(2020, 0, seed)).toUTCString(),
}));

/** What a server, a line or a user can do in the middle of a download. */
const FAULTS: Record<string, (random: Random, server: FileServer, cancel: () => void) => Fault> = {
  reset: (random) => ({ after: random.between(0, SIZE), then: "reset" }),
  close: (random) => ({ after: random.between(0, SIZE), then: "close" }),
  "close at once": () => ({ after: 0, then: "close" }),
  stall: (random) => ({ after: random.between(0, SIZE / 4), then: "stall" }),
  "another part": (random) => ({ shift: random.between(1, 1000) }),
  "a short part": (random) => ({ atMost: random.between(1, SIZE / 4) }),
  "a long part": (random) => ({ overflow: random.between(1, 100_000) }),
  "no Content-Range": () => ({ headers: { "content-range": undefined } }),
  "the whole": () => ({ ignoreRange: true }),
  "the whole, cut": (random) => ({ ignoreRange: true, after: random.between(0, SIZE) }),
  chunked: (random) => ({ chunked: true, after: random.between(0, SIZE) }),
  busy: () => ({ status: 503 }),
  "no more ranges": () => ({ status: 416, headers: { "content-range": `bytes */${SIZE + 1}` } }),
  "another version": (random, server) => {
    server.state = random.pick(VERSIONS);
    return {};
  },
  "another version, unheeded": (random, server) => {
    server.state = random.pick(VERSIONS);
    return { ignoreIfRange: true };
  },
  cancelled: (random, _, cancel) => ({ after: random.between(0, SIZE), then: cancel }),
};

/**
 * Downloads files in the middle of `count` wrong answers, one after the other, with one, four and
 * any number of connections. `trouble` is one more thing that can happen.
 */
export async function downloadThrough(
  count: number,
  lane: number,
  makePlace: () => Place & AsyncDisposable,
  trouble?: (place: Place) => Trouble,
): Promise<void> {
  await withSeed(lane, async (random) => {
    for (let rounds = 0, file = 0; rounds < count; file++) {
      const segments = [1, 4, "auto"][file % 3] as number | "auto";
      await using place = makePlace();
      rounds += await downloadOne(random, segments, place, trouble?.(place));
    }
  });
}

/** Downloads one file, checks what has come, and resolves with the number of wrong answers. */
async function downloadOne(
  random: Random,
  segments: number | "auto",
  dir: Place,
  trouble: Trouble | undefined,
): Promise<number> {
  const retries = random.pick([0, 1, 20]);
  const told: string[] = [`segments ${segments}, retries ${retries}`];
  let rounds = 0;
  let cancel = () => {};
  await using server = await FileServer.start({
    ...random.pick(VERSIONS),
    script: ({ number, headers }) => {
      if (rounds === ROUNDS_PER_FILE || random.next() < 0.2) return undefined;
      rounds++;
      const isTrouble = trouble !== undefined && random.next() < 0.4;
      const name = isTrouble ? "trouble" : random.pick(Object.keys(FAULTS));
      told.push(`${number}: ${name}, ${headers.get("range") ?? "no range"}`);
      if (!isTrouble) return FAULTS[name]!(random, server, () => cancel());
      trouble.begin(random);
      return {};
    },
  });
  try {
    let before = server.state;
    for (let run = 0; !dir.names().includes("file.bin"); run++) {
      if (run === MOST_RUNS) throw new Error("no headway");
      before = server.state;
      const controller = new AbortController();
      cancel = () => controller.abort();
      const manager = new DownloadManager({
        dir: dir.path,
        segments,
        retries,
        retryDelayMs: 1,
        timeoutMs: 400,
        signal: controller.signal,
        onEvent: (event) => {
          if (event.type === "retrying" || event.type === "failed") told.push(event.message);
        },
      });
      await within(LONGEST_RUN_MS, manager.run(requestsFor(server.url())));
      trouble?.end();
    }
    assertEquals(dir.names(), ["file.bin"]);
    const got = Deno.readFileSync(dir.file("file.bin"));
    // What the server had when it was last asked, or before that answer changed it.
    const isWhole = [before, ...VERSIONS].some(({ bytes }) => isSame(got, bytes));
    if (!isWhole) throw new Error(`the ${got.length} bytes are not one version's`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error([message, ...told].join("\n"), { cause: error });
  }
  return rounds;
}

/** Rejects when the time is over, so that whatever was told before is known. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no end after ${ms} ms`)), ms);
  try {
    await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
