import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type DownloadConfig,
  type RawDownloadOptions,
  readDownloadOptions,
} from "../../src/cli/download_options.ts";
import { UsageError } from "../../src/cli/errors.ts";
import { CERTIFICATE, PRIVATE_KEY } from "../support/certificate.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const URLS = ["http://host/a.zip"];

/** What is refused: the options, and what the message says after the flag's name. */
function messageOf(raw: RawDownloadOptions, urls = URLS): string {
  return assertThrows(() => readDownloadOptions(raw, urls), UsageError).message;
}

Deno.test("what nobody asked for is as the help says", () => {
  const { requests, ...rest } = readDownloadOptions({}, URLS);
  assertEquals(requests.map(({ urls }) => urls.map(String)), [URLS]);
  const documented: Partial<DownloadConfig> = {
    list: undefined,
    dir: ".",
    ifExists: "resume",
    workers: 5,
    queue: 100,
    timeoutMs: 30_000,
    retries: 3,
    retryDelayMs: 1_000,
    maxSize: Infinity,
    graceMs: 10_000,
    headers: [],
    userAgent: undefined,
    quiet: false,
    color: "auto",
    segments: "auto",
    perHost: undefined,
    bytesPerSecond: Infinity,
    requestsPerSecond: Infinity,
    adaptive: false,
    pipeline: false,
    verify: false,
    checksums: undefined,
    minBytesPerSecond: 0,
    maxTimeMs: Infinity,
    dryRun: false,
    login: undefined,
    netrc: undefined,
    cookies: undefined,
    proxy: undefined,
    caCerts: undefined,
    clientCert: undefined,
  };
  for (const [name, value] of Object.entries(documented)) {
    assertEquals(rest[name as keyof typeof rest], value, name);
  }
});

const GOOD: [raw: RawDownloadOptions, expected: Partial<DownloadConfig>][] = [
  [{ urls: "list.txt" }, { list: "list.txt" }],
  [{ urls: "-" }, { list: "-" }],
  [{ dir: "/tmp/a b" }, { dir: "/tmp/a b" }],
  [{ ifExists: "skip" }, { ifExists: "skip" }],
  [{ ifExists: "rename" }, { ifExists: "rename" }],
  [{ ifExists: "overwrite" }, { ifExists: "overwrite" }],
  [{ workers: "1" }, { workers: 1 }],
  [{ workers: "512" }, { workers: 512 }],
  [{ workers: "2..16" }, { workers: { min: 2, max: 16 }, adaptive: false }],
  [{ workers: "2..16", adaptive: true }, { workers: { min: 2, max: 16 }, adaptive: true }],
  [{ workers: "4..4" }, { workers: { min: 4, max: 4 } }],
  [{ workers: "auto" }, { workers: { min: 1, max: 32 }, adaptive: true }],
  [{ adaptive: true }, { workers: { min: 1, max: 32 }, adaptive: true }],
  [{ workers: "64", adaptive: true }, { workers: { min: 1, max: 64 }, adaptive: true }],
  [{ segments: "auto" }, { segments: "auto" }],
  [{ segments: "8" }, { segments: 8 }],
  [{ perHost: "2" }, { perHost: 2 }],
  [{ rateLimit: "10" }, { bytesPerSecond: 10e6 }],
  [{ rateLimit: "500k" }, { bytesPerSecond: 500_000 }],
  [{ requestRate: "2.5" }, { requestsPerSecond: 2.5 }],
  [{ pipeline: true, verify: true, dryRun: true }, { pipeline: true, verify: true, dryRun: true }],
  [{ minSpeed: "10k" }, { minBytesPerSecond: 10_000 }],
  [{ maxTime: "5m" }, { maxTimeMs: 300_000 }],
  [{ maxTime: "0" }, { maxTimeMs: Infinity }],
  [{ referer: "http://h/" }, { headers: [["referer", "http://h/"]] }],
  [{ user: "me:se:cret" }, { login: { username: "me", password: "se:cret" } }],
  [{ user: "me:" }, { login: { username: "me", password: "" } }],
  [{ proxy: "socks5://h:1080" }, { proxy: new URL("socks5://h:1080") }],
  [{ queue: "1" }, { queue: 1 }],
  [{ timeout: "250ms" }, { timeoutMs: 250 }],
  [{ retries: "0" }, { retries: 0 }],
  [{ retryDelay: "0" }, { retryDelayMs: 0 }],
  [{ maxSize: "1.5M" }, { maxSize: 1_500_000 }],
  [{ gracePeriod: "0" }, { graceMs: 0 }],
  [{ gracePeriod: "2m" }, { graceMs: 120_000 }],
  [{ header: ["A: b", "C:d: e"] }, { headers: [["A", "b"], ["C", "d: e"]] }],
  [{ userAgent: "me/1" }, { userAgent: "me/1" }],
  [{}, { fsync: true }],
  [{ fsync: "always" }, { fsync: true }],
  [{ fsync: "never" }, { fsync: false }],
  [{ quiet: true }, { quiet: true }],
  [{ color: "always" }, { color: "always" }],
  [{ color: "never" }, { color: "never" }],
];

