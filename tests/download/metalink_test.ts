import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { type DownloadRequest, ListError, readMetalink } from "../../src/download/mod.ts";
import { runDlm } from "../support/dlm.ts";
import { FileServer, noise } from "../support/file_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

type Entry = DownloadRequest | ListError;

async function read(source: string | Uint8Array<ArrayBuffer>): Promise<Entry[]> {
  return await Array.fromAsync(readMetalink(new Blob([source]).stream()));
}

/** A document with this inside. */
function metalink(inside: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<metalink xmlns="urn:ietf:params:xml:ns:metalink">
${inside}
</metalink>\n`;
}

/** What an entry comes to, in a few words. */
function told(entry: Entry): string {
  if (entry instanceof Error) return `${entry.line}: ${entry.message}`;
  const { urls, name, checksum, size } = entry;
  return [
    name,
    ...urls,
    ...(size === undefined ? [] : [`size=${size}`]),
    ...(checksum ? [`${checksum.algorithm}=${checksum.hex}`] : []),
  ].join(" ");
}

/** What a document with one file comes to. */
async function one(inside: string, attributes = 'name="a"'): Promise<string> {
  const entries = await read(metalink(`<file ${attributes}>${inside}</file>`));
  assertEquals(entries.length, 1);
  return told(entries[0]!);
}

const URL_A = "<url>http://a/</url>";

testWithin("a document as RFC 5854 shows it", async () => {
  const sha256 = "f0".repeat(32);
  const entries = await read(`\ufeff${
    metalink(`  <published>2009-05-15T12:23:23Z</published>
  <file name="example.ext">
    <size>14471447</size>
    <identity>Example</identity>
    <hash type="md5">${"0".repeat(32)}</hash>
    <hash type="sha-256">
      ${sha256.toUpperCase()}
    </hash>
    <pieces length="1048576" type="sha-1"><hash>${"1".repeat(40)}</hash></pieces>
    <url location="de" priority="2">ftp://ftp.example.com/example.ext</url>
    <url location="fr" priority="3">http://example.com/3?a=1&amp;b=&#50;</url>
    <url location="fr" priority="1">https://example.com/1</url>
    <url>http://last.example/a</url>
    <url><![CDATA[http://last.example/b?x&y]]></url>
    <metaurl mediatype="torrent" priority="2">http://example.com/a.torrent</metaurl>
  </file>
  <file name="folder/second.bin"><url>http://example.com/second</url></file>`)
  }`);
  assertEquals(entries.map(told), [
    "example.ext https://example.com/1 http://example.com/3?a=1&b=2 http://last.example/a " +
    `http://last.example/b?x&y size=14471447 sha-256=${sha256}`,
    "folder/second.bin http://example.com/second",
  ]);
  assertEquals(entries.map((entry) => entry.line), [4, 19]);
});

testWithin("prefixes, other namespaces, comments and instructions", async () => {
  const entries = await read(`<!-- first -->
<m:metalink xmlns:m='urn:ietf:params:xml:ns:metalink' xmlns="urn:other">
  <file name="foreign"><url>http://foreign/</url></file>
  <m:file name='a&#x20;&lt;b'><?pi <url> ?>
    <url>http://foreign/</url>
    <x xmlns="urn:ietf:params:xml:ns:metalink"><url>http://too-deep/</url></x>
    <url xmlns="urn:ietf:params:xml:ns:metalink">http://a<!-- - --><b>no</b>/x</url >
    <m:file name="inner"/>
  </m:file>
</m:metalink>
<!-- last --><?end?>`);
  assertEquals(entries.map(told), ["a <b http://a/x"]);
});

testWithin("of several hashes the strongest that is known counts", async () => {
  const hashes: [type: string, digits: number][] = [
    ["sha-1", 40],
    ["sha-512", 128],
    ["md5", 32],
    ["sha-256", 64],
    ["whirlpool", 128],
  ];
  const elements = hashes.map(([type, digits]) =>
    `<hash type="${type}">${"a".repeat(digits)}</hash>`
  );
  assertEquals(await one(URL_A + elements.join("")), `a http://a/ sha-512=${"a".repeat(128)}`);
  assertEquals(await one(URL_A + elements[4]), "a http://a/");
  assertEquals(await one(`${URL_A}<hash>${"a".repeat(40)}</hash>`), "a http://a/");
});

