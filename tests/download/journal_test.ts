import { assertEquals, assertThrows } from "@std/assert";
import * as fc from "npm:fast-check@^4.0.0";
import {
  JOURNAL_SUFFIXES,
  type JournalEntry,
  readJournal,
  removeJournal,
  writeJournal,
} from "../../src/download/_journal.ts";
import { RangeSet } from "../../src/download/_ranges.ts";
import { DownloadError } from "../../src/download/mod.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const ENTRY: JournalEntry = {
  url: "http://host/a",
  representation: {
    etag: '"1"',
    lastModified: "Wed, 21 Oct 2015 07:28:00 GMT",
    length: 100,
    disposition: "attachment; filename=\u00e9",
  },
  done: new RangeSet([{ start: 0, end: 10 }, { start: 50, end: 60 }]),
};

/** What a journal says, in a form that can be compared. */
function plain(entry: JournalEntry | undefined): unknown {
  return entry && { ...entry, done: [...entry.done] };
}

testWithin("what is written is read again, and nothing else is left", async () => {
  await using dir = new TempDir();
  const target = dir.file("a");
  const bare: JournalEntry = { url: "u", representation: {}, done: new RangeSet() };
  for (const entry of [ENTRY, bare, ENTRY]) {
    writeJournal(target, entry);
    assertEquals(plain(readJournal(target)), plain(entry));
    assertEquals(dir.names(), ["a.part.json"]);
  }
  removeJournal(target);
  assertEquals(dir.names(), []);
  removeJournal(target);
  assertEquals(readJournal(target), undefined);
});

testWithin(
  "what an interrupted write has left is replaced, and removed with the journal",
  async () => {
    await using dir = new TempDir();
    const target = dir.file("a");
    writeJournal(target, ENTRY);
    dir.write("a.part.json~", "half a jour");
    assertEquals(plain(readJournal(target)), plain(ENTRY));
    writeJournal(target, ENTRY);
    assertEquals(dir.names(), ["a.part.json"]);
    dir.write("a.part.json~", "half a jour");
    removeJournal(target);
    assertEquals(dir.names(), []);
    assertEquals(JOURNAL_SUFFIXES.map((suffix) => `a${suffix}`), ["a.part.json", "a.part.json~"]);
  },
);

testWithin("no link is followed, neither in reading nor in writing", async () => {
  await using dir = new TempDir();
  const target = dir.file("a");
  const victim = dir.write("victim", "precious");
  for (const suffix of JOURNAL_SUFFIXES) Deno.symlinkSync(victim, target + suffix);
  assertEquals(readJournal(target), undefined);
  writeJournal(target, ENTRY);
  assertEquals(dir.read("victim"), "precious");
  assertEquals(plain(readJournal(target)), plain(ENTRY));
  assertEquals(dir.names(), ["a.part.json", "victim"]);
});

testWithin("a journal that can't be written says which", async () => {
  await using dir = new TempDir();
  const error = assertThrows(
    () => writeJournal(dir.file("nowhere/a"), ENTRY),
    DownloadError,
    "nowhere/a.part.json",
  );
  assertEquals(error.kind, "file");
});

const TEXT = JSON.stringify({
  version: 1,
  url: "http://host/a",
  etag: '"1"',
  length: 100,
  done: [[0, 10], [50, 60]],
});

/** Changes of {@linkcode TEXT} after which it can't be trusted. */
const untrusted: Record<string, (journal: Record<string, unknown>) => unknown> = {
  "of a later version": (journal) => ({ ...journal, version: 2 }),
  "without a version": (journal) => ({ ...journal, version: undefined }),
  "without a URL": (journal) => ({ ...journal, url: undefined }),
  "without its ranges": (journal) => ({ ...journal, done: undefined }),
  "with ranges that are none": (journal) => ({ ...journal, done: [[0]] }),
  "with a range of three": (journal) => ({ ...journal, done: [[0, 1, 2]] }),
  "with a backward range": (journal) => ({ ...journal, done: [[10, 5]] }),
  "with an empty range": (journal) => ({ ...journal, done: [[5, 5]] }),
  "with a negative place": (journal) => ({ ...journal, done: [[-1, 5]] }),
  "with half a byte": (journal) => ({ ...journal, done: [[0, 1.5]] }),
  "with a place in words": (journal) => ({ ...journal, done: [["0", "5"]] }),
  "with a place that no number holds": (journal) => ({ ...journal, done: [[0, 2 ** 60]] }),
  "with more than there is": (journal) => ({ ...journal, done: [[0, 101]] }),
  "with gaps in a file of unknown length": (journal) => ({ ...journal, length: undefined }),
  "that is a list": () => [],
  "that is nothing": () => null,
  "that is a number": () => 5,
};

for (const [what, change] of Object.entries(untrusted)) {
  testWithin(`a journal ${what} is not used`, async () => {
    await using dir = new TempDir();
    dir.write("a.part.json", JSON.stringify(change(JSON.parse(TEXT))));
    assertEquals(readJournal(dir.file("a")), undefined);
  });
}

testWithin("what is wrong with a detail costs that detail", async () => {
  await using dir = new TempDir();
  const odd = { ...JSON.parse(TEXT), etag: 'W/"1"', lastModified: 5, length: 100, disposition: {} };
  dir.write("a.part.json", JSON.stringify(odd));
  assertEquals(readJournal(dir.file("a"))?.representation, { length: 100 });
});

testWithin("however a journal is damaged, it never says more than it did", async () => {
  await using dir = new TempDir();
  const target = dir.file("a");
  fc.assert(
    fc.property(fc.nat(TEXT.length), fc.nat(TEXT.length), fc.string(), (from, count, text) => {
      const damaged = TEXT.slice(0, from) + text + TEXT.slice(from + count);
      dir.write("a.part.json", damaged);
      const entry = readJournal(target);
      if (!entry) return;
      const { length = Infinity } = entry.representation;
      for (const { start, end } of entry.done) {
        if (!(start >= 0 && start < end && end <= length)) throw new Error(damaged);
      }
    }),
  );
});
