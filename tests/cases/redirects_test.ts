import { assert, assertEquals, assertMatch } from "@std/assert";
import { CERTIFICATE, PRIVATE_KEY } from "../support/certificate.ts";
import { FileServer, noise } from "../support/file_server.ts";
import { answer, type RawHandler, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertFiles, download, errorsOf } from "./support.ts";

const TLS = { cert: CERTIFICATE, key: PRIVATE_KEY };
const END = new TextEncoder().encode("end");

/** Redirects `/code/302` with 302, and any other path to what follows its first `?`. */
const redirecting: RawHandler = ({ path }, connection) => {
  const [, status = "302", target] = /^\/(?:code\/(\d+)\/)?[^?]*\?(.+)$/.exec(path) ?? [];
  if (path === "/nowhere") return connection.write("HTTP/1.1 302 Found\r\n\r\n");
  if (path === "/empty") return connection.write("HTTP/1.1 302 Found\r\nlocation:\r\n\r\n");
  if (target === undefined) return connection.write(answer("end"));
  const headers = { location: decodeURIComponent(target) };
  return connection.write(answer("no", { status: `${status} Go`, headers }));
};

/** A path that leads to `target`. */
const to = (name: string, target: string) => `/${name}?${encodeURIComponent(target)}`;

/** A path that leads through so many redirects to a file. */
function chain(name: string, length: number): string {
  return length === 0 ? `/${name}` : to(`${name}.${length}`, chain(name, length - 1));
}

testWithin("case 8: redirects are followed up to twenty times, and loops are found", async () => {
  await using server = new RawServer((request, connection) => {
    const loop = /^\/loop(\d)/.exec(request.path)?.[1];
    if (loop === undefined) return redirecting(request, connection);
    const location = `/loop${(Number(loop) + 1) % 3}`;
    return connection.write(answer("", { status: "302 Go", headers: { location } }));
  });
  await using dir = new TempDir();
  const good: Record<string, string> = {
    "300": `/code/300/a?${encodeURIComponent("/end")}`,
    "301": `/code/301/a?${encodeURIComponent("/end")}`,
    "302": `/code/302/a?${encodeURIComponent("/end")}`,
    "303": `/code/303/a?${encodeURIComponent("/end")}`,
    "307": `/code/307/a?${encodeURIComponent("/end")}`,
    "308": `/code/308/a?${encodeURIComponent("/end")}`,
    twenty: chain("x", 20),
    relative: to("a/b", "../c"),
    absolute: to("a", server.url("/end")),
    fragment: to("a", "/end#part"),
    "scheme-relative": to("a", server.url("/end").slice("http:".length)),
  };
  const bad: Record<string, string> = {
    "twenty-one": chain("x", 21),
    loop: "/loop0",
    nowhere: "/nowhere",
    empty: "/empty",
    "not-a-url": to("a", "http://["),
  };
  const list = Object.entries({ ...good, ...bad }).map(([name, path]) =>
    `${server.url(path)}\n  out=${name}`
  );
  const run = await download(dir, list, "--retries", "3");
  assertEquals(run.code, 1);
  const errors = errorsOf(run);
  assertFiles(dir, Object.fromEntries(Object.keys(good).map((name) => [name, END])));
  assertEquals(Object.keys(errors).sort(), Object.keys(bad).sort());
  assertMatch(errors["twenty-one"]!, /^more than 20 redirects/);
  for (const name of ["loop", "empty"]) {
    assertMatch(errors[name]!, /^the server redirects in a loop/);
  }
  assertMatch(errors.nowhere!, /^the server answered 302 without saying where to go/);
  assertMatch(errors["not-a-url"]!, /is not a URL/);
  assertEquals(server.requests.filter(({ path }) => path === "/loop0").length, 1, "no retries");
});

testWithin("case 9: another origin gets no headers, cookies, credentials or referer", async () => {
  await using otherHost = new RawServer(redirecting, "::1");
  await using otherScheme = new RawServer(redirecting, "127.0.0.1", TLS);
  await using otherPort = new RawServer(redirecting);
  await using server = new RawServer(redirecting);
  await using dir = new TempDir();
  const others = { otherHost, otherScheme, otherPort };
  const back = to("and-back", server.url("/end"));
  const list = [
    ...Object.entries(others).map(([name, other]) => {
      const next = other.url(other === otherScheme ? "/end" : back);
      return `${server.url(to("first", next))}\n  out=${name}`;
    }),
    `${server.url(to("same", "/end"))}\n  out=same`,
    `${server.url("/own").replace("//", "//me:from-url@")}\n  header=X-Own: mine`,
  ];
  const cookies = dir.write("cookies", "127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\tbaked\n");
  const cacert = dir.write("ca.pem", CERTIFICATE);
  const run = await download(dir, list, ...[
    ...["-H", "X-Token: secret", "-H", "Authorization: Bearer x"],
    ...["--referer", "http://from.example/", "--cookies", cookies, "--cacert", cacert],
  ]);
  assertEquals(run.code, 0, run.stderr);
  const secrets = ["x-token", "authorization", "referer", "x-own"];
  for (const [name, other] of Object.entries(others)) {
    assertEquals(other.requests.length, 1, name);
    for (const secret of secrets) assertEquals(other.requests[0]!.headers.get(secret), undefined);
    // Cookies know hosts, not ports (RFC 6265 §8.5).
    const cookie = name === "otherHost" ? undefined : "session=baked";
    assertEquals(other.requests[0]!.headers.get("cookie"), cookie, name);
  }
  for (const { path, headers } of server.requests) {
    const sent = ["x-token", "referer", "cookie"].map((name) => headers.get(name));
    assertEquals(sent, ["secret", "http://from.example/", "session=baked"], path);
  }
  assert(!run.stdout.includes("from-url") && !run.stderr.includes("from-url"));
});