testWithin("a file that can't be used is an error that names it; the others go on", async () => {
  const bad: [attributes: string, inside: string, message: RegExp][] = [
    ["", URL_A, /^<file>: it has no name$/],
    ['name=""', URL_A, /^<file name="">: "" is not a safe file name/],
    ['name="../up"', URL_A, /^<file name="\.\.\/up">: "\.\.\/up" is not a safe file name/],
    ['name="/etc/x"', URL_A, /is not a safe file name/],
    ['name="a&#10;b"', URL_A, /is not a safe file name/],
    ['name="a\\b"', URL_A, /is not a safe file name/],
    ['name="a"', "", /^<file name="a">: it has no http or https URL$/],
    ['name="a"', "<url>ftp://h/a</url>", /^<file name="a">: it has no http or https URL$/],
    ['name="a"', "<url>h/a</url>", /^<file name="a">: "h\/a" is not a URL/],
    ['name="a"', "<url>http://u:hidden@[/</url>", /^<file name="a">: "http:\/\/\[\/" is not a URL/],
    ['name="a"', '<url priority="0">http://a/</url>', /priority of <url> .* 1 to 999999, got "0"/],
    ['name="a"', '<url priority="x">http://a/</url>', /priority of <url> .*, got "x"/],
    ['name="a"', `${URL_A}<hash type="sha-256">12</hash>`, /: a sha-256 checksum has 64 .* "12"/],
    ['name="a"', `${URL_A}<size>1 MB</size>`, /: <size> must be a number of bytes, got "1 MB"$/],
    ['name="a"', `${URL_A}<size>-1</size>`, /: <size> must be a number of bytes, got "-1"$/],
    ['name="a"', `${URL_A}<size>1</size><size>2</size>`, /: it has two sizes, 1 and 2$/],
  ];
  const document = metalink(
    bad.map(([attributes, inside]) => `<file ${attributes}>${inside}</file>`).join("\n") +
      `\n<file name="good">${URL_A}</file>`,
  );
  const entries = await read(document);
  assertEquals(entries.length, bad.length + 1);
  for (const [index, [, , message]] of bad.entries()) {
    const entry = entries[index];
    assert(entry instanceof ListError);
    assertMatch(entry.message, message);
    assertEquals(entry.line, index + 3);
  }
  assertEquals(told(entries.at(-1)!), "good http://a/");
});

const NOT_WELL_FORMED: [document: string, error: string][] = [
  ["", "1: there is no element"],
  ["<", '1: "<" that begins no element'],
  ["text", "1: text outside of the root element"],
  ["<a", "1: the tag <a> makes no sense"],
  ["<a b>", "1: the tag <a> makes no sense"],
  ["<a b='1'c='2'/>", "1: the tag <a> makes no sense"],
  ["<a b='1", "1: the value of b in <a> has no end"],
  ["<a b='<'/>", '1: "<" in the value of b in <a>'],
  ["<a b='1' b='2'/>", "1: <a> has two attributes b"],
  [`<a ${Array.from({ length: 65 }, (_, n) => `b${n}=""`).join(" ")}/>`, "1: <a> has more than 64"],
  ["<x:a/>", "1: the prefix of <x:a> is not declared"],
  ["<!DOCTYPE metalink []>", "1: document types are refused"],
  ["\n <!DOCTYPE html>", "2: document types are refused"],
  ["<?xml version='1.0' encoding='UTF-16'?>", '1: the encoding must be UTF-8, got "UTF-16"'],
  ["<?xml ", "1: the XML declaration has no end"],
  ["<?pi", "1: the processing instruction has no end"],
  ["<!-- x", "1: the comment has no end"],
  ["<!-- -- -->", '1: "--" inside a comment'],
  ["<![CDATA[x]]>", "1: text outside of the root element"],
  ["</a>", "1: </a> ends nothing"],
];

