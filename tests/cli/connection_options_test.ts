import { generateKeyPairSync } from "node:crypto";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  checkConnectionOptions,
  type RawConnectionOptions,
  readConnectionOptions,
} from "../../src/cli/connection_options.ts";
import { UsageError } from "../../src/cli/errors.ts";
import type { ConnectionOptions } from "../../src/download/mod.ts";
import { CERTIFICATE, PRIVATE_KEY } from "../support/certificate.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

function read(raw: RawConnectionOptions, env: Record<string, string> = {}): ConnectionOptions {
  return readConnectionOptions(raw, (name) => env[name]);
}

/** What is wrong with options. */
function messageOf(raw: RawConnectionOptions, env: Record<string, string> = {}): string {
  return assertThrows(() => read(raw, env), UsageError).message;
}

/** What is wrong with a certificate or its key. */
async function problemOf(raw: RawConnectionOptions): Promise<string> {
  const check = () => checkConnectionOptions(raw, read(raw));
  return (await assertRejects(check, UsageError)).message;
}

Deno.test("without options there is nothing but what is usual", () => {
  for (const value of Object.values(read({}))) assertEquals(value, undefined);
});

Deno.test("a login is split at its first colon", () => {
  assertEquals(read({ user: "me:a:b" }).login, { username: "me", password: "a:b" });
  assertEquals(read({ user: "me:" }).login, { username: "me", password: "" });
  for (const user of ["me", ":secret", ""]) {
    assertEquals(messageOf({ user }), "--user must be NAME:PASSWORD");
  }
});

testWithin("netrc is looked for where NETRC says, else in the home folder", async () => {
  await using dir = new TempDir();
  const text = (name: string) => `machine h login ${name} password x`;
  dir.write(".netrc", text("home"));
  const other = dir.write("other", text("other"));
  const found = (env: Record<string, string>) => read({ netrc: true }, env).netrc?.find("h");
  assertEquals(found({ HOME: dir.path })?.username, "home");
  assertEquals(found({ USERPROFILE: dir.path })?.username, "home");
  assertEquals(found({ HOME: dir.path, NETRC: other })?.username, "other");
  assertEquals(found({ NETRC: other })?.username, "other");
  assertEquals(messageOf({ netrc: true }), "--netrc: there is no home folder to look in");
  assertEquals(
    messageOf({ netrc: true }, { HOME: "/no/such" }),
    "--netrc /no/such/.netrc: there is no such file",
  );
  assertEquals(read({ netrc: false }, { HOME: dir.path }).netrc, undefined);
});

testWithin("cookies come from a file, whose errors name their line", async () => {
  await using dir = new TempDir();
  const good = dir.write("good", "h\tFALSE\t/\tFALSE\t0\ta\t1\n");
  assertEquals(read({ cookies: good }).cookies?.headerFor(new URL("http://h/")), "a=1");
  const bad = dir.write("bad", "secret words\n");
  const message = messageOf({ cookies: bad });
  assertEquals(message.startsWith(`--cookies ${bad}: line 1 is not a cookie`), true, message);
  assert(!message.includes("secret"));
  assertEquals(messageOf({ cookies: dir.path }), `--cookies ${dir.path}: that is a folder`);
});

Deno.test("a proxy is a URL of four schemes", () => {
  const good = ["http://h", "https://h:1/", "socks5://h:1080", "socks5h://u:p@h", "http://[::1]:8"];
  for (const proxy of good) assertEquals(read({ proxy }).proxy, new URL(proxy));
  for (const proxy of ["h:8080", "ftp://h", "http://", "socks5://", "socks4://h", "u:secret@h"]) {
    assertEquals(
      messageOf({ proxy }),
      "--proxy must be a URL that starts with http://, https:// or socks5://",
    );
  }
});

testWithin("certificates and keys are read, and must be in PEM format", async () => {
  await using dir = new TempDir();
  const cert = dir.write("cert", CERTIFICATE);
  const key = dir.write("key", PRIVATE_KEY);
  const der = dir.write("der", new Uint8Array([0x30, 0x82, 1, 2]));
  const empty = dir.write("empty", "-----BEGIN X-----\n-----END X-----\n");
  assertEquals(read({ cacert: cert }).caCerts, [CERTIFICATE]);
  assertEquals(read({ cert, key }).clientCert, { cert: CERTIFICATE, key: PRIVATE_KEY });
  const noPem = "that is no PEM file (nothing in it says BEGIN)";
  assertEquals(messageOf({ cacert: der }), `--cacert ${der}: ${noPem}`);
  assertEquals(messageOf({ cert: der, key }), `--cert ${der}: ${noPem}`);
  assertEquals(messageOf({ cert, key: der }), `--key ${der}: ${noPem}`);
  assertEquals(
    await problemOf({ cert: empty, key }),
    `--cert ${empty} --key ${key}: the certificate can't be read`,
  );
  assertEquals(
    await problemOf({ cert, key: empty }),
    `--cert ${cert} --key ${empty}: the key can't be read; an encrypted one can't be used`,
  );
  for (const half of [{ cert }, { key }]) {
    assertEquals(
      messageOf(half),
      "--cert and --key go together: the certificate and its private key",
    );
  }
});

testWithin("a key of another certificate is refused before the runtime gets it", async () => {
  await using dir = new TempDir();
  const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const cert = dir.write("cert", CERTIFICATE);
  const key = dir.write("key", other.export({ type: "pkcs8", format: "pem" }).toString());
  assertEquals(
    await problemOf({ cert, key }),
    `--cert ${cert} --key ${key}: the key is not that of the certificate`,
  );
});

Deno.test("--insecure trusts all, but can't show a certificate", () => {
  assertEquals(read({ insecure: true }).insecure, true);
  const message = messageOf({ insecure: true, cert: "c", key: "k" });
  assertEquals(message, "--insecure and --cert don't go together: trust the server with --cacert");
});
