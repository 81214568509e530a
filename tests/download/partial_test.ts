import { assert, assertEquals, assertRejects } from "@std/assert";
import { stub } from "@std/testing/mock";
import { readJournal } from "../../src/download/_journal.ts";
import { Partial } from "../../src/download/_partial.ts";
import { RangeSet } from "../../src/download/_ranges.ts";
import { DownloadError } from "../../src/download/mod.ts";
import { operations } from "../support/operations.ts";
import { SmallDisk } from "../support/small_disk.ts";
import { root, testNeeding } from "../support/needs.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const URL = "http://host/a";
const STATE = { etag: '"1"', length: 10 };

/** A part file of `target` with so many of its ten bytes. */
function begun(target: string, bytes: number, state: object = STATE): Partial {
  const partial = Partial.create(target);
  partial.adopt(URL, state);
  partial.part.file.writeSync(new Uint8Array(bytes).fill(1));
  partial.done = new RangeSet([{ start: 0, end: bytes }]);
  return partial;
}

testWithin("what is left is found again, for the URL that it came from", async () => {
  await using dir = new TempDir();
  await begun(dir.file("a"), 4).leave();
  assertEquals(dir.names(), ["a.part", "a.part.json"]);
  {
    using found = Partial.find(dir.file("a"), ["http://mirror/a", URL]);
    assertEquals([...found.done], [{ start: 0, end: 4 }]);
    assertEquals(found.representation, STATE);
    assertEquals([found.isComplete, found.isResumable, found.isFrom(URL)], [false, true, true]);
    assertEquals(found.validatorFor(URL), '"1"');
    assertEquals(found.validatorFor("http://mirror/a"), undefined);
  }
  {
    using other = Partial.find(dir.file("a"), ["http://elsewhere/a"]);
    assertEquals([other.done.size, other.part.size], [0, 0]);
  }
  assertEquals(dir.names(), ["a.part"], "the journal of bytes that are gone is gone");
});

for (
  const [what, bytes, state] of [
    ["without a validator", 4, { length: 10 }],
    ["without a byte", 0, STATE],
  ] as const
) {
  testWithin(`what can't be continued, ${what}, is not left`, async () => {
    await using dir = new TempDir();
    const partial = begun(dir.file("a"), bytes, state);
    await partial.save();
    await partial.leave();
    assertEquals(dir.names(), []);
  });
}

// No test can cut the power; the order of these steps is what makes a power cut harmless.
for (const replace of [true, false]) {
  testWithin(`bytes are on the disk before anything says so, replacing ${replace}`, async () => {
    await using dir = new TempDir();
    const partial = begun(dir.file("a"), 10);
    assertEquals(await operations(() => partial.save()), ["sync", "a.part.json~ -> a.part.json"]);
    const named = replace ? ["a.part -> a"] : ["a.part = a", "no a.part"];
    assertEquals(
      await operations(async () => await partial.publish(dir.file("a"), replace)),
      ["sync", ...named, "no a.part.json"],
    );
  });
}

testWithin("what is left behind is on the disk before the journal says so", async () => {
  await using dir = new TempDir();
  const partial = begun(dir.file("a"), 4);
  assertEquals(await operations(() => partial.leave()), ["sync", "a.part.json~ -> a.part.json"]);
});

testWithin("the journal says only what has been saved", async () => {
  await using dir = new TempDir();
  using partial = begun(dir.file("a"), 4);
  assertEquals(readJournal(dir.file("a")), undefined);
  await partial.save(new RangeSet([{ start: 0, end: 3 }]));
  assertEquals([...readJournal(dir.file("a"))!.done], [{ start: 0, end: 3 }]);
});

for (const size of [3, 11]) {
  testWithin(
    `a part file of ${size} bytes is not the one of which 4 of 10 were written`,
    async () => {
      await using dir = new TempDir();
      await begun(dir.file("a"), 4).leave();
      Deno.truncateSync(dir.file("a.part"), size);
      using found = Partial.find(dir.file("a"), [URL]);
      assertEquals([found.done.size, found.part.size], [0, 0]);
    },
  );
}

testWithin(
  "a complete file gets its name and the server's time, and nothing else is left",
  async () => {
    await using dir = new TempDir();
    const lastModified = "Wed, 21 Oct 2015 07:28:00 GMT";
    const partial = begun(dir.file("a"), 10, { ...STATE, lastModified });
    await partial.save();
    assert(partial.isComplete);
    await partial.publish(dir.file("b"), false);
    assertEquals(dir.names(), ["b"]);
    assertEquals(Deno.statSync(dir.file("b")).mtime?.toUTCString(), lastModified);
  },
);

