import { assert, assertEquals, assertRejects } from "@std/assert";
import { copyBody } from "../../src/download/_body.ts";
import { fetched } from "../../src/download/_fetch_body.ts";
import type { ByteSource } from "../../src/download/_http_response.ts";
import { DownloadError } from "../../src/download/mod.ts";
import { RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

/** All of a body, to the beginning of a file. */
const COPY = {
  path: "a",
  start: 0,
  end: () => Infinity,
  maxSize: Infinity,
  take: () => undefined,
  onPosition: () => {},
  signal: new AbortController().signal,
};

/** A body of these pieces, after which it ends or falls silent. */
function bodyOf(pieces: Uint8Array<ArrayBuffer>[], atEnd: "close" | "stall"): ByteSource {
  const left = [...pieces];
  const stream = new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const piece = left.shift();
      if (piece) return controller.enqueue(piece);
      if (atEnd === "stall") await new Promise(() => {});
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
  return fetched(new Response(stream)).body;
}

const bytes = (...values: number[]) => new Uint8Array(values);

testWithin("a body is copied to its place, up to the end of its range", async () => {
  await using dir = new TempDir();
  using file = await Deno.open(dir.file("a"), { write: true, create: true });
  const positions: number[] = [];
  const position = await copyBody(bodyOf([bytes(1, 2), bytes(3, 4)], "close"), {
    ...COPY,
    file,
    start: 10,
    end: () => 13,
    onPosition: (position) => positions.push(position),
  });
  assertEquals([position, positions], [13, [12, 13]]);
  assertEquals(Deno.readFileSync(dir.file("a")), bytes(1, 2, 3));
});

testWithin("the end of a range may come closer while it is copied", async () => {
  await using dir = new TempDir();
  using file = await Deno.open(dir.file("a"), { write: true, create: true });
  let end = 100;
  const position = await copyBody(bodyOf([bytes(1, 2), bytes(3, 4), bytes(5)], "close"), {
    ...COPY,
    file,
    end: () => end,
    onPosition: () => end = 3,
  });
  assertEquals([position, Deno.readFileSync(dir.file("a"))], [3, bytes(1, 2, 3)]);
});

testWithin("an abort ends the wait for more, whatever the body's source does", async () => {
  await using dir = new TempDir();
  using file = await Deno.open(dir.file("a"), { write: true, create: true });
  const controller = new AbortController();
  const copied = copyBody(bodyOf([bytes(1, 2)], "stall"), {
    ...COPY,
    file,
    onPosition: () => setTimeout(() => controller.abort(new Error("enough")), 0),
    signal: controller.signal,
  });
  await assertRejects(() => copied, Error, "enough");
});

testWithin("a body whose response is garbage ends when it is told to", async () => {
  await using server = new RawServer(async (_, connection) => {
    await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc");
    await connection.gone;
  });
  await using dir = new TempDir();
  using file = await Deno.open(dir.file("a"), { write: true, create: true });
  const controller = new AbortController();
  const { signal } = controller;
  const begun = Promise.withResolvers<void>();
  const receive = async () => {
    const { body } = fetched(await fetch(server.url("/a"), { signal }));
    await copyBody(body, { ...COPY, file, signal, onPosition: () => begun.resolve() });
  };
  const received = assertRejects(receive, Error, "enough");
  await begun.promise;
  // What is no longer reachable is gone after this much more.
  for (let garbage = 0; garbage < 40; garbage++) new Uint8Array(16 * 1024 * 1024).fill(1);
  await new Promise((resolve) => setTimeout(resolve, 0));
  controller.abort(new Error("enough"));
  await received;
});

/** Pieces in two buffers that take turns, each filled anew as soon as it may be. */
function turns(sizes: readonly number[]): ByteSource & { readonly sent: number[] } {
  const buffers = [new Uint8Array(1 << 20), new Uint8Array(1 << 20)];
  const sent: number[] = [];
  let call = 0;
  return {
    sent,
    next: () => {
      const size = sizes[call];
      if (size === undefined) return Promise.resolve(undefined);
      const piece = buffers[call % 2]!.fill(call + 1).subarray(0, size);
      for (let i = 0; i < size; i++) sent.push(call + 1);
      call++;
      return Promise.resolve(piece);
    },
    cancel: () => {},
    abort: () => {},
  };
}

testWithin("pieces are released as soon as they are written at once", async () => {
  await using dir = new TempDir();
  using file = await Deno.open(dir.file("a"), { write: true, create: true });
  const log: string[] = [];
  const pieces = [bytes(1, 2), bytes(3)];
  const body: ByteSource = {
    next: () => Promise.resolve(pieces.shift()),
    release: () => log.push("released"),
    cancel: () => log.push("given up"),
    abort() {},
  };
  await copyBody(body, {
    ...COPY,
    file,
    onPosition: (position) => log.push(`${position}`),
  });
  assertEquals(log, ["2", "released", "3", "released", "given up"]);
});

testWithin("pieces that another thread writes are not released", async () => {
  await using dir = new TempDir();
  using file = await Deno.open(dir.file("a"), { write: true, create: true });
  const pieces = [2 * 1024 * 1024, 64 * 1024, 64 * 1024, 1].map((size) => new Uint8Array(size));
  let asked = 0;
  const released: number[] = [];
  const body: ByteSource = {
    next: () => Promise.resolve(pieces[asked++]),
    release: () => released.push(asked),
    cancel() {},
    abort() {},
  };
  await copyBody(body, { ...COPY, file });
  assertEquals(released, [1, 4], "neither the second nor the third");
});

testWithin("large pieces are in the file before they are counted, in their order", async () => {
  await using dir = new TempDir();
  using file = await Deno.open(dir.file("a"), { write: true, read: true, create: true });
  const source = turns([300_000, 10, 500_000, 200_000, 1, 150_000]);
  const positions: number[] = [];
  const end = await copyBody(source, {
    ...COPY,
    file,
    onPosition: (position) => {
      positions.push(position);
      assert(file.statSync().size >= position, "counted before it was written");
    },
  });
  assertEquals(positions, [300_000, 300_010, 800_010, 1_000_010, 1_000_011, 1_150_011]);
  assertEquals(end, 1_150_011);
  assert(Deno.readFileSync(dir.file("a")).every((byte, at) => byte === source.sent[at]));
});

testWithin("the connection is given up only when the last piece has been written", async () => {
  await using dir = new TempDir();
  using file = await Deno.open(dir.file("a"), { write: true, create: true });
  const source = turns([400_000]);
  let written = 0;
  let writtenAtCancel: number | undefined;
  await copyBody({ ...source, cancel: () => writtenAtCancel ??= written }, {
    ...COPY,
    file,
    end: () => 400_000,
    onPosition: (position) => written = position,
  });
  assertEquals(writtenAtCancel, 400_000);
});

testWithin("an abort while a piece is being written spares its memory until it is", async () => {
  await using dir = new TempDir();
  using file = await Deno.open(dir.file("a"), { write: true, create: true });
  const [written, told] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = Object.assign(Object.create(file), {
    writeSync: (bytes: Uint8Array) => file.writeSync(bytes),
    write: async (bytes: Uint8Array) => {
      told.resolve();
      await written.promise;
      return file.writeSync(bytes);
    },
  });
  const calls: string[] = [];
  const source: ByteSource = {
    ...turns([1 << 20, 1 << 20, 100_000, 100_000]),
    cancel: () => void calls.push("cancel"),
    abort: () => void calls.push("abort"),
  };
  const controller = new AbortController();
  const copied = assertRejects(
    () => copyBody(source, { ...COPY, file: slow, signal: controller.signal }),
    Error,
    "enough",
  );
  await told.promise;
  controller.abort(new Error("enough"));
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(calls, ["abort"]);
  written.resolve();
  await copied;
  assertEquals(calls, ["abort", "cancel"]);
});

testWithin("a body that breaks is a failed connection; a disk that refuses is not", async () => {
  await using dir = new TempDir();
  using file = await Deno.open(dir.file("a"), { write: true, create: true });
  const broken = new ReadableStream<Uint8Array<ArrayBuffer>>({
    type: "bytes",
    pull: () => Promise.reject(new TypeError("error reading a body from connection")),
  });
  const connect = await assertRejects(
    () => copyBody(fetched(new Response(broken)).body, { ...COPY, file }),
    DownloadError,
  );
  assertEquals([connect.kind, connect.retryable], ["connect", true]);
  using readOnly = await Deno.open(dir.file("a"), { read: true });
  const refused = await assertRejects(
    () => copyBody(bodyOf([bytes(1)], "close"), { ...COPY, file: readOnly }),
    DownloadError,
  );
  assertEquals([refused.kind, refused.retryable], ["file", false]);
});