/** The same inside of a Metalink's root. */
const NOT_WELL_FORMED_INSIDE: [inside: string, error: string][] = [
  ["<a>\n</b>", "4: </b> ends <a>"],
  ["<a>", "4: </metalink> ends <a>"],
  ["<![CDATA[ ]] >", "3: the CDATA section has no end"],
  ["]]>", '2: "]]>" in text'],
  ["&nbsp;", '2: "&nbsp;" stands for nothing'],
  ["a & b", '2: "& b'],
  ["&toString;", '2: "&toString;" stands for nothing'],
  ["&#0;", '2: "&#0;" stands for nothing'],
  ["&#xD800;", '2: "&#xD800;" stands for nothing'],
  ["&#x110000;", '2: "&#x110000;" stands for nothing'],
  ["&#99999999999;", '2: "&#99999999999;" stands for nothing'],
  ["\x00", "3: a character that XML can't have"],
  ["</ a>", "3: an end tag that makes no sense"],
  ["</metalink><metalink>", "3: a second root element"],
  ["</metalink>more<metalink>", "3: text outside of the root element"],
  [`${"<a>".repeat(32)}`, "3: elements are nested more than 32 deep"],
];

testWithin("what is not well-formed is refused, with its line", async () => {
  const documents = [
    ...NOT_WELL_FORMED,
    ...NOT_WELL_FORMED_INSIDE.map(([inside, error]) => [metalink(inside), error] as const),
  ];
  for (const [document, error] of documents) {
    const got = told((await read(document)).at(-1)!);
    const expected = error.replace(": ", ": the Metalink file is no good: ");
    assertEquals(got.slice(0, expected.length), expected, document);
  }
});

testWithin("files before a broken place are used, and the break is told", async () => {
  const entries = await read(
    metalink(`<file name="a">${URL_A}</file>\n<file name="b"><url>http://b/`),
  );
  assertEquals(entries.map(told), [
    "a http://a/",
    "5: the Metalink file is no good: </metalink> ends <url>",
  ]);
});

testWithin("another kind of document says what it is", async () => {
  const kinds: [document: string, message: RegExp][] = [
    ["<html><body/></html>", /its root must be <metalink xmlns=".*">, got <html>$/],
    ["<metalink/>", /its root must be <metalink xmlns=".*">, got <metalink>$/],
    ['<metalink version="3.0" xmlns="http://www.metalinker.org/"/>', /that is Metalink 3; ask for/],
    [metalink(""), /^the Metalink file names no file$/],
    [metalink(`<files><file name="a">${URL_A}</file></files>`), /names no file$/],
  ];
  for (const [document, message] of kinds) {
    const [entry, ...rest] = await read(document);
    assert(entry instanceof ListError);
    assertMatch(entry.message, message);
    assertEquals(rest, []);
  }
  const [latin] = await read(new Uint8Array([0x3c, 0x61, 0xe9, 0x3e]));
  assertEquals(told(latin!), "1: a Metalink file must be in UTF-8");
  const [cut] = await read(new Uint8Array([0x3c, 0x61, 0xc3]));
  assertEquals(told(cut!), "1: a Metalink file must be in UTF-8");
});

testWithin("a document without end is given up, and its source is told", async () => {
  let cancelled = false;
  let pulled = 0;
  const blanks = new Uint8Array(1024 * 1024).fill(0x20);
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      pulled++;
      controller.enqueue(blanks);
    },
    cancel: () => void (cancelled = true),
  });
  const entries = await Array.fromAsync(readMetalink(endless));
  assertEquals(entries.map(told), ["1: a Metalink file must be no larger than 16777216 bytes"]);
  assert(cancelled);
  assert(pulled < 20, `${pulled} MiB were read`);
});

testWithin("it makes no difference how the document is cut into pieces", async () => {
  const document = metalink(`<file name="ä€𐍈"><url>http://a/ä</url></file>`);
  const bytes = new TextEncoder().encode(document);
  for (const size of [1, 2, 3, 7, 1000]) {
    const pieces = Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, index) => bytes.slice(index * size, (index + 1) * size),
    );
    const entries = await Array.fromAsync(readMetalink(ReadableStream.from(pieces)));
    assertEquals(entries.map(told), ["ä€𐍈 http://a/%C3%A4"]);
  }
});

testWithin("the time is proportional to the length, whatever is repeated", async () => {
  const repeated = ["<", "<a", "&", "&amp", " ", "\n", "<!--", "<?", "]]", "'", "<a b='", "<a/>"];
  const timeOf = async (document: string): Promise<number> => {
    const started = performance.now();
    await read(document);
    return performance.now() - started;
  };
  for (const text of repeated) {
    for (const around of ["<a>", "<a ", "<a b='", "<!--"]) {
      const document = (length: number) => around + text.repeat(length / text.length);
      const short = Math.min(...[await timeOf(document(1e4)), await timeOf(document(1e4))]);
      const long = await timeOf(document(1e6));
      // A hundred times the length: a hundred times the time, or ten thousand times.
      assert(long < 1500 * Math.max(short, 0.1), `${around}${text}: ${short} → ${long} ms`);
    }
  }
});