testWithin("a name that is taken is not taken again, and what is there is kept", async () => {
  await using dir = new TempDir();
  dir.write("a", "old");
  const partial = begun(dir.file("a"), 10);
  const error = await assertRejects(
    async () => await partial.publish(dir.file("a"), false),
    DownloadError,
  );
  assertEquals(error.kind, "exists");
  await partial.leave();
  assertEquals([dir.read("a"), dir.names()], ["old", ["a", "a.part", "a.part.json"]]);
  using found = Partial.find(dir.file("a"), [URL]);
  assert(found.isComplete);
  await found.publish(dir.file("a"), true);
  assertEquals([Deno.statSync(dir.file("a")).size, dir.names()], [10, ["a"]]);
});

for (const size of [9, 11]) {
  testWithin(`a part file that somebody has made ${size} bytes long is not published`, async () => {
    await using dir = new TempDir();
    const made = performance.now();
    const partial = begun(dir.file("a"), 10);
    Deno.truncateSync(dir.file("a.part"), size);
    // A file that was made a moment ago is not looked at again.
    using _later = stub(performance, "now", () => made + 10_000);
    const error = await assertRejects(
      async () => await partial.publish(dir.file("a"), false),
      DownloadError,
    );
    assertEquals([error.kind, error.retryable], ["file", true]);
    partial.discard();
    assertEquals(dir.names(), []);
  });
}

testWithin("bytes of an earlier run that no journal tells of are not published", async () => {
  await using dir = new TempDir();
  await begun(dir.file("a"), 4, { etag: '"1"' }).leave();
  dir.write("a.part", "more than four"); // the run went on, and was killed
  using found = Partial.find(dir.file("a"), [URL]);
  found.adopt(URL, { length: 4 }); // as a 416 says it
  assert(found.isComplete);
  const error = await assertRejects(
    async () => await found.publish(dir.file("a"), false),
    DownloadError,
  );
  assertEquals([error.kind, error.retryable], ["file", true]);
});

testWithin("a part file in use is left to its user", async () => {
  await using dir = new TempDir();
  using _first = begun(dir.file("a"), 4);
  for (const open of [() => Partial.create(dir.file("a")), () => Partial.find(dir.file("a"), [])]) {
    const error = await assertRejects(() => Promise.try(open), DownloadError, "another process");
    assertEquals(error.kind, "exists");
  }
  assertEquals(Deno.statSync(dir.file("a.part")).size, 4);
});

for (
  const [what, meanwhile, message, retryable] of [
    [
      "is published",
      (dir: TempDir) => Deno.renameSync(dir.file("a.part"), dir.file("a")),
      "another process has just finished",
      true,
    ],
    [
      "is removed and begun again",
      (dir: TempDir) => {
        Deno.removeSync(dir.file("a.part"));
        dir.write("a.part", "another's");
      },
      "another process has just finished",
      true,
    ],
    [
      "becomes a link",
      (dir: TempDir) => {
        Deno.renameSync(dir.file("a.part"), dir.file("a"));
        Deno.symlinkSync(dir.file("a"), dir.file("a.part"));
      },
      "is a symbolic link",
      false,
    ],
  ] as const
) {
  testWithin(`a part file that ${what} between opening and locking is not written`, async () => {
    await using dir = new TempDir();
    await begun(dir.file("a"), 4).leave();
    const { tryLockSync } = Deno.FsFile.prototype;
    Deno.FsFile.prototype.tryLockSync = function (exclusive) {
      Deno.FsFile.prototype.tryLockSync = tryLockSync;
      meanwhile(dir);
      return tryLockSync.call(this, exclusive);
    };
    const open = () => Promise.try(() => Partial.find(dir.file("a"), [URL]));
    const error = await assertRejects(open, DownloadError, message);
    assertEquals([error.kind, error.retryable], ["exists", retryable]);
    const there = dir.names().filter((name) => name !== "a.part.json");
    for (const name of there) assert(Deno.statSync(dir.file(name)).size > 0, "nothing was cut");
  });
}

testWithin("a part file that vanishes while it is opened is begun", async () => {
  await using dir = new TempDir();
  await begun(dir.file("a"), 4).leave();
  const { openSync } = Deno;
  let opened = 0;
  Deno.openSync = (path, options) => {
    if (++opened === 2) Deno.removeSync(dir.file("a.part"));
    return openSync(path, options);
  };
  try {
    using found = Partial.find(dir.file("a"), [URL]);
    assertEquals([found.part.isNew, found.done.size], [true, 0]);
  } finally {
    Deno.openSync = openSync;
  }
});

