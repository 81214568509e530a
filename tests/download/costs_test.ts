import { assert, assertEquals } from "@std/assert";
import { copyBody } from "../../src/download/_body.ts";
import { fetched } from "../../src/download/_fetch_body.ts";
import { bodyOf } from "../../src/download/_http_body.ts";
import { HttpConnection, type Wire } from "../../src/download/_http_connection.ts";
import type { ByteSource } from "../../src/download/_http_response.ts";
import { largeBuffers } from "../support/allocations.ts";
import { requestsFor, runManager } from "../support/download_run.ts";
import { fileCalls } from "../support/file_calls.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const FILES = 50;
const WORKERS = 5;

/** No time passes for whoever measures it, as on a machine that is fast enough for every shortcut. */
function stoppedTime(): Disposable {
  const { now } = performance;
  const stopped = now.call(performance);
  performance.now = () => stopped;
  return { [Symbol.dispose]: () => void (performance.now = now) };
}

testWithin("a small file costs one request and eight calls, and connections are kept", async () => {
  const small = answer("a small file", {
    headers: { "last-modified": "Tue, 01 Jul 2025 12:00:00 GMT" },
  });
  await using server = new RawServer((_, connection) => connection.write(small));
  await using dir = new TempDir();
  const urls = Array.from({ length: FILES }, (_, index) => server.url(`/${index}`));
  using connect = countConnections();
  const calls = await fileCalls(async () => {
    using _stopped = stoppedTime();
    const { summary } = await runManager(requestsFor(...urls), { dir: dir.path, workers: WORKERS });
    assertEquals(summary.completed, FILES);
  });
  assertEquals(calls, {
    // The folder is made, looked into, and put on the disk through a handle that `using` closes.
    "mkdir": 1,
    "readDir": 1,
    "open": FILES + 1,
    "file.sync": 1,
    "file.close": FILES,
    "file.tryLock": FILES,
    "file.write": FILES,
    "file.utime": FILES,
    "file.syncData": FILES,
    "link": FILES,
    "remove": FILES,
  });
  assertEquals(server.requests.length, FILES);
  assert(connect.count <= WORKERS, `${connect.count} connections for ${WORKERS} workers`);
});

testWithin("a server that leads to another one for each file costs a connection more", async () => {
  await using target = new RawServer((_, connection) => connection.write(answer("a small file")));
  await using near = hubTo(target);
  await using far = hubTo(near);
  for (const [workers, hub, each] of [[1, far, 3], [WORKERS, near, 2], [20, near, 2]] as const) {
    await using dir = new TempDir();
    const urls = Array.from({ length: 4 * FILES }, (_, index) => hub.url(`/${index}`));
    using connect = countConnections();
    const { summary } = await runManager(requestsFor(...urls), { dir: dir.path, workers });
    assertEquals(summary.completed, 4 * FILES);
    assert(connect.count <= each * workers, `${connect.count} connections for ${workers} workers`);
  }
});

/** Leads to another server for each file. */
function hubTo(server: RawServer): RawServer {
  return new RawServer(({ path }, connection) => {
    const headers = { "location": server.url(path) };
    return connection.write(answer("", { status: "302 Found", headers }));
  });
}

/** A map or set that has changed more often than this is not one of a single file. */
const CHANGES_OF_ONE_FILE = 20;

/**
 * Counts changes of long-lived maps and sets. Each table that one of them outgrows leads to the next
 * one, so tables that change with each file keep the garbage of all files alive until a full
 * collection.
 */
function countTableChanges(): Disposable & { readonly count: number } {
  let count = 0;
  const changes = new WeakMap<object, number>();
  const originals = [[Map, "set"], [Map, "delete"], [Set, "add"], [Set, "delete"]] as const;
  const undo = originals.map(([{ prototype }, name]) => {
    const table = prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
    const original = table[name]!;
    table[name] = function (...args) {
      const result = original.apply(this, args);
      if (result === false) return result; // there was nothing to delete
      const before = changes.get(this) ?? 0;
      changes.set(this, before + 1);
      if (before > CHANGES_OF_ONE_FILE) count++;
      return result;
    };
    return () => void (table[name] = original);
  });
  return {
    get count() {
      return count;
    },
    [Symbol.dispose]: () => undo.forEach((each) => each()),
  };
}

testWithin("no lasting map or set changes with each file", async () => {
  await using server = new RawServer((_, connection) => connection.write(answer("a small file")));
  const changes = async (files: number) => {
    await using dir = new TempDir();
    const urls = Array.from({ length: files }, (_, index) => server.url(`/${index}`));
    using tables = countTableChanges();
    await runManager(requestsFor(...urls), { dir: dir.path, workers: WORKERS });
    return tables.count;
  };
  await changes(FILES);
  const [few, many] = [await changes(FILES), await changes(5 * FILES)];
  assert(many - few < FILES, `${many - few} changes for ${4 * FILES} more files`);
});

function countConnections(): Disposable & { readonly count: number } {
  const { connect } = Deno;
  let count = 0;
  Deno.connect = ((options: Deno.ConnectOptions) => {
    count++;
    return connect(options);
  }) as typeof connect;
  return {
    get count() {
      return count;
    },
    [Symbol.dispose]: () => void (Deno.connect = connect),
  };
}

const MIB = 1024 * 1024;

/** Reads and chunks come in these sizes in turn. */
const SIZES = [65_536, 1, 300_000, 1_448, 16_384, 131_072];

/** How much `at` brings when there is room for so much. */
function sizeAt(at: number, room: number): number {
  return Math.min(SIZES[at % SIZES.length]!, room);
}

/** A wire that brings a head and then zeros without end. */
class EndlessWire implements Wire {
  readonly #head: Uint8Array;
  #reads = 0;

  constructor(head: string) {
    this.#head = new TextEncoder().encode(head);
  }

  read(buffer: Uint8Array): Promise<number> {
    if (this.#reads++ > 0) return Promise.resolve(sizeAt(this.#reads, buffer.length));
    buffer.set(this.#head);
    return Promise.resolve(this.#head.length);
  }

  write(bytes: Uint8Array): Promise<number> {
    return Promise.resolve(bytes.length);
  }

  close(): void {}
}

const sources: Record<string, (length: number) => Promise<ByteSource>> = {
  async "a connection of our own"(length) {
    const wire = new EndlessWire(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`);
    const connection = new HttpConnection(wire, 256 * 1024);
    return bodyOf((await connection.head())!, connection, () => {});
  },
  "fetch"(length) {
    let left = length;
    let pulls = 0;
    const body = new ReadableStream({
      type: "bytes",
      pull(controller) {
        const { view } = controller.byobRequest!;
        const size = Math.min(left, sizeAt(pulls++, view!.byteLength));
        left -= size;
        if (size === 0) controller.close();
        controller.byobRequest!.respond(size);
      },
    });
    return Promise.resolve(fetched(new Response(body)).body);
  },
};

for (const [name, open] of Object.entries(sources)) {
  testWithin(`a body from ${name} takes a handful of buffers, however long it is`, async () => {
    const receive = (length: number) =>
      largeBuffers(async () => {
        using file = Deno.openSync("/dev/null", { write: true });
        const received = await copyBody(await open(length), {
          file,
          path: "/dev/null",
          start: 0,
          end: () => length,
          maxSize: Infinity,
          take: () => undefined,
          onPosition: () => {},
          signal: new AbortController().signal,
        });
        assertEquals(received, length);
      });
    const short = await receive(4 * MIB);
    assert(short >= 1 && short <= 6, `${short} buffers`);
    assertEquals(await receive(64 * MIB), short);
  });
}
