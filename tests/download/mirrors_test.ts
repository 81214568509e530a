import { assertEquals } from "@std/assert";
import { Mirrors } from "../../src/download/_mirrors.ts";
import { only, runManager } from "../support/download_run.ts";
import { type Fault, FileServer, type FileState, noise } from "../support/file_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const urls = ["http://a/", "http://b/", "http://c/"].map((url) => new URL(url));

/** The hosts of the first connections. */
const hosts = (mirrors: Mirrors, connections: number) =>
  Array.from({ length: connections }, (_, index) => mirrors.pick(index).host);

Deno.test("connections go to all mirrors in turn, from the current one on", () => {
  const mirrors = new Mirrors(urls);
  assertEquals(hosts(mirrors, 4), ["a", "b", "c", "a"]);
  mirrors.next();
  assertEquals([mirrors.current.host, hosts(mirrors, 3)], ["b", ["b", "c", "a"]]);
});

Deno.test("a mirror that is dropped is asked no more, and the last one stays", () => {
  const mirrors = new Mirrors(urls);
  const [a, b, c] = [mirrors.pick(0), mirrors.pick(1), mirrors.pick(2)];
  mirrors.next();
  assertEquals(mirrors.drop(a), true);
  assertEquals(mirrors.current, b, "the current one stays the current one");
  assertEquals([mirrors.drop(a), mirrors.drop(b), mirrors.current], [true, true, c]);
  assertEquals([mirrors.drop(c), mirrors.current], [false, c]);
  assertEquals(mirrors.names, ["http://a/", "http://b/", "http://c/"]);
});

const BYTES = noise(6_000_000, 1);
const OTHER = noise(6_000_000, 2);
const STATE: FileState = { bytes: BYTES, etag: '"1"' };

/** Downloads one file from two mirrors, and says what came and how it went. */
async function fromMirrors(
  states: readonly [FileState, FileState],
  scripts: readonly [() => Fault | undefined, () => Fault | undefined],
  options: { segments?: number; retries?: number; hex?: string } = {},
): Promise<{ bytes: Uint8Array | undefined; asked: number[]; errors: string[] }> {
  await using first = await FileServer.start({ ...states[0], script: scripts[0] });
  await using second = await FileServer.start({ ...states[1], script: scripts[1] });
  await using dir = new TempDir();
  const { hex, ...rest } = options;
  const checksum = hex === undefined ? undefined : { algorithm: "sha-256" as const, hex };
  const urls = [new URL(first.url("/a")), new URL(second.url("/a"))] as [URL, URL];
  const { events, summary } = await runManager([{ urls, checksum }], { dir: dir.path, ...rest });
  assertEquals(dir.names(), summary.completed === 1 ? ["a"] : dir.names());
  return {
    bytes: summary.completed === 1 ? Deno.readFileSync(dir.file("a")) : undefined,
    asked: [first.requests.length, second.requests.length],
    errors: [...only(events, "retrying"), ...only(events, "failed")].map(({ message }) => message),
  };
}

const sha256 = async (bytes: Uint8Array<ArrayBuffer>) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();

const isSame = (one: Uint8Array | undefined, other: Uint8Array) =>
  one?.length === other.length && one.every((byte, index) => byte === other[index]);

const fine = () => undefined;

for (const status of [404, 410, 403, 503]) {
  testWithin(`a mirror that answers ${status} is passed over`, async () => {
    const { bytes } = await fromMirrors([STATE, STATE], [() => ({ status }), fine]);
    assertEquals(isSame(bytes, BYTES), true);
  });
}

testWithin("one that doesn't have the file costs no retry", async () => {
  const gone = () => ({ status: 404 });
  const { bytes, asked, errors } = await fromMirrors([STATE, STATE], [gone, fine], { retries: 0 });
  assertEquals([isSame(bytes, BYTES), asked, errors], [true, [1, 1], []]);
});

testWithin("when the last one doesn't have it, that is the error", async () => {
  const gone = () => ({ status: 404 });
  const { bytes, errors } = await fromMirrors([STATE, STATE], [gone, gone]);
  assertEquals([bytes, errors], [undefined, ["the server answered 404 Not Found"]]);
});

testWithin("a mirror that works is stayed with, and what it brought is continued", async () => {
  let answers = 0;
  const cutOnce = () => answers++ === 0 ? { after: 2_000_000 } : undefined;
  const { bytes, asked } = await fromMirrors([STATE, STATE], [cutOnce, fine], { segments: 1 });
  assertEquals([isSame(bytes, BYTES), asked], [true, [2, 0]]);
});

testWithin("segments come from all mirrors that vouch for the same bytes", async () => {
  const slow = () => ({ bytesPerSecond: 8_000_000 });
  const { bytes, asked } = await fromMirrors([STATE, STATE], [slow, slow], { segments: 4 });
  assertEquals(isSame(bytes, BYTES), true);
  assertEquals(asked.every((count) => count > 0), true);
});

testWithin("a mirror with other validators is used where a checksum will tell", async () => {
  const slow = () => ({ bytesPerSecond: 8_000_000 });
  const other = { bytes: BYTES, etag: '"elsewhere"' };
  const hex = await sha256(BYTES);
  const proven = await fromMirrors([STATE, other], [slow, slow], { segments: 4, hex });
  assertEquals(isSame(proven.bytes, BYTES), true);
  assertEquals(proven.asked[1]! > 0, true);
});

for (
  const [what, other] of [
    ["another length", { bytes: OTHER.subarray(0, 5_000_000), etag: '"1"' }],
    ["another validator", { bytes: OTHER, etag: '"2"' }],
    ["no validator", { bytes: OTHER }],
  ] as const
) {
  testWithin(`a mirror with ${what} never adds to the file of another`, async () => {
    const slow = () => ({ bytesPerSecond: 8_000_000 });
    const { bytes } = await fromMirrors([STATE, other], [slow, slow], { segments: 4 });
    assertEquals(isSame(bytes, BYTES), true);
  });
}

testWithin("bytes of two versions are never mixed when all mirrors change", async () => {
  let answers = 0;
  const state = { bytes: OTHER, etag: '"2"' };
  // Both change after the third request, in the middle of the transfer.
  const script = () => ++answers > 3 ? { state } : { bytesPerSecond: 4_000_000 };
  const { bytes } = await fromMirrors([STATE, STATE], [script, script], { segments: 4 });
  assertEquals(isSame(bytes, OTHER), true);
});

testWithin("a mirror whose bytes don't match the checksum is left for the next", async () => {
  const hex = await sha256(BYTES);
  const wrong = { bytes: OTHER, etag: '"1"' };
  const { bytes, asked } = await fromMirrors([wrong, STATE], [fine, fine], { segments: 1, hex });
  assertEquals([isSame(bytes, BYTES), asked], [true, [1, 1]]);
});