/** Pieces that documents are made of, in any order. */
const PIECES = [
  ...["<metalink xmlns='urn:ietf:params:xml:ns:metalink'>", "</metalink>", "<file name='a'>"],
  ...["<file name='../x'>", "</file>", "<url>", "<url priority='2'>", "</url>", "http://h/a"],
  ...[
    "<hash type='md5'>",
    "</hash>",
    "0".repeat(32),
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x",
    "?>",
  ],
  ...["&amp;", "&#65;", "&x;", "<", ">", "'", '"', "/", "=", " ", "\n", "<!DOCTYPE", "é", "\x00"],
];

testWithin("no document makes it throw, and every entry is sound", async () => {
  const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((all) => all.join(""));
  const nearly = pieces.map((inside) => metalink(`<file name="f">${URL_A}${inside}</file>`));
  const documents = fc.oneof(
    pieces,
    nearly,
    fc.string({ unit: "binary" }).map((text) => metalink(text)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)),
  );
  await fc.assert(
    fc.asyncProperty(documents, async (document) => {
      const entries = await read(document);
      assert(entries.length > 0);
      for (const entry of entries) {
        assert(entry.line !== undefined && entry.line >= 1);
        if (entry instanceof ListError) continue;
        assert(entry.urls.every(({ protocol }) => /^https?:$/.test(protocol)));
        assert(entry.name !== undefined && !/(^|[/\\])\.\.?([/\\]|$)|^[/\\]/.test(entry.name));
      }
    }),
    { numRuns: 500 },
  );
});