for (const [raw, expected] of GOOD) {
  Deno.test(`understood: ${JSON.stringify(raw)}`, () => {
    const config = readDownloadOptions(raw, URLS);
    for (const [name, value] of Object.entries(expected)) {
      assertEquals(config[name as keyof DownloadConfig], value);
    }
  });
}

const BAD: [raw: RawDownloadOptions, message: string][] = [
  [{ ifExists: "ask" }, '--if-exists must be one of skip, resume, rename, overwrite, got "ask"'],
  [
    { workers: "0" },
    '--workers must be a whole number from 1 to 512, or auto or MIN..MAX, got "0"',
  ],
  [
    { workers: "-3" },
    '--workers must be a whole number from 1 to 512, or auto or MIN..MAX, got "-3"',
  ],
  [
    { workers: "513" },
    '--workers must be a whole number from 1 to 512, or auto or MIN..MAX, got "513"',
  ],
  [{ workers: "4..2" }, '--workers must be a range such as 2..16, from 1 to 512, got "4..2"'],
  [{ workers: "0..2" }, '--workers must be a range such as 2..16, from 1 to 512, got "0..2"'],
  [{ workers: "1..999" }, '--workers must be a range such as 2..16, from 1 to 512, got "1..999"'],
  [{ workers: "2.." }, "--workers must be a whole number from 1 to 512, or auto or MIN..MAX, got"],
  [{ fsync: "no" }, '--fsync must be one of always, never, got "no"'],
  [{ segments: "0" }, '--segments must be a whole number from 1 to 64, or auto, got "0"'],
  [{ perHost: "0" }, '--per-host must be a whole number from 1 to 512, got "0"'],
  [{ rateLimit: "fast" }, "--rate-limit must be a rate such as 10 (MB/s), 500k or 2.5M, or 0 for"],
  [{ requestRate: "0" }, '--request-rate must be a number of requests a second above 0, got "0"'],
  [{ minSpeed: "-1" }, '--min-speed must be a size such as 500k, 2.5M, 1G or 64Mi, got "-1"'],
  [{ maxTime: "soon" }, '--max-time must be a time such as 250ms, 30s, 2m or 1h, got "soon"'],
  [{ user: "justme" }, "--user must be NAME:PASSWORD"],
  [{ proxy: "ftp://u:secret@h" }, "--proxy must be a URL that starts with http://, https:// or"],
  [{ cert: "a.pem" }, "--cert and --key go together"],
  [{ key: "a.pem" }, "--cert and --key go together"],
  [{ cacert: "/no/such" }, "--cacert /no/such: there is no such file"],
  [{ cookies: "/no/such" }, "--cookies /no/such: there is no such file"],
  [{ checksums: "/no/such" }, "--checksums /no/such: there is no such file"],
  [{ checksums: "/" }, "--checksums /: that is a folder"],
  [{ queue: "0" }, '--queue must be a whole number from 1 to 1000000, got "0"'],
  [{ timeout: "0" }, '--timeout must be longer than nothing, got "0"'],
  [{ timeout: "30" }, '--timeout must be a time such as 250ms, 30s, 2m or 1h, got "30"'],
  [{ retries: "-1" }, '--retries must be a whole number from 0 to 1000, got "-1"'],
  [{ retryDelay: "1y" }, '--retry-delay must be a time such as 250ms, 30s, 2m or 1h, got "1y"'],
  [{ maxSize: "big" }, '--max-size must be a size such as 500k, 2.5M, 1G or 64Mi, got "big"'],
  [{ gracePeriod: "-1s" }, '--grace-period must be a time such as 250ms, 30s, 2m or 1h, got "-1s"'],
  [{ checksum: "crc=1" }, '--checksum: "crc" is not a checksum algorithm; known are'],
  [
    { checksum: "sha-256=12" },
    '--checksum: a sha-256 checksum has 64 hexadecimal digits, got "12"',
  ],
  [{ header: ["no colon"] }, '--header: "no colon" is not a header; write it as Name: value'],
  [{ header: ["A: b\r\nC: d"] }, '--header: "A" is not a header'],
  [{ color: "pink" }, '--color must be one of auto, always, never, got "pink"'],
  [{ dir: "a\0b" }, '--dir must be a folder, got "a\0b"'],
];

