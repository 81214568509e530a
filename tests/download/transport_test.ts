import { assertEquals, assertRejects } from "@std/assert";
import type { HttpResponse } from "../../src/download/_http_response.ts";
import { DownloadError } from "../../src/download/mod.ts";
import { Transport, type TransportResponse } from "../../src/download/transport.ts";
import { answer, type RawHandler, type RawRequest, RawServer } from "../support/raw_server.ts";
import { testWithin } from "../support/watchdog.ts";

/** Asks `server` for `path` and hands the answer over before everything is closed. */
async function get(
  server: RawServer,
  path: string,
  use: (answer: TransportResponse) => Promise<void> | void = () => {},
  headers: [string, string][] = [],
): Promise<void> {
  using transport = new Transport({ userAgent: "test/1" });
  const url = new URL(server.url(path));
  const found = await transport.get({ url, headers, signal: new AbortController().signal });
  try {
    await use(found);
  } finally {
    found.response.body.cancel();
  }
}

/** The whole body. */
async function textOf({ body }: HttpResponse): Promise<string> {
  let text = "";
  for (let piece = await body.next(Infinity); piece; piece = await body.next(Infinity)) {
    text += new TextDecoder().decode(piece);
  }
  return text;
}

async function failure(handler: RawHandler, path = "/a"): Promise<DownloadError> {
  await using server = new RawServer(handler);
  return await assertRejects(() => get(server, path), DownloadError);
}

/** Redirects every path to the one that `targets` gives, and answers the others. */
function redirects(targets: Record<string, string>, status = "302 Found"): RawHandler {
  return ({ path }, connection) => {
    const location = targets[path];
    return connection.write(
      location === undefined ? answer("end") : answer("", { status, headers: { location } }),
    );
  };
}

testWithin("a request asks for the bytes as they are and says who asks", async () => {
  await using server = new RawServer((_, connection) => connection.write(answer("x")));
  await get(server, "/a?b=c");
  const [request] = server.requests;
  assertEquals(request!.method, "GET");
  assertEquals(request!.path, "/a?b=c");
  assertEquals(request!.headers.get("accept-encoding"), "identity");
  assertEquals(request!.headers.get("user-agent"), "test/1");
});

for (
  const status of ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
) {
  testWithin(`${status} is followed`, async () => {
    await using server = new RawServer(redirects({ "/a": "/b", "/b": "c/d" }, status));
    await get(server, "/a", async ({ response, url }) => {
      assertEquals(await textOf(response), "end");
      assertEquals(url.pathname, "/c/d");
    });
  });
}

testWithin("a redirect beyond ASCII leads to the bytes that it names", async () => {
  await using server = new RawServer(redirects({ "/a": "/é?ü=%20" }));
  await get(server, "/a");
  assertEquals(server.requests[1]!.path, "/%c3%a9?%c3%bc=%20");
});

testWithin("a login that is not escaped is taken as it is", async () => {
  await using server = new RawServer((_, connection) => connection.write(answer("end")));
  using transport = new Transport();
  const url = new URL(server.url("/a").replace("//", "//me:100%@"));
  const { response } = await transport.get({ url, signal: new AbortController().signal });
  response.body.cancel();
  assertEquals(server.requests[0]!.headers.get("authorization"), `Basic ${btoa("me:100%")}`);
});

testWithin("a loop of redirects is found", async () => {
  const error = await failure(redirects({ "/a": "/b", "/b": "/a" }));
  assertEquals([error.kind, error.message], ["protocol", "the server redirects in a loop"]);
});

testWithin("a redirect to itself is a loop", async () => {
  const error = await failure(redirects({ "/a": "/a" }));
  assertEquals(error.message, "the server redirects in a loop");
});

testWithin("twenty redirects are followed, one more is not", async () => {
  const chain = (length: number) =>
    Object.fromEntries(Array.from({ length }, (_, i) => [`/${i}`, `/${i + 1}`]));
  await using server = new RawServer(redirects(chain(20)));
  await get(server, "/0");
  const error = await failure(redirects(chain(21)), "/0");
  assertEquals(error.message, "more than 20 redirects");
});

testWithin("a redirect without a Location is an error", async () => {
  const error = await failure((_, c) => c.write(answer("", { status: "302 Found" })));
  assertEquals(error.message, "the server answered 302 without saying where to go");
});

for (const target of ["file:///etc/passwd", "ftp://h/a", "data:,x"]) {
  testWithin(`a redirect to ${target} is refused`, async () => {
    const error = await failure(redirects({ "/a": target }));
    assertEquals(error.kind, "protocol");
    assertEquals(error.retryable, false);
  });
}