testWithin("what was written is what is read", async () => {
  const escaped = (text: string) =>
    text.replace(/[&<>"'\t\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);
  const label = fc.stringMatching(/^[a-z0-9&<>"' é€𐍈]{1,20}$/u).map((text) => `n${text}n`);
  const file = fc.record({ name: label, query: label, priority: fc.integer({ min: 1, max: 9 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 5 }), async (files) => {
      const elements = files.map(({ name, query, priority }) =>
        `<file name="${escaped(name)}"><url>http://last/</url>` +
        `<url priority='${priority}'>${escaped(`http://h/?${query}`)}</url></file>`
      );
      const entries = await read(metalink(elements.join("\n")));
      assertEquals(
        entries.map(told),
        files.map(({ name, query }) =>
          `${name.normalize("NFC")} ${new URL(`http://h/?${query}`)} http://last/`
        ),
      );
    }),
    { numRuns: 100 },
  );
});

testWithin(
  "dlm downloads what a document names, past a dead mirror, from file and stdin",
  async () => {
    const bytes = noise(3_000_000, 5);
    const [a, b] = [noise(1000, 1), noise(1000, 2)];
    await using server = await FileServer.start({ bytes });
    await using bad = await FileServer.start({ bytes: noise(3_000_000, 6) });
    await using dir = new TempDir();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    server.script = ({ path }) =>
      path === "/a" ? { state: { bytes: a } } : path === "/b" ? { state: { bytes: b } } : undefined;
    const document = metalink(`
    <file name="sub/big.bin">
      <hash type="sha-256">${digest}</hash>
      <url priority="3">${server.url("/big")}</url>
      <url priority="2">${bad.url("/big")}</url>
      <url priority="1">http://127.0.0.1:${unusedPort()}/dead</url>
    </file>
    <file name="../escaped"><url>${server.url("/a")}</url></file>
    <file name="a.bin"><url>${server.url("/a")}</url></file>
    <file name="b.bin"><url>ftp://127.0.0.1/b</url><url>${server.url("/b")}</url></file>`);
    const path = dir.write("files.meta4", document);
    const flags = ["--retry-delay", "1ms", "--retries", "5"];
    const fromFile = await runDlm(["download", "--urls", path, "-d", dir.file("one"), ...flags]);
    const fromStdin = await runDlm(["download", "--urls", "-", "-d", dir.file("two"), ...flags], {
      stdin: `\n  ${document}`,
    });
    for (const [folder, run] of [["one", fromFile], ["two", fromStdin]] as const) {
      assertEquals(run.code, 1, run.stderr);
      const failed = run.stderr.split("\n").filter((line) => line.startsWith("✗"));
      assertEquals(failed.length, 1, run.stderr);
      assertMatch(
        failed[0]!,
        /<file name="\.\.\/escaped">: "\.\.\/escaped" is not a safe file name/,
      );
      const files = { "sub/big.bin": bytes, "a.bin": a, "b.bin": b };
      assertEquals(
        [...Deno.readDirSync(dir.file(folder))].map(({ name }) => name).sort(),
        ["a.bin", "b.bin", "sub"],
      );
      for (const [name, expected] of Object.entries(files)) {
        const got = Deno.readFileSync(dir.file(`${folder}/${name}`));
        assert(got.every((byte, index) => byte === expected[index]), name);
        assertEquals(got.length, expected.length);
      }
    }
    assert(bad.requests.length > 0, "a mirror with other bytes was asked");
  },
  20_000,
);

testWithin("dlm takes no file of another size than the document says", async () => {
  const bytes = noise(300_000, 7);
  await using server = await FileServer.start({ bytes, etag: '"1"' });
  await using dir = new TempDir();
  const longer = { state: { bytes: noise(300_001, 8), etag: '"2"' } };
  server.script = ({ path }) => {
    if (path.startsWith("/unknown")) return { chunked: true };
    if (path === "/longer") return longer;
    if (path === "/endless") return { chunked: true, after: 1000, then: "stall" };
    // Whoever waits for these bytes waits for ever.
    return path.startsWith("/wrong") ? { after: 1000, then: "stall" } : undefined;
  };
  const file = (name: string, size: number, ...paths: string[]) =>
    `<file name="${name}"><size>${size}</size>${
      paths.map((path, index) => `<url priority="${index + 1}">${server.url(path)}</url>`).join("")
    }</file>`;
  const path = dir.write(
    "files.meta4",
    metalink([
      file("right", 300_000, "/right"),
      file("small", 300_001, "/wrong"),
      file("large", 5, "/wrong?large"),
      file("unknown", 300_000, "/unknown"),
      file("unknown-wrong", 299_999, "/unknown?wrong"),
      file("endless", 5, "/endless"),
      file("mirror", 300_000, "/longer", "/mirror"),
    ].join("")),
  );
  const into = dir.file("in");
  for (const segments of ["1", "4"]) {
    server.requests.length = 0;
    const args = ["--if-exists", "overwrite", "--retries", "0", "--segments", segments];
    const run = await runDlm(["download", "--urls", path, "-d", into, ...args]);
    assertEquals(run.code, 1);
    // The answer to a range tells how long the whole is.
    const told = (unknown: string) => segments === "1" ? unknown : "300000";
    const errors = [...run.stderr.matchAll(/^✗ (\S+) +Error: (.*) \(http.*$/gm)]
      .map(([, name, message]) => `${name}: ${message}`).sort();
    assertEquals(errors, [
      `endless: the server's file has ${told("at least 6")} bytes, but 5 are expected`,
      "large: the server's file has 300000 bytes, but 5 are expected",
      "small: the server's file has 300000 bytes, but 300001 are expected",
      `unknown-wrong: the server's file has ${
        told("at least 300000")
      } bytes, but 299999 are expected`,
    ]);
    const names = [...Deno.readDirSync(into)].map(({ name }) => name).sort();
    assertEquals(names, ["mirror", "right", "unknown"]);
    for (const name of names) {
      const got = Deno.readFileSync(`${into}/${name}`);
      assertEquals(got.length, bytes.length);
      assert(got.every((byte, index) => byte === bytes[index]), name);
    }
    assertEquals(server.requests.filter(({ path }) => path === "/longer").length, 1);
  }
  // What is in place already is not taken for the file either.
  Deno.writeFileSync(`${into}/right`, bytes.subarray(1));
  const again = await runDlm(["download", "--urls", path, "-d", into]);
  assertMatch(again.stderr, /^✗ right +Error: .* has 299999 bytes, not 300000 .*; remove it or/m);
});

/** A port that nobody listens on. */
function unusedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
