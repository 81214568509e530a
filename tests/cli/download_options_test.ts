import { assertEquals, assertThrows } from "@std/assert";
import {
  type DownloadConfig,
  type RawDownloadOptions,
  readDownloadOptions,
} from "../../src/cli/download_options.ts";
import { UsageError } from "../../src/cli/errors.ts";

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
  [{ queue: "1" }, { queue: 1 }],
  [{ timeout: "250ms" }, { timeoutMs: 250 }],
  [{ retries: "0" }, { retries: 0 }],
  [{ retryDelay: "0" }, { retryDelayMs: 0 }],
  [{ maxSize: "1.5M" }, { maxSize: 1_500_000 }],
  [{ gracePeriod: "0" }, { graceMs: 0 }],
  [{ gracePeriod: "2m" }, { graceMs: 120_000 }],
  [{ header: ["A: b", "C:d: e"] }, { headers: [["A", "b"], ["C", "d: e"]] }],
  [{ userAgent: "me/1" }, { userAgent: "me/1" }],
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