testWithin("case 10: what was asked for over TLS doesn't come without", async () => {
  await using plain = new RawServer(redirecting);
  await using secure = new RawServer(redirecting, "127.0.0.1", TLS);
  await using dir = new TempDir();
  const cacert = dir.write("ca.pem", CERTIFICATE);
  const run = await download(
    dir,
    [
      `${secure.url(to("a", plain.url("/end")))}\n  out=down`,
      `${secure.url(to("b", secure.url(to("c", plain.url("/end")))))}\n  out=later-down`,
      `${plain.url(to("d", secure.url("/end")))}\n  out=up`,
      `${plain.url(to("e", secure.url(to("f", plain.url("/end")))))}\n  out=up-and-down`,
      `${secure.url("/end")}\n  out=secure`,
    ],
    "--cacert",
    cacert,
  );
  assertEquals(run.code, 1);
  const errors = errorsOf(run);
  assertEquals(Object.keys(errors).sort(), ["down", "later-down", "up-and-down"]);
  for (const error of Object.values(errors)) {
    assertMatch(error, /^the server redirects from https to http/);
  }
  assert(plain.requests.every(({ path }) => path !== "/end"));
  Deno.removeSync(cacert);
  assertFiles(dir, { up: END, secure: END });

  // Nobody who is not told to trusts that certificate.
  const strict = await download(dir, [secure.url("/strict")], "--retries", "2");
  assertMatch(errorsOf(strict).strict!, /^the server's certificate is not trusted/);
});

testWithin("case 22: only http and https on every hop, and no credentials in sight", async () => {
  const hidden = "hidden-word";
  const withLogin = (url: string) => url.replace("//", `//user:${hidden}@`);
  await using six = new RawServer(redirecting, "::1");
  await using server = new RawServer((request, connection) => {
    if (request.path !== "/hop") return redirecting(request, connection);
    const headers = { location: withLogin("ftp://127.0.0.1/") };
    return connection.write(answer("", { status: "302 Go", headers }));
  });
  await using dir = new TempDir();
  const targets = [
    "file:///etc/passwd",
    "ftp://127.0.0.1/a",
    "data:,x",
    "javascript:1",
    "blob:x",
  ];
  const list = [
    ...targets.map((target, index) => `${server.url(to("a", target))}\n  out=hop${index}`),
    ...targets,
    six.url("/six"),
    withLogin(server.url("/login")),
    withLogin(server.url("/hop")),
    `${withLogin("http://127.0.0.1:1/")}\n  out=unreachable`,
    `${withLogin("http://[::")}`,
  ];
  const run = await download(dir, list, "--retries", "1");
  assertEquals(run.code, 1);
  const failed = Object.keys(errorsOf(run)).filter((name) => !name.startsWith("line"));
  const hops = targets.map((_, index) => `hop${index}`);
  assertEquals(failed.filter((name) => hops.includes(name)).sort(), hops);
  for (const target of targets) assert(run.stderr.includes(target.split(":", 1)[0]!), target);
  assert(!`${run.stdout}${run.stderr}`.includes(hidden), run.stderr);
  assertFiles(dir, { six: END, login: END });
  const login = server.requests.find(({ path }) => path === "/login");
  assertEquals(login!.headers.get("authorization"), `Basic ${btoa(`user:${hidden}`)}`);
});

testWithin("case 8: where a redirect has led to, the rest is asked for as well", async () => {
  // Two servers have the same file, but other validators for it, as mirrors do.
  const bytes = noise(6_000_000, 1);
  const cutOnce = ({ earlier }: { earlier: number }) =>
    earlier === 1 ? { after: 500_000 } : { bytesPerSecond: 6_000_000 };
  await using one = await FileServer.start({ bytes, etag: '"one"', script: cutOnce });
  await using other = await FileServer.start({ bytes, etag: '"other"', script: cutOnce });
  const mirrors = [one, other];
  let turn = 0;
  await using server = new RawServer((_, connection) => {
    const headers = { location: mirrors[turn++ % 2]!.url() };
    return connection.write(answer("", { status: "302 Go", headers }));
  });
  await using dir = new TempDir();
  const run = await download(dir, [server.url("/file")], "--segments", "4");
  assertEquals(run.code, 0, run.stderr);
  assertFiles(dir, { file: bytes });
  assertEquals([server.requests.length, other.requests.length], [1, 0]);
});

testWithin("case 8: where a redirect no longer leads to is forgotten", async () => {
  const bytes = noise(3_000_000, 1);
  await using gone = await FileServer.start({
    bytes,
    etag: '"gone"',
    script: ({ number }) => number === 1 ? { after: 500_000 } : { status: 403 },
  });
  await using there = await FileServer.start({ bytes: noise(3_000_000, 2), etag: '"there"' });
  await using server = new RawServer(({ earlier }, connection) => {
    const headers = { location: (earlier === 0 ? gone : there).url() };
    return connection.write(answer("", { status: "302 Go", headers }));
  });
  await using dir = new TempDir();
  const run = await download(dir, [server.url("/file")], "--retries", "1");
  assertEquals(run.code, 0, run.stderr);
  assertFiles(dir, { file: there.state.bytes });
  assertEquals(gone.requests.length, 2);
});