for (const [raw, message] of BAD) {
  Deno.test(`refused: ${JSON.stringify(raw)}`, () => {
    const got = messageOf(raw);
    assertEquals(got.slice(0, message.length), message);
  });
}

Deno.test("what must stay secret is in no message", () => {
  for (const raw of [{ user: "topsecret" }, { proxy: "x://me:topsecret@h" }]) {
    assert(!messageOf(raw).includes("topsecret"));
  }
});

testWithin("files that options name are read, and refused if they are something else", async () => {
  await using dir = new TempDir();
  const pem = dir.write("cert.pem", CERTIFICATE);
  const key = dir.write("key.pem", PRIVATE_KEY);
  const other = dir.write("other", "something else\n");
  const sums = dir.write("sums", `${"0".repeat(64)}  ./a.zip\n${"1".repeat(32)} *sub/b.zip\n`);
  const config = readDownloadOptions({ cacert: pem, cert: pem, key, checksums: sums }, URLS);
  assertEquals(config.caCerts, [CERTIFICATE]);
  assertEquals(config.clientCert, { cert: CERTIFICATE, key: PRIVATE_KEY });
  assertEquals([...config.checksums!.keys()], ["a.zip", "sub/b.zip"]);
  assertEquals(config.checksums!.get("a.zip"), { algorithm: "sha-256", hex: "0".repeat(64) });

  assertEquals(messageOf({ cacert: other }).slice(0, 9 + other.length), `--cacert ${other}`);
  assertEquals(messageOf({ checksums: other }).slice(0, 12 + other.length), `--checksums ${other}`);
});

/** Names for one file: where each may not stand, and what is proposed instead. */
const UNSAFE_NAMES: [name: string, proposal?: string][] = [
  [""],
  ["."],
  [".."],
  ["../evil"],
  ["a/../../evil"],
  ["/etc/passwd"],
  ["a//b"],
  ["a/"],
  ["..\\evil", "evil"],
  ["C:evil", "_evil"],
  ["-rf", "_rf"],
  [".bashrc", "_bashrc"],
  ["name ", "name_"],
  ["name.", "name_"],
  ["CON", "_CON"],
  ["nul.txt", "_nul.txt"],
  ["a\0b", "a_b"],
  ["\x1b[31mred", "_[31mred"],
  ["\u202etxt.exe", "_txt.exe"],
  ["x".repeat(300) + ".zip"],
];

for (const [name, proposal] of UNSAFE_NAMES) {
  Deno.test(`--output refuses ${JSON.stringify(name.slice(0, 20))}`, () => {
    const message = messageOf({ output: name });
    const start = `--output: "${name}" is not a safe file name inside the folder`;
    assertEquals(message.slice(0, start.length), start);
    if (proposal !== undefined) assertEquals(message.slice(start.length), `; try "${proposal}"`);
  });
}

Deno.test("--output takes a name, or a path below the folder", () => {
  for (const name of ["b.zip", "größe 測定.zip", "a/b/c.zip", "a.tar.gz", "x..y", "_"]) {
    const { requests } = readDownloadOptions({ output: name }, URLS);
    assertEquals(requests[0]!.name, name.normalize("NFC"));
  }
});

Deno.test("what is meant for one file goes with exactly one URL", () => {
  const digest = `md5=${"0".repeat(32)}`;
  for (
    const [flag, raw] of Object.entries({ output: { output: "a" }, checksum: { checksum: digest } })
  ) {
    const start = `--${flag} goes with exactly one URL`;
    assertEquals(messageOf(raw, [...URLS, ...URLS]).slice(0, start.length), start);
    assertEquals(messageOf({ ...raw, urls: "list" }).slice(0, start.length), start);
    readDownloadOptions(raw, URLS);
  }
});

Deno.test("URLs are checked before anything begins, and credentials are not repeated", () => {
  assertEquals(
    messageOf({}, ["ftp://u:secret@host/a"]),
    '"ftp://host/a" is not an http or https URL',
  );
  assertEquals(
    messageOf({}, ["http://host/", "host.example/a"]),
    '"host.example/a" is not a URL; did you mean https://host.example/a?',
  );
  assertEquals(messageOf({}, ["a b"]), '"a b" is not a URL');
  assertEquals(
    messageOf({}, []),
    "nothing to download: name a URL, or a list of them with --urls FILE",
  );
});