testWithin("a part file that has come since the folder was looked at is begun anew", async () => {
  await using dir = new TempDir();
  await begun(dir.file("a"), 4).leave();
  using partial = Partial.create(dir.file("a"));
  assertEquals([partial.done.size, partial.part.size, dir.names()], [0, 0, ["a.part"]]);
});

testWithin("a hard link in the place of a part file is replaced", async () => {
  await using dir = new TempDir();
  dir.write("a", "finished");
  Deno.linkSync(dir.file("a"), dir.file("a.part"));
  using partial = Partial.find(dir.file("a"), [URL]);
  partial.part.file.writeSync(new Uint8Array(3));
  assertEquals([dir.read("a"), partial.part.isNew], ["finished", true]);
});

testWithin("leaving never throws, even where nothing is left to leave", async () => {
  await using dir = new TempDir();
  Deno.mkdirSync(dir.file("sub"));
  const partial = begun(dir.file("sub/a"), 4);
  Deno.removeSync(dir.file("sub"), { recursive: true });
  await partial.leave();
  const other = Partial.create(dir.file("b"));
  Deno.removeSync(dir.file("b.part"));
  Deno.mkdirSync(dir.file("b.part/sub"), { recursive: true });
  other.discard();
});

testWithin("mirrors are held to what the first one has said", async () => {
  await using dir = new TempDir();
  using partial = begun(dir.file("a"), 4);
  const mirror = "http://mirror/a";
  // Another length is another file; another validator only where no checksum will tell.
  assertEquals(partial.accepts(mirror, { etag: '"1"', length: 11 }, true), false);
  assertEquals(partial.accepts(mirror, { etag: '"2"', length: 10 }, false), false);
  assertEquals(partial.accepts(mirror, { length: 10 }, false), false);
  assertEquals(partial.accepts(mirror, { etag: '"1"', length: 10 }, false), true);
  assertEquals(partial.accepts(mirror, { etag: '"2"', length: 10 }, true), true);
  partial.adopt(mirror, { etag: '"2"', length: 10 });
  assertEquals(partial.representation, STATE, "the file is still the first one's");
  // From now on it is held to its own words.
  assertEquals([partial.validatorFor(mirror), partial.validatorFor(URL)], ['"2"', '"1"']);
  assertEquals(partial.accepts(mirror, { etag: '"2"', length: 10 }, true), true);
  assertEquals(partial.accepts(mirror, { etag: '"3"', length: 10 }, true), false);
  partial.restart();
  assertEquals(partial.accepts(mirror, { etag: '"3"', length: 7 }, false), true);
});

testNeeding([root], "on a full disk the part file makes room for its journal", async () => {
  await using disk = new SmallDisk(1_000_000);
  const target = disk.file("a");
  const partial = Partial.create(target);
  partial.adopt(URL, { etag: '"1"' });
  let size = 0;
  try {
    for (;;) size += partial.part.file.writeSync(new Uint8Array(4096).fill(1));
  } catch {
    partial.done = new RangeSet([{ start: 0, end: size }]);
  }
  await partial.leave();
  const { done } = readJournal(target)!;
  const [kept] = [...done];
  assert(kept!.start === 0 && kept!.end > size - 100_000 && kept!.end < size);
  assertEquals(Deno.statSync(`${target}.part`).size, kept!.end);
});

testWithin("what was put in the place of a part file is not given its name", async () => {
  await using dir = new TempDir();
  const made = performance.now();
  using partial = Partial.create(dir.file("a"));
  partial.part.file.writeSync(new Uint8Array(3));
  partial.adopt(URL, { length: 3 });
  partial.done = new RangeSet([{ start: 0, end: 3 }]);
  // A file that was made a moment ago is not looked at again.
  const clock = stub(performance, "now", () => made + 10_000);
  try {
    for (const put of [() => dir.write("a.part", "xyz"), () => {}]) {
      Deno.removeSync(dir.file("a.part"));
      put();
      const error = await assertRejects(
        async () => await partial.publish(dir.file("a"), false),
        DownloadError,
      );
      assertEquals([error.kind, error.retryable], ["file", true]);
      assertEquals(dir.names().includes("a"), false);
    }
  } finally {
    clock.restore();
  }
});
