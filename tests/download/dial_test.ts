import { assertEquals, assertRejects } from "@std/assert";
import { dial, type DialOptions } from "../../src/download/_dial.ts";
import { HttpConnection } from "../../src/download/_http_connection.ts";
import { DownloadError } from "../../src/download/mod.ts";
import { Authority } from "../support/authority.ts";
import { noise } from "../support/file_server.ts";
import { Proxy } from "../support/proxy.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const NEVER = new AbortController().signal;
const BODY = noise(3_000_000, 7);

/** A TLS server with a certificate of its own authority, and what leads to it. */
async function withServer(
  use: (url: URL, caCert: string, proxy: URL) => Promise<void>,
): Promise<void> {
  await using dir = new TempDir();
  const authority = new Authority(dir);
  const identity = authority.sign("server", "IP:127.0.0.1");
  await using server = new RawServer(
    (_, connection) => connection.write(answer(BODY)),
    "127.0.0.1",
    identity,
  );
  await using proxy = await Proxy.start();
  const caCert = Deno.readTextFileSync(authority.certFile);
  await use(new URL(server.url("/")), caCert, new URL(proxy.url("http")));
}

/** The bytes behind the head of the answer to a GET. */
async function receive(url: URL, options: DialOptions): Promise<Uint8Array> {
  const connection = new HttpConnection(await dial(url, NEVER, options), 256 * 1024);
  try {
    await connection.send(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
    const head = await connection.head();
    const body = new Uint8Array(Number(head!.fields.get("content-length")));
    for (let at = 0; at < body.length;) {
      const piece = (await connection.some(Infinity))!;
      body.set(piece, at);
      at += piece.length;
    }
    return body;
  } finally {
    connection.close();
  }
}

testWithin(
  "a server is reached through TLS, trusted or not, directly and in a tunnel",
  async () => {
    await withServer(async (url, caCert, proxy) => {
      for (const trust of [{ caCerts: [caCert] }, { insecure: true }]) {
        for (const way of [{}, { proxy }]) {
          assertEquals(await receive(url, { ...trust, ...way }), BODY);
        }
      }
      const error = await assertRejects(() => dial(url, NEVER, {}), DownloadError);
      assertEquals([error.kind, error.retryable], ["connect", false]);
    });
  },
);

testWithin(
  "the end of a connection without trust is noticed, however much comes before",
  async () => {
    await using dir = new TempDir();
    const identity = new Authority(dir).sign("server", "IP:127.0.0.1");
    await using server = new RawServer(
      async (_, connection) => {
        await connection.write(BODY);
        connection.close();
      },
      "127.0.0.1",
      identity,
    );
    const wire = await dial(new URL(server.url("/")), NEVER, { insecure: true });
    await wire.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
    let bytes = 0;
    const buffer = new Uint8Array(64 * 1024);
    for (let size = await wire.read(buffer); size !== null; size = await wire.read(buffer)) {
      bytes += size;
    }
    wire.close();
    assertEquals(bytes, BODY.length);
  },
);

/** Something that listens and treats each connection so, until the test is over. */
async function withListener(
  serve: (connection: Deno.Conn) => void,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const connections: Deno.Conn[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      connections.push(connection);
      serve(connection);
    }
  })();
  try {
    await use(listener.addr.port);
  } finally {
    listener.close();
    await serving;
    for (const connection of connections) connection.close();
  }
}

const ways: [what: string, options: DialOptions][] = [["TLS", {}], ["TLS without trust", {
  insecure: true,
}]];

for (const [what, options] of ways) {
  for (const tunnelled of [false, true]) {
    const through = tunnelled ? " in a tunnel" : "";

    testWithin(`an abort ends the handshake of ${what}${through}`, async () => {
      const [asked, controller] = [Promise.withResolvers<void>(), new AbortController()];
      await withListener((connection) => {
        connection.read(new Uint8Array(1)).then(() => asked.resolve(), () => {});
      }, async (port) => {
        await using proxy = await Proxy.start();
        const way = tunnelled ? { proxy: new URL(proxy.url("http")) } : {};
        const url = new URL(`https://127.0.0.1:${port}/`);
        const dialled = assertRejects(
          () => dial(url, controller.signal, { ...options, ...way }),
          Error,
          "enough",
        );
        await asked.promise;
        controller.abort(new Error("enough"));
        await dialled;
        // An abort that came before is noticed as well.
        const late = () => dial(url, controller.signal, { ...options, ...way });
        await assertRejects(late, Error, "enough");
      });
    });

    testWithin(`a server that leaves the handshake of ${what}${through} has closed`, async () => {
      await withListener((connection) => {
        // Everything is read, or the end would be a reset.
        connection.read(new Uint8Array(4096)).then(() => connection.closeWrite()).catch(() => {});
      }, async (port) => {
        await using proxy = await Proxy.start();
        const way = tunnelled ? { proxy: new URL(proxy.url("http")) } : {};
        const url = new URL(`https://127.0.0.1:${port}/`);
        const error = await assertRejects(
          () => dial(url, NEVER, { ...options, ...way }),
          DownloadError,
          "the server closed the connection",
        );
        assertEquals(error.retryable, true);
      });
    });
  }
}

testWithin("a TLS connection that is cut is a closed one", async () => {
  await withServer(async (url, caCert) => {
    let upstream: Deno.Conn | undefined;
    await withListener((connection) => {
      (async () => {
        upstream = await Deno.connect({ hostname: "127.0.0.1", port: Number(url.port) });
        const [out, back] = [new Uint8Array(65536), new Uint8Array(65536)];
        const pass = async (from: Deno.Conn, to: Deno.Conn, buffer: Uint8Array, most: number) => {
          for (let passed = 0, size; passed < most; passed += size) {
            size = await from.read(buffer) ?? Infinity;
            if (size < Infinity) await to.write(buffer.subarray(0, size));
          }
        };
        pass(connection, upstream, out, Infinity).catch(() => {});
        await pass(upstream, connection, back, 1_000_000);
        await connection.closeWrite();
      })().catch(() => {});
    }, async (port) => {
      const cut = new URL(`https://127.0.0.1:${port}/`);
      const error = await assertRejects(
        () => receive(cut, { caCerts: [caCert] }),
        DownloadError,
        "the server closed the connection",
      );
      assertEquals([error.kind, error.retryable], ["connect", true]);
    });
    upstream?.close();
  });
});
