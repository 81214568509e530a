import { assert, assertEquals } from "@std/assert";
import * as fc from "npm:fast-check@^4.0.0";
import { only, requestsFor, runManager } from "../support/download_run.ts";
import { noise } from "../support/file_server.ts";
import { answer, type RawConnection, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

/** How one request is answered, with the bytes of the file that was asked for. */
type Behaviour = (connection: RawConnection, bytes: Uint8Array) => Promise<void>;

const text = (text: string) => new TextEncoder().encode(text);

function head(...fields: string[]): string {
  return `HTTP/1.1 200 OK\r\n${fields.map((field) => `${field}\r\n`).join("")}\r\n`;
}

async function chunked(
  connection: RawConnection,
  bytes: Uint8Array,
  size = 10_000,
): Promise<void> {
  await connection.write(head("transfer-encoding: chunked"));
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    await connection.write(`${piece.length.toString(16)}\r\n`);
    await connection.write(piece);
    await connection.write("\r\n");
  }
}

const RIGHT: Record<string, Behaviour> = {
  sized: (connection, bytes) => connection.write(answer(bytes)),
  "in pieces": async (connection, bytes) => {
    const whole = answer(bytes);
    for (let at = 0; at < whole.length; at = 2 * at + 7) {
      await connection.write(whole.subarray(at, 2 * at + 7));
    }
  },
  chunked: async (connection, bytes) => {
    await chunked(connection, bytes);
    await connection.write("0\r\ntrailer: x\r\n\r\n");
  },
  "after hints": async (connection, bytes) => {
    await connection.write("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n");
    await connection.write(answer(bytes));
  },
  "and closed": async (connection, bytes) => {
    await connection.write(answer(bytes));
    connection.close();
  },
  "until the end": async (connection, bytes) => {
    await connection.write(head());
    await connection.write(bytes);
    connection.close();
  },
};

const WRONG: Record<string, Behaviour> = {
  "nothing at all": (connection) => Promise.resolve(connection.close()),
  "a part of a head": async (connection) => {
    await connection.write("HTTP/1.1 200 OK\r\ncontent-le");
    connection.close();
  },
  "no HTTP": (connection) => connection.write("220 ready\r\n\r\n"),
  "a part of the body": async (connection, bytes) => {
    await connection.write(answer(bytes).subarray(0, -1));
    connection.close();
  },
  "no last chunk": async (connection, bytes) => {
    await chunked(connection, bytes);
    connection.close();
  },
  "a bad chunk": async (connection, bytes) => {
    await chunked(connection, bytes);
    await connection.write("x\r\n");
  },
  "two lengths": (connection) => connection.write(head("content-length: 1", "content-length: 2")),
  "more than the body": async (connection, bytes) => {
    const other = answer("of another file");
    await connection.write(new Uint8Array([...answer(bytes), ...other]));
  },
  "more chunks than there are": async (connection, bytes) => {
    const end = text(`\r\n0\r\n\r\n${head("content-length: 3")}bad`);
    const field = text(head("transfer-encoding: chunked"));
    const size = text(`${bytes.length.toString(16)}\r\n`);
    await connection.write(
      new Uint8Array([...field, ...(bytes.length > 0 ? size : []), ...bytes, ...end]),
    );
  },
  "a body where none may be": async (connection) => {
    await connection.write(`HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n${head()}bad`);
  },
};

const BEHAVIOURS = { ...RIGHT, ...WRONG };

testWithin(
  "over kept connections every file is exact, or has failed in a way that may pass",
  async () => {
    const names = Object.keys(BEHAVIOURS);
    const behaviour = fc.record({
      name: fc.oneof(fc.constantFrom(...Object.keys(RIGHT)), fc.constantFrom(...names)),
      size: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 200_000 })),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(behaviour, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        async (files, workers) => {
          await using dir = new TempDir();
          const bytesOf = (index: number) => noise(files[index]!.size, index);
          await using server = new RawServer(({ path, earlier }, connection) => {
            const index = Number(path.slice(1));
            const { name } = files[index]!;
            const behave = BEHAVIOURS[earlier === 0 ? name : "sized"]!;
            return behave(connection, bytesOf(index));
          });
          const urls = files.map((_, index) => server.url(`/${index}`));
          const options = { dir: dir.path, workers, timeoutMs: 5_000 };
          const { events } = await runManager(requestsFor(...urls), { ...options, retries: 0 });
          for (const { kind, message, name } of only(events, "failed")) {
            assert(WRONG[files[Number(name)]!.name], `${name}: ${message}`);
            assert(["connect", "http", "truncated"].includes(kind), message);
          }
          const again = await runManager(requestsFor(...urls), { ...options, retries: 2 });
          assertEquals(only(again.events, "failed"), []);
          for (const index of files.keys()) {
            assertEquals(Deno.readFileSync(dir.file(`${index}`)), bytesOf(index), `${index}`);
          }
        },
      ),
      { numRuns: 40 },
    );
  },
  60_000,
);
