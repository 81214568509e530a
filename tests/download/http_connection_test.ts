import { assert, assertEquals, assertRejects } from "@std/assert";
import * as fc from "npm:fast-check@^4.0.0";
import { bodyOf } from "../../src/download/_http_body.ts";
import { HttpConnection } from "../../src/download/_http_connection.ts";
import { DownloadError } from "../../src/download/mod.ts";
import { noise } from "../support/file_server.ts";
import { ScriptedWire } from "../support/scripted_wire.ts";
import { testWithin } from "../support/watchdog.ts";

const MOST = 512 * 1024;

function connectionOf(...pieces: (string | Uint8Array)[]): HttpConnection {
  return new HttpConnection(new ScriptedWire(pieces), MOST);
}

/** The answer's body, and whether the connection may be used again after it. */
async function receive(
  connection: HttpConnection,
  most = Infinity,
): Promise<{ text: string; isReusable: boolean | undefined }> {
  let isReusable: boolean | undefined;
  const body = bodyOf((await connection.head())!, connection, (reusable) => isReusable = reusable);
  let text = "";
  for (let piece = await body.next(most); piece; piece = await body.next(most)) {
    text += String.fromCharCode(...piece);
  }
  body.cancel();
  return { text, isReusable };
}

testWithin("a request is sent whole, however little the wire takes", async () => {
  const wire = new ScriptedWire([]);
  await new HttpConnection(wire, MOST).send(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
  assertEquals(wire.written, "GET / HTTP/1.1\r\n\r\n");
});

testWithin(
  "the requests of one turn leave one after the other, when all else is done",
  async () => {
    const log: string[] = [];
    const send = (name: string) => {
      const wire = new ScriptedWire([]);
      wire.write = (bytes) => {
        log.push(`written ${name}`);
        return Promise.resolve(bytes.length);
      };
      return new HttpConnection(wire, MOST).send(new Uint8Array(1));
    };
    const busy = async (name: string) => {
      for (let step = 0; step < 100; step++) await Promise.resolve();
      log.push(`done ${name}`);
    };
    await Promise.all(["a", "b", "c"].flatMap((name) => [send(name), busy(name)]));
    assertEquals(log, ["done a", "done b", "done c", "written a", "written b", "written c"]);
  },
);

testWithin("answers follow each other on one connection", async () => {
  const sized = (text: string) =>
    `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
  const chunked =
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;x=y\r\nde\r\n0\r\nt: u\r\n\r\n";
  const connection = connectionOf(sized("abc") + sized("") + chunked + sized("f"));
  const bodies = [];
  for (let answer = 0; answer < 4; answer++) bodies.push(await receive(connection));
  assertEquals(bodies.map(({ text }) => text), ["abc", "", "de", "f"]);
  assertEquals(bodies.map(({ isReusable }) => isReusable), [true, true, true, true]);
  assertEquals(await connection.head(), undefined);
});

testWithin("informational answers are passed over", async () => {
  const hints = "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
  const connection = connectionOf(
    `HTTP/1.1 100 Continue\r\n\r\n${hints}`,
    "HTTP/1.1 204 No\r\n\r\n",
  );
  assertEquals((await connection.head())!.status, 204);
});

const closing: Record<string, string> = {
  "a server that says so": "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\na",
  "an old server": "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na",
  "a body without a length": "HTTP/1.1 200 OK\r\n\r\na",
  "a body that is not coded": "HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\n\r\na",
  "a server that says both": "HTTP/1.1 200 OK\r\nconnection: keep-alive, close\r\n" +
    "content-length: 1\r\n\r\na",
  "an old server that says both": "HTTP/1.0 200 OK\r\nconnection: keep-alive, close\r\n" +
    "content-length: 1\r\n\r\na",
  "chunks from an old server": "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n" +
    "transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
  "chunks with a length": "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n" +
    "transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
};

for (const [what, answer] of Object.entries(closing)) {
  testWithin(`after ${what} the connection is not used again`, async () => {
    assertEquals(await receive(connectionOf(answer)), { text: "a", isReusable: false });
  });
}

testWithin("chunks may be said twice, and an old server may keep its connection", async () => {
  const twice = "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n" +
    "transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n";
  const old = "HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 1\r\n\r\na";
  for (const answer of [twice, old]) {
    assertEquals(await receive(connectionOf(answer)), { text: "a", isReusable: true });
  }
});

testWithin("other codings are never taken for the file", async () => {
  for (const coding of ["gzip", "gzip, chunked", "chunked, gzip", "chunked;q=1", "", "xchunked"]) {
    const head = `HTTP/1.1 200 OK\r\ntransfer-encoding: ${coding}\r\n\r\n`;
    const connection = connectionOf(`${head}1\r\na\r\n0\r\n\r\n`);
    const error = await assertRejects(() => receive(connection), DownloadError, undefined, coding);
    assertEquals([error.kind, error.retryable], ["connect", true]);
  }
});

testWithin("what is no length is refused, in few words", async () => {
  const lengths = ["+1", "-1", "0x1", "1 1", "1,", "1, 2", "", "1.0", "1e0", "9".repeat(100_000)];
  for (const length of lengths) {
    const answer = `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\na`;
    const error = await assertRejects(() => receive(connectionOf(answer)), DownloadError);
    assertEquals([error.kind, error.message.length < 100], ["connect", true]);
  }
});

const chunkSizes: [size: string, isProper: boolean][] = [
  ["000a", true],
  ["A", true],
  ["a ", true],
  ["a;b=c", true],
  [" a", false],
  ["+a", false],
  ["0xa", false],
  ["a\rb", false],
  ["", false],
  ["fffffffffffffffff", false],
  ["g", false],
];

for (const [size, isProper] of chunkSizes) {
  const what = `a chunk of size "${size}" ${isProper ? "has ten bytes" : "makes no sense"}`;
  testWithin(what.replace("\r", "\\r"), async () => {
    const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    const answer = `${head}${size}\r\n0123456789\r\n0\r\n\r\n`;
    if (isProper) assertEquals((await receive(connectionOf(answer))).text, "0123456789");
    else await assertRejects(() => receive(connectionOf(answer)), DownloadError, "makes no sense");
  });
}

testWithin("a length that is repeated counts once; two that differ don't count", async () => {
  const head = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length:";
  assertEquals((await receive(connectionOf(`${head} 1\r\n\r\nab`))).text, "a");
  const error = await assertRejects(() => receive(connectionOf(`${head} 2\r\n\r\nab`)));
  assertEquals((error as DownloadError).kind, "connect");
});

const broken: Record<string, string> = {
  "within the head": "HTTP/1.1 200 OK\r\na: b",
  "within an informational answer": "HTTP/1.1 100 Continue\r\n\r\n",
  "before the length": "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab",
  "within a chunk": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nab",
  "within a chunk's size": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3",
  "before the last chunk": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n",
  "within the trailer": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\na: b\r\n",
};

for (const [where, answer] of Object.entries(broken)) {
  testWithin(`a connection that ends ${where} has failed`, async () => {
    const error = await assertRejects(() => receive(connectionOf(answer)), DownloadError);
    assertEquals([error.kind, error.retryable], ["connect", true]);
  });
}

testWithin("endless heads, lines and trailers are given up", async () => {
  const chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  const endless: Record<string, string> = {
    head: `HTTP/1.1 200 OK\r\na: ${"x".repeat(300_000)}`,
    informational: "HTTP/1.1 100 Continue\r\n\r\n".repeat(20_000),
    extension: `${chunked}1;${"x".repeat(20_000)}`,
    trailer: `${chunked}0\r\n${"a: b\r\n".repeat(1000)}`,
  };
  for (const [what, answer] of Object.entries(endless)) {
    await assertRejects(() => receive(connectionOf(answer)), DownloadError, undefined, what);
  }
});

testWithin("a head may be larger than a buffer, and come byte by byte", async () => {
  const value = "x".repeat(200_000);
  const head = `HTTP/1.1 200 OK\r\na: ${value}\r\ncontent-length: 2\r\n\r\n`;
  const connection = connectionOf(head, "ok");
  assertEquals((await connection.head())!.fields.get("a"), value);
  assertEquals(String.fromCharCode(...(await connection.some(9))!), "ok");
  const bytes = [..."HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"];
  assertEquals((await receive(connectionOf(...bytes))).text, "ok");
});

testWithin("a break on the wire is a failed connection", async () => {
  const wire = new ScriptedWire([], new Deno.errors.ConnectionReset("Connection reset by peer"));
  const error = await assertRejects(() => new HttpConnection(wire, MOST).head(), DownloadError);
  assertEquals([error.kind, error.message], ["connect", "the server closed the connection"]);
});

testWithin("giving up a body that has come already spares the connection", async () => {
  const answer = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc";
  for (const [pieces, spared] of [[[answer], true], [[answer.slice(0, -1), "c"], false]] as const) {
    const connection = connectionOf(...pieces);
    let isReusable: boolean | undefined;
    bodyOf((await connection.head())!, connection, (reusable) => isReusable = reusable).cancel();
    assertEquals(isReusable, spared);
  }
});

/** Cuts `bytes` into reads of these sizes, over and over. */
function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

testWithin("a piece that is released makes room for the next, others don't", async () => {
  const head = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n";
  const connection = connectionOf(`${head}a`, "b", "c", "d");
  const body = bodyOf((await connection.head())!, connection, () => {});
  const memory: unknown[] = [];
  for (const isReleased of [true, false, true, true]) {
    memory.push((await body.next(1))!.buffer);
    if (isReleased) body.release!();
  }
  const [first, second, third, last] = memory;
  assert(first === second && second !== third && third === last);
});

testWithin("a connection that rests keeps one of its two buffers", async () => {
  const connection = connectionOf("a", "b", "c", "d");
  const memory = async () => (await connection.some(1))!.buffer;
  const before = [await memory(), await memory()];
  connection.rest();
  const after = [await memory(), await memory()];
  assert(before[0] !== before[1] && before[1] === after[0]);
  assert(!before.includes(after[1]!));
});

/** `bytes` in chunked coding. */
function chunks(bytes: Uint8Array, sizes: readonly number[]): Uint8Array {
  const encoder = new TextEncoder();
  const parts = cut(bytes, sizes).flatMap((piece) => [
    encoder.encode(`${piece.length.toString(16)}\r\n`),
    piece,
    encoder.encode("\r\n"),
  ]);
  return concat([...parts, encoder.encode("0\r\n\r\n")]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const sizes = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 300_000 })),
  { minLength: 1, maxLength: 6 },
);

testWithin(
  "however it is cut, every byte comes once, and stays until the second call",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 700_000 }),
        sizes,
        sizes,
        fc.boolean(),
        fc.integer({ min: 1, max: 400_000 }),
        async (length, reads, chunkSizes, isChunked, most) => {
          const bytes = noise(length, 5);
          // Byte by byte only where that is not for ever.
          const least = Math.ceil(length / 2_000);
          const cuts = (all: readonly number[]) => all.map((size) => Math.max(size, least));
          const field = isChunked ? "transfer-encoding: chunked" : `content-length: ${length}`;
          const head = new TextEncoder().encode(`HTTP/1.1 200 OK\r\n${field}\r\n\r\n`);
          const body = isChunked ? chunks(bytes, cuts(chunkSizes)) : bytes;
          const connection = connectionOf(...cut(concat([head, body]), cuts(reads)));
          const source = bodyOf((await connection.head())!, connection, () => {});
          let at = 0;
          let before: Uint8Array | undefined;
          const check = (piece: Uint8Array | undefined) => {
            if (!piece) return;
            const expected = bytes.subarray(at, at + piece.length);
            assert(piece.every((byte, index) => byte === expected[index]), `wrong behind ${at}`);
            at += piece.length;
          };
          for (let piece = await source.next(most); piece; piece = await source.next(most)) {
            assert(piece.length > 0 && piece.length <= most);
            check(before); // as a file that is still being written would see it
            before = piece;
          }
          check(before);
          assertEquals(at, length);
        },
      ),
      { numRuns: 60 },
    );
  },
  30_000,
);
