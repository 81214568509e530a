import { assert, assertEquals, assertMatch } from "@std/assert";
import { errorsOf } from "../cases/support.ts";
import { Authority, ClientCertServer } from "../support/authority.ts";
import { type DlmOptions, type Outcome, runDlm } from "../support/dlm.ts";
import { Proxy } from "../support/proxy.ts";
import { answer, type RawHandler, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

/** Answers with the path and closes, so that each request comes on its own connection. */
const echo: RawHandler = async ({ path }, connection) => {
  await connection.write(answer(path, { headers: { connection: "close" } }));
  connection.close();
};

/** Downloads to `in` below the folder. */
async function download(
  dir: TempDir,
  args: readonly string[],
  options: DlmOptions = {},
): Promise<Outcome> {
  const always = ["--dir", dir.file("in"), "--retry-delay", "1ms", "--retries", "1"];
  return await runDlm(["download", ...args, ...always], options);
}

/** The header of the only request for a path. */
function sent({ requests }: RawServer, path: string, name: string): string | undefined {
  const all = requests.filter((request) => request.path === path);
  assertEquals(all.length, 1, path);
  return all[0]!.headers.get(name);
}

const basic = (login: string) => `Basic ${btoa(login)}`;

testWithin(
  "headers, agent, referer, cookies and login go to every server that is named",
  async () => {
    await using four = new RawServer(echo);
    await using six = new RawServer(echo, "::1");
    await using dir = new TempDir();
    const cookies = dir.write(
      "cookies",
      "127.0.0.1\tFALSE\t/in\tFALSE\t0\tfour\t4\n[::1]\tFALSE\t/\tFALSE\t0\tsix\t6\n",
    );
    const list = [
      `${four.url("/in/a")}\n  header=X-Own: mine\n  header=X-Two: of list`,
      four.url("/b"),
      six.url("/c"),
      four.url("/d").replace("//", "//own:p%40ss@"),
      `${four.url("/e")}\n  header=Authorization: Bearer token`,
    ];
    const flags = ["-H", "X-One: 1", "--header", "X-Two:2", "--user-agent", "me/2 (x)"];
    const { code, stderr } = await download(dir, [
      ...["--urls", "-", ...flags, "--referer", "http://from.example/x"],
      ...["--user", "me:se:cret", "--cookies", cookies],
    ], { stdin: list.join("\n") });
    assertEquals([code, stderr], [0, ""]);
    const all: [server: RawServer, path: string][] = [
      [four, "/in/a"],
      [four, "/b"],
      [six, "/c"],
      [four, "/d"],
      [four, "/e"],
    ];
    for (const [server, path] of all) {
      assertEquals(sent(server, path, "x-one"), "1");
      assertEquals(sent(server, path, "user-agent"), "me/2 (x)");
      assertEquals(sent(server, path, "referer"), "http://from.example/x");
      assertEquals(sent(server, path, "accept-encoding"), "identity");
    }
    assertEquals(sent(four, "/in/a", "x-own"), "mine");
    assertEquals(sent(four, "/b", "x-own"), undefined);
    assertEquals(all.map(([server, path]) => sent(server, path, "authorization")), [
      ...[basic("me:se:cret"), basic("me:se:cret"), basic("me:se:cret")],
      ...[basic("own:p@ss"), "Bearer token"],
    ]);
    assertEquals(all.map(([server, path]) => sent(server, path, "cookie")), [
      ...["four=4", undefined, "six=6", undefined, undefined],
    ]);
  },
);

testWithin("netrc has logins for hosts, also for those that a redirect leads to", async () => {
  await using target = new RawServer(echo, "::1");
  await using server = new RawServer((request, connection) => {
    if (request.path !== "/away") return echo(request, connection);
    const headers = { location: target.url("/there") };
    return connection.write(answer("", { status: "302 Go", headers }));
  });
  await using dir = new TempDir();
  dir.write(
    ".netrc",
    "machine 127.0.0.1 login four password 4\nmachine [::1] login six password 6",
  );
  const env = { HOME: dir.path, NETRC: "" };
  const urls = [server.url("/a"), server.url("/b").replace("//", "//own:x@"), server.url("/away")];
  const run = await download(dir, [...urls, "--netrc"], { env });
  assertEquals([run.code, run.stderr], [0, ""]);
  assertEquals(sent(server, "/a", "authorization"), basic("four:4"));
  assertEquals(sent(server, "/b", "authorization"), basic("own:x"));
  assertEquals(sent(server, "/away", "authorization"), basic("four:4"));
  assertEquals(sent(target, "/there", "authorization"), basic("six:6"));
  const without = await download(dir, [server.url("/c")], { env });
  assertEquals(without.code, 0);
  assertEquals(sent(server, "/c", "authorization"), undefined);
});

testWithin("a proxy carries http, https through a tunnel, and knows the names", async () => {
  await using dir = new TempDir();
  const authority = new Authority(dir);
  const server = authority.sign("server", "DNS:secure.example");
  await using plain = new RawServer(echo);
  await using secure = new RawServer(echo, "127.0.0.1", server);
  await using open = await Proxy.start();
  await using closed = await Proxy.start({ login: { username: "u@home", password: "p:w" } });
  const http = `http://plain.example:${plain.port}`;
  const https = `https://secure.example:${secure.port}`;
  const login = "u%40home:p%3Aw";
  const runs: [proxy: string, urls: string[]][] = [
    [open.url("http"), [`${http}/a`, `${https}/b`]],
    [open.url("socks5"), [`${http}/c`, `${https}/d`]],
    [closed.url("http", login), [`${http}/e`]],
    [closed.url("socks5", login), [`${http}/f`, `${https}/g`]],
    [closed.url("socks5h", login), [`${http}/h`, `${https}/i`]],
  ];
  for (const [proxy, urls] of runs) {
    const run = await download(dir, [...urls, "--proxy", proxy, "--cacert", authority.certFile]);
    assertEquals([run.code, run.stderr], [0, ""], proxy);
  }
  const [toPlain, toSecure] = [http, https].map((url) => new URL(url).host);
  const socks = [`SOCKS5 ${toPlain}`, `SOCKS5 ${toSecure}`];
  assertEquals(
    open.asked.toSorted(),
    [`GET ${http}/a`, `CONNECT ${toSecure}`, ...socks].toSorted(),
  );
  assertEquals(closed.asked.toSorted(), [`GET ${http}/e`, ...socks, ...socks].toSorted());
  assertEquals(plain.requests.map(({ path }) => path), ["/a", "/c", "/e", "/f", "/h"]);
  assertEquals(secure.requests.map(({ path }) => path), ["/b", "/d", "/g", "/i"]);
  for (const { path, headers } of [...plain.requests, ...secure.requests]) {
    assertEquals(headers.get("proxy-authorization"), undefined, path);
    assertEquals(headers.get("authorization"), undefined, path);
  }
});

testWithin("an https server doesn't get to see the login of a proxy", async () => {
  await using dir = new TempDir();
  const authority = new Authority(dir);
  const server = authority.sign("server", "IP:127.0.0.1", "DNS:secure.example");
  await using secure = new RawServer(echo, "127.0.0.1", server);
  await using plain = new RawServer((_, connection) => {
    const headers = { location: `https://secure.example:${secure.port}/there` };
    return connection.write(answer("", { status: "302 Go", headers }));
  });
  await using proxy = await Proxy.start({ login: { username: "u", password: "p" } });
  const target = `secure.example:${secure.port}`;
  const urls = [`https://${target}/a`, `http://plain.example:${plain.port}/b`];
  const login = proxy.url("http", "u:p");
  const given = ["--proxy", login, "--cacert", authority.certFile];
  const run = await download(dir, [...urls, ...given]);
  assertEquals([run.code, run.stderr], [0, ""]);
  const named = await download(dir, [`https://${target}/c`, "--cacert", authority.certFile], {
    env: { https_proxy: login },
  });
  assertEquals([named.code, named.stderr], [0, ""]);
  assertEquals(secure.requests.map(({ path }) => path).sort(), ["/a", "/c", "/there"]);
  for (const { headers } of secure.requests) assert(!headers.has("proxy-authorization"));
  assertEquals(proxy.asked.filter((what) => what === `CONNECT ${target}`).length, 3);
});

testWithin(
  "an https:// proxy with a login is not used for https, which would show it",
  async () => {
    await using dir = new TempDir();
    const proxy = "https://u:p@127.0.0.1:9/";
    const run = await download(dir, ["https://secure.example/a", "--proxy", proxy]);
    assertEquals(run.code, 1);
    assertMatch(errorsOf(run).a!, /login of the proxy .*; use an http:\/\/ or socks5/);
  },
);

testWithin("a proxy that refuses, or isn't there, says so without the login", async () => {
  await using server = new RawServer(echo);
  await using proxy = await Proxy.start({ login: { username: "u", password: "right" } });
  await using dir = new TempDir();
  const http = `http://plain.example:${server.port}`;
  const dead = await Proxy.start();
  const nobody = dead.url("http", "u:hidden");
  await dead[Symbol.asyncDispose]();
  const proxies = [nobody, ...["http", "socks5"].map((scheme) => proxy.url(scheme, "u:hidden"))];
  for (const [index, url] of proxies.entries()) {
    const urls = [`${http}/plain`, `https://secure.example:${server.port}/tls`];
    const run = await download(dir, [...urls, "--proxy", url]);
    assertEquals(run.code, 1);
    const errors = errorsOf(run);
    assertEquals(Object.keys(errors).sort(), ["plain", "tls"]);
    for (const error of Object.values(errors)) assert(error.length > 10, error);
    assert(!`${run.stdout}${run.stderr}`.includes("hidden"), run.stderr);
    if (index === 1) {
      assertMatch(errors.plain!, /^the server answered 407 .*; give the proxy's login/);
    }
  }
  assertEquals(server.requests, []);
});

testWithin("--cacert trusts an authority, but only for the names that it has signed", async () => {
  await using dir = new TempDir();
  const [authority, stranger] = [new Authority(dir), new Authority(dir, "stranger")];
  const tls = (name: string, ...names: string[]) =>
    new RawServer(echo, "127.0.0.1", authority.sign(name, ...names));
  await using right = tls("right", "IP:127.0.0.1", "DNS:localhost");
  await using wrong = tls("wrong", "DNS:other.example");
  const urls = [
    right.url("/address"),
    right.url("/name").replace("127.0.0.1", "localhost"),
    wrong.url("/wrong"),
  ];
  const good = await download(dir, [...urls, "--cacert", authority.certFile]);
  assertEquals(good.code, 1);
  assertEquals(Object.keys(errorsOf(good)), ["wrong"]);
  assertMatch(errorsOf(good).wrong!, /^the server's certificate is not trusted/);
  assertMatch(good.stdout, /^✓ address /m);
  assertMatch(good.stdout, /^✓ name /m);
  for (const args of [[], ["--cacert", stranger.certFile]]) {
    const bad = await download(dir, [right.url("/bad"), ...args]);
    assertEquals(bad.code, 1);
    assertMatch(errorsOf(bad).bad!, /^the server's certificate is not trusted/);
    assert(!bad.stderr.includes("retry"), "another attempt would not help");
  }
  assertEquals(wrong.requests, []);
  assertEquals(right.requests.length, 2);
});

testWithin("--cert and --key open a server that asks who comes", async () => {
  await using dir = new TempDir();
  const [authority, stranger] = [new Authority(dir), new Authority(dir, "stranger")];
  const server = authority.sign("server", "IP:127.0.0.1");
  const [me, other] = [authority.sign("me"), stranger.sign("other")];
  Deno.mkdirSync(dir.file("www"));
  dir.write("www/file.txt", "let in\n");
  await using guarded = await ClientCertServer.start(dir.file("www"), server, authority);
  const get = (...args: string[]) =>
    download(dir, [guarded.url("/file.txt"), "--cacert", authority.certFile, ...args]);
  const refused = [await get(), await get("--cert", other.certFile, "--key", other.keyFile)];
  for (const run of refused) {
    assertEquals(run.code, 1);
    assert(errorsOf(run)["file.txt"] !== undefined, run.stderr);
  }
  const run = await get("--cert", me.certFile, "--key", me.keyFile);
  assertEquals([run.code, run.stderr], [0, ""]);
  assertEquals(dir.read("in/file.txt"), "let in\n");
  const crossed = await get("--cert", me.certFile, "--key", other.keyFile);
  assertEquals(crossed.code, 2);
  assertMatch(
    crossed.stderr,
    /^dlm: --cert .*me\.pem --key .*: the key is not that of the certificate; see .*\n$/,
  );
}, 20_000);

testWithin("no secret is printed, logged or reported, however a download goes", async () => {
  const word = "hidden-word";
  await using six = new RawServer(echo, "::1");
  await using server: RawServer = new RawServer(async (request, connection) => {
    const { path, headers } = request;
    if (path === "/ok") return echo(request, connection);
    if (path === "/away") {
      const location = six.url("/there").replace("//", `//new:${word}@`);
      return connection.write(answer("", { status: "302 Go", headers: { location } }));
    }
    if (path === "/loop") {
      const location = server.url("/loop").replace("//", `//new:${word}@`);
      return connection.write(answer("", { status: "302 Go", headers: { location } }));
    }
    if (path === "/cut") {
      await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
      return connection.close();
    }
    assertEquals(headers.has("authorization"), true);
    await connection.write(answer("no", { status: path === "/busy" ? "503 No" : "404 No" }));
  });
  await using dir = new TempDir();
  const cookies = dir.write("cookies", `127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\t${word}\n`);
  const withLogin = (url: string) => url.replace("//", `//user:${word}@`);
  const list = [
    ...["/ok", "/away", "/loop", "/cut", "/busy", "/gone"].map((path) => server.url(path)),
    `http://127.0.0.1:1/refused`,
    `ftp://127.0.0.1/kind`,
    `http://[::/bad`,
  ].map(withLogin);
  for (const [index, mode] of [[], ["--json"], ["--dry-run"]].entries()) {
    const records = [dir.file(`log${index}`), dir.file(`report${index}`)];
    const run = await download(dir, [
      ...["--urls", "-", ...mode, "--user", `me:${word}`, "--cookies", cookies],
      ...["-H", `X-Token: ${word}`, "--if-exists", "overwrite"],
      ...["--log", records[0]!, "--report", records[1]!],
    ], { stdin: list.join("\n") });
    assertEquals(run.code, 1, run.stderr);
    const said = [run.stdout, run.stderr, ...records.map((path) => textOf(path))];
    for (const text of said) assert(!text.includes(word), text);
    assert(`${run.stdout}${run.stderr}`.includes("/refused"), run.stderr);
  }
  assert(six.requests.length > 0);
  for (const { headers } of six.requests) {
    for (const name of ["authorization", "cookie", "x-token"]) assert(!headers.has(name), name);
  }
}, 20_000);

/** The text of a file; empty if there is none. */
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

testWithin("--insecure trusts whoever answers, directly and behind a proxy", async () => {
  await using dir = new TempDir();
  const stranger = new Authority(dir, "stranger").sign("other", "DNS:other.example");
  await using server = new RawServer(echo, "127.0.0.1", stranger);
  await using proxy = await Proxy.start({ login: { username: "u", password: "p" } });
  const urls = [server.url("/a"), server.url("/b")];
  const direct = await download(dir, [...urls, "--insecure"]);
  assertEquals([direct.code, direct.stderr], [0, ""]);
  const name = `https://secure.example:${server.port}/c`;
  const tunnel = await download(dir, [name, "--insecure", "--proxy", proxy.url("http", "u:p")]);
  assertEquals([tunnel.code, tunnel.stderr], [0, ""]);
  assertEquals(dir.read("in/a") + dir.read("in/b") + dir.read("in/c"), "/a/b/c");
  const socks = ["--insecure", "--proxy", proxy.url("socks5", "u:p")];
  const elsewhere = await download(dir, [name.replace("/c", "/d"), ...socks]);
  assertEquals(elsewhere.code, 1);
  assertMatch(errorsOf(elsewhere).d!, /^--insecure doesn't go with this proxy/);
  assertEquals(server.requests.length, 3);
});