testWithin("headers and credentials stay with the origin they were given for", async () => {
  await using other = new RawServer((_, connection) => connection.write(answer("end")));
  await using server = new RawServer(redirects({ "/a": "/b", "/b": other.url("/c") }));
  using transport = new Transport();
  const url = new URL(server.url("/a"));
  url.username = "me";
  url.password = "p@ss";
  const { response } = await transport.get({
    url,
    headers: [["x-token", "secret"], ["cookie", "a=b"], ["referer", "http://me/"]],
    transferHeaders: [["range", "bytes=1-"]],
    signal: new AbortController().signal,
  });
  response.body.cancel();
  const sent = ({ headers }: RawRequest) =>
    ["x-token", "cookie", "referer", "authorization", "range"].map((name) => headers.get(name));
  const mine = ["secret", "a=b", "http://me/", `Basic ${btoa("me:p@ss")}`, "bytes=1-"];
  assertEquals(server.requests.map(sent), [mine, mine]);
  assertEquals(other.requests.map(sent), [[
    undefined,
    undefined,
    undefined,
    undefined,
    "bytes=1-",
  ]]);
});

testWithin("a redirect that names credentials doesn't use them", async () => {
  await using server: RawServer = new RawServer(({ path }, connection) =>
    connection.write(
      path === "/b" ? answer("end") : answer("", {
        status: "302 Found",
        headers: { location: server.url("/b").replace("//", "//evil:pw@") },
      }),
    )
  );
  await get(server, "/a");
  assertEquals(server.requests.map(({ headers }) => headers.get("authorization")), [
    undefined,
    undefined,
  ]);
});

const statuses: [status: string, retryable: boolean][] = [
  ["400 Bad Request", false],
  ["401 Unauthorized", false],
  ["404 Not Found", false],
  ["408 Request Timeout", true],
  ["410 Gone", false],
  ["429 Too Many Requests", true],
  ["500 Internal Server Error", true],
  ["501 Not Implemented", false],
  ["503 Service Unavailable", true],
];

for (const [status, retryable] of statuses) {
  testWithin(`${status} is an error that ${retryable ? "may pass" : "stays"}`, async () => {
    const error = await failure((_, connection) => connection.write(answer("no", { status })));
    assertEquals([error.kind, error.status], ["http", Number(status.slice(0, 3))]);
    assertEquals(error.message, `the server answered ${status}`);
    assertEquals(error.retryable, retryable);
  });
}

const waits: [header: string, ms: number | undefined][] = [
  ["3", 3000],
  ["0", 0],
  ["999999999", 3_600_000],
  ["-5", 0],
  ["Wed, 21 Oct 2015 07:28:00 GMT", 0],
  ["soon", undefined],
];

for (const [header, ms] of waits) {
  testWithin(`Retry-After: ${header}`, async () => {
    const error = await failure((_, connection) =>
      connection.write(
        answer("", { status: "503 Busy", headers: { "retry-after": header } }),
      )
    );
    assertEquals(error.retryAfterMs, ms);
  });
}

testWithin("a refused connection says so", async () => {
  using transport = new Transport();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = new URL(`http://127.0.0.1:${listener.addr.port}/`);
  listener.close();
  const { signal } = new AbortController();
  const error = await assertRejects(() => transport.get({ url, signal }), DownloadError);
  assertEquals([error.kind, error.message, error.retryable], [
    "connect",
    "connection refused",
    true,
  ]);
});

testWithin(
  "a refused connection says so at ports that browsers avoid, and without trust",
  async () => {
    using transport = new Transport({ insecure: true });
    const { signal } = new AbortController();
    // Nothing listens at these.
    for (const url of ["http://localhost:1/", "https://localhost:1/", "https://127.0.0.1:1/"]) {
      const error = await assertRejects(
        () => transport.get({ url: new URL(url), signal }),
        DownloadError,
        "connection refused",
      );
      assertEquals([error.kind, error.retryable], ["connect", true], url);
    }
  },
);

testWithin("an answer that is not HTTP says so", async () => {
  const error = await failure(async (_, connection) => {
    await connection.write("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    connection.close();
  });
  assertEquals(error.kind, "connect");
  assertEquals(error.message, "the server does not answer in HTTP");
});

testWithin("a connection that closes before the headers says so", async () => {
  const error = await failure((_, connection) => connection.close());
  assertEquals([error.kind, error.message], ["connect", "the server closed the connection"]);
});

testWithin("an abort ends the wait for headers with its reason", async () => {
  const asked = Promise.withResolvers<void>();
  await using server = new RawServer(async (_, connection) => {
    asked.resolve();
    await connection.gone;
  });
  using transport = new Transport();
  const controller = new AbortController();
  const url = new URL(server.url("/a"));
  const pending = assertRejects(
    () => transport.get({ url, signal: controller.signal }),
    Error,
    "enough",
  );
  await asked.promise;
  controller.abort(new Error("enough"));
  await pending;
});

testWithin("IPv6 addresses work", async () => {
  await using server = new RawServer((_, connection) => connection.write(answer("six")), "::1");
  await get(server, "/a", async ({ response }) => assertEquals(await textOf(response), "six"));
});
