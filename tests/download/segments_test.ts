import { assert, assertEquals, assertRejects } from "@std/assert";
import * as fc from "npm:fast-check@^4.0.0";
import { ManualClock } from "../../src/clock/mod.ts";
import { fetched } from "../../src/download/_fetch_body.ts";
import type { ByteSource } from "../../src/download/_http_response.ts";
import { type Range, RangeSet } from "../../src/download/_ranges.ts";
import { SegmentedTransfer, type SegmentsOptions } from "../../src/download/_segments.ts";
import { DownloadError, type FailureKind } from "../../src/download/mod.ts";
import { PartFile } from "../../src/download/part_file.ts";
import { noise } from "../support/file_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const KIB = 1024;
const LENGTH = 3 * 1024 * KIB;
const BYTES = noise(LENGTH, 1);

/** What one connection does: it brings so many bytes, or all it is asked for, and then …? */
interface Conduct {
  /** Bytes that nobody has asked for, right behind the last. */
  readonly garbage?: number;
  readonly bytes?: number;
  readonly then: "end" | "break" | "stall" | FailureKind;
}

/** A connection that was opened. */
interface Opened extends Range {
  readonly worker: number;
}

/** A transfer into a file, over connections that behave as they are told. */
class Fixture implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly opened: Opened[] = [];
  readonly controller = new AbortController();
  readonly transfer: SegmentedTransfer;
  bytes = 0;
  readonly #dir = new TempDir();
  readonly #part = PartFile.open(this.#dir.file("a"));
  readonly #conduct: (opened: Opened) => Conduct;

  constructor(conduct: (opened: Opened) => Conduct, options: Partial<SegmentsOptions> = {}) {
    this.#conduct = conduct;
    this.transfer = new SegmentedTransfer({
      part: this.#part,
      missing: [{ start: 0, end: LENGTH }],
      connections: 3,
      waitMs: 0,
      open: (range, worker, signal) => this.#open({ ...range, worker }, signal),
      maxSize: Infinity,
      take: () => undefined,
      onReceived: (bytes) => this.bytes = bytes,
      signal: this.controller.signal,
      clock: this.clock,
      ...options,
    });
  }

  /** Runs it while time passes, for a simulated minute at most. */
  async run(): Promise<void> {
    let ended = false;
    const run = this.transfer.run();
    run.finally(() => ended = true).catch(() => {});
    while (!ended) {
      await this.clock.advance(250);
      if (this.clock.now() > 60_000) this.controller.abort(new Error("a minute is over"));
    }
    await run;
  }

  /** Checks that what was received is in the file, and was counted once. */
  check(): RangeSet {
    const received = new RangeSet(this.transfer.received);
    assertEquals(this.bytes, received.size, "every byte is counted once");
    const got = Deno.readFileSync(`${this.#dir.path}/a.part`);
    for (const { start, end } of received) {
      const wrong = got.subarray(start, end).findIndex((byte, at) => byte !== BYTES[start + at]);
      assert(wrong < 0, `byte ${start + wrong} is wrong`);
    }
    assert(got.length <= LENGTH, "nothing is written beyond the end");
    return received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#part.close();
    await this.#dir[Symbol.asyncDispose]();
    assertEquals(this.clock.pending, 0);
  }

  #open(opened: Opened, signal: AbortSignal): Promise<ByteSource> {
    this.opened.push(opened);
    const conduct = this.#conduct(opened);
    if (conduct.bytes === undefined && conduct.then !== "end" && conduct.then !== "stall") {
      return Promise.reject(failure(conduct.then));
    }
    return Promise.resolve(bodyOf(opened, conduct, signal));
  }
}

/** Small enough to be written at once, so that time passes only when the test says so. */
const PIECE = 32 * KIB;

/** The body of one connection: pieces of the file, as the runtime would bring them. */
function bodyOf(
  { start, end }: Range,
  { bytes, garbage = 0, then }: Conduct,
  signal: AbortSignal,
): ByteSource {
  let at = start;
  const stop = Math.min(end, start + (bytes ?? (then === "stall" ? 0 : Infinity)));
  const stream = new ReadableStream({
    type: "bytes",
    async pull(controller) {
      if (at < stop) {
        const piece = BYTES.subarray(at, Math.min(at + PIECE, stop));
        at += piece.length;
        const more = new Uint8Array(piece.length + (at === end ? garbage : 0));
        more.set(piece);
        return controller.enqueue(more);
      }
      if (then === "end" || at === end) {
        controller.close();
        controller.byobRequest?.respond(0);
        return;
      }
      if (then !== "stall") throw failure(then);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      throw signal.reason;
    },
  });
  return fetched(new Response(stream)).body;
}

/** A broken connection is told by the runtime as a TypeError. */
function failure(then: Conduct["then"]): Error {
  if (then === "break") return new TypeError("connection closed before message completed");
  return new DownloadError(then as FailureKind, then, { retryable: true });
}

testWithin("each connection brings its part, and none is asked for twice", async () => {
  await using fixture = new Fixture(() => ({ then: "end" }));
  await fixture.run();
  assert(fixture.check().isExactly(LENGTH));
  assertEquals(fixture.opened.slice(0, 3).map(({ worker }) => worker), [0, 1, 2]);
});

testWithin("only what is missing is asked for", async () => {
  const missing = [{ start: 0, end: 100 }, { start: 5000, end: 5001 }];
  await using fixture = new Fixture(() => ({ then: "end" }), { missing });
  await fixture.run();
  assertEquals([...fixture.check()], missing);
  assertEquals(fixture.opened.map(({ start, end }) => ({ start, end })), missing);
});

testWithin("a connection that is open already is used, and its rest is divided", async () => {
  await using fixture = new Fixture(() => ({ then: "end" }), { connections: 2 });
  const range = { start: 0, end: LENGTH };
  const body = bodyOf(range, { then: "end" }, new AbortController().signal);
  const run = fixture.transfer.run({ ...range, body });
  await run;
  assert(fixture.check().isExactly(LENGTH));
  assertEquals(fixture.opened[0], { start: LENGTH / 2, end: LENGTH, worker: 1 });
});

testWithin("what comes beyond a range is not written, where another has been before", async () => {
  // The second and third part are there before the first one's garbage comes.
  await using fixture = new Fixture(({ worker }) =>
    worker === 0 ? { garbage: 1000, then: "end" } : { then: "end" }
  );
  await fixture.run();
  assert(fixture.check().isExactly(LENGTH));
});

testWithin("a connection that breaks gives its rest to the others", async () => {
  await using fixture = new Fixture(({ worker }) =>
    worker === 1 ? { bytes: 100 * KIB, then: "break" } : { then: "end" }
  );
  await fixture.run();
  assert(fixture.check().isExactly(LENGTH));
  assertEquals(fixture.opened.filter(({ worker }) => worker === 1).length, 1, "used no further");
});

testWithin("one that has brought much before it broke is opened again", async () => {
  await using fixture = new Fixture(() => ({ bytes: 300 * KIB, then: "break" }), {
    connections: 1,
  });
  await fixture.run();
  assert(fixture.check().isExactly(LENGTH));
  assertEquals(fixture.opened.length, Math.ceil(LENGTH / (300 * KIB)));
});

testWithin("when the last connection has failed, that is the failure", async () => {
  await using fixture = new Fixture(({ worker }) =>
    worker === 0 ? { bytes: 10 * KIB, then: "break" } : { then: "http" }
  );
  await assertRejects(() => fixture.run(), DownloadError);
  assertEquals(fixture.check().size, 10 * KIB);
});

for (const kind of ["protocol", "too-large", "disk-full", "file"] as const) {
  testWithin(`what no other connection could mend ends all at once: ${kind}`, async () => {
    await using fixture = new Fixture(({ worker }) =>
      worker === 2 ? { then: kind } : { bytes: 64 * KIB, then: "stall" }
    );
    const error = await assertRejects(() => fixture.run(), DownloadError);
    assertEquals(error.kind, kind, "and not what the others say when they are ended");
    assertEquals(fixture.clock.now(), 250);
    fixture.check();
  });
}

testWithin("one that falls silent is taken over, and the file is whole", async () => {
  await using fixture = new Fixture(({ worker, start }) =>
    worker === 1 && start > 0 ? { bytes: 64 * KIB, then: "stall" } : { then: "end" }
  );
  await fixture.run();
  assert(fixture.check().isExactly(LENGTH));
  assert(fixture.clock.now() >= 2_000 && fixture.clock.now() < 4_000, `${fixture.clock.now()}`);
});

testWithin("one whose rest is taken while it writes it is ended if it is silent then", async () => {
  const mib = 1024 * KIB;
  const all = { start: 0, end: 16 * mib };
  const isWriting = Promise.withResolvers<void>();
  const isWritten = Promise.withResolvers<void>();
  await using fixture: Fixture = new Fixture(() => ({ then: "end" }), {
    missing: [all],
    connections: 2,
    async open({ start, end }, worker) {
      // While the first one writes 5 MiB behind 2, the second takes what is beyond the middle.
      const sizes = start === 0 ? [2 * mib, 5 * mib] : undefined;
      if (worker > 0) await isWriting.promise;
      const silence = Promise.withResolvers<undefined>();
      let left = end - start;
      return {
        next() {
          const size = sizes ? sizes.shift() ?? 0 : Math.min(left, 16 * KIB);
          left -= size;
          if (size > 0) return Promise.resolve(new Uint8Array(size));
          isWriting.resolve();
          return sizes ? silence.promise : Promise.resolve(undefined);
        },
        cancel() {},
        abort: () => silence.resolve(undefined),
      };
    },
    onReceived: () => {
      const [first] = new RangeSet(fixture.transfer.received);
      if (first!.end === 16 * mib) isWritten.resolve();
    },
  });
  const run = fixture.transfer.run();
  await isWritten.promise;
  await fixture.clock.advance(3_000);
  await run;
  assertEquals([...new RangeSet(fixture.transfer.received)], [all]);
});

testWithin("one that waits for its share of the bandwidth is left alone", async () => {
  const share = Promise.withResolvers<void>();
  let takes = 0;
  const take = () => () => ++takes > 20 ? Promise.resolve() : share.promise;
  await using fixture = new Fixture(() => ({ then: "end" }), { take });
  let openedMeanwhile = 0;
  fixture.clock.schedule(20_000, () => {
    openedMeanwhile = fixture.opened.length;
    share.resolve();
  });
  await fixture.run();
  assert(fixture.check().isExactly(LENGTH));
  assertEquals(openedMeanwhile, 3);
});

testWithin("no byte at or beyond the largest size is written", async () => {
  await using fixture = new Fixture(() => ({ then: "end" }), { maxSize: LENGTH - 1 });
  const error = await assertRejects(() => fixture.run(), DownloadError);
  assertEquals(error.kind, "too-large");
  assert(fixture.check().end < LENGTH);
});

testWithin("an abort ends all of them with its reason", async () => {
  await using fixture = new Fixture(() => ({ bytes: 64 * KIB, then: "stall" }));
  const run = assertRejects(() => fixture.transfer.run(), Error, "enough");
  await fixture.clock.advance(100);
  fixture.controller.abort(new Error("enough"));
  await run;
  assertEquals(fixture.check().size, 3 * 64 * KIB);
});

testWithin("one that is aborted before it begins asks for nothing", async () => {
  await using fixture = new Fixture(() => ({ then: "end" }));
  fixture.controller.abort(new Error("no"));
  await assertRejects(() => fixture.transfer.run(), Error, "no");
  assertEquals(fixture.opened, []);
});

/** What connections do, one after the other. */
const conduct: fc.Arbitrary<Conduct> = fc.oneof(
  fc.constant({ then: "end" as const }),
  fc.record({
    bytes: fc.integer({ min: 1, max: LENGTH }),
    then: fc.constantFrom("end" as const, "break" as const, "stall" as const),
  }),
  fc.record({ then: fc.constantFrom("http" as const, "connect" as const, "stall" as const) }),
);

const missing = fc.array(
  fc.tuple(fc.nat(LENGTH), fc.nat(LENGTH)).map(([start, end]) => ({ start, end })),
  { maxLength: 4 },
).map((done) => new RangeSet(done).missing(LENGTH));

testWithin("whatever connections do, what is received is right and counted once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(conduct, { minLength: 1, maxLength: 12 }),
      missing,
      fc.constantFrom<number | "auto">(1, 2, 4, "auto"),
      async (conducts, gaps, connections) => {
        let count = 0;
        await using fixture = new Fixture(() => conducts[count++ % conducts.length]!, {
          missing: gaps,
          connections,
        });
        let ended = true;
        try {
          await fixture.run();
        } catch {
          ended = false;
        }
        const received = fixture.check();
        const whole = new RangeSet([...received, ...new RangeSet(gaps).missing(LENGTH)]);
        if (ended) assert(whole.isExactly(LENGTH) || gaps.length === 0, "all of it has come");
        for (const { start, end } of received) {
          const asked = gaps.some((gap) => gap.start <= start && end <= gap.end);
          assert(asked, "nothing has come that was there already");
        }
      },
    ),
    { numRuns: 60 },
  );
}, 30_000);

testWithin("a large range is asked for in pieces, from its beginning", async () => {
  const mib = 1024 * KIB;
  await using fixture = new Fixture(() => ({ bytes: 0, then: "file" }), {
    missing: [{ start: 1 * mib, end: 30 * mib }],
    connections: 3,
  });
  await assertRejects(() => fixture.run(), DownloadError);
  const asked = fixture.opened.map(({ start, end }) => [start / mib, end / mib]);
  assertEquals(asked, [[1, 9], [9, 17], [17, 25]]);
});

testWithin("a huge range is asked for in no more pieces than can be looked after", async () => {
  const gib = 1024 ** 3;
  await using fixture = new Fixture(() => ({ bytes: 0, then: "file" }), {
    missing: [{ start: 0, end: 512 * gib }],
    connections: 2,
  });
  await assertRejects(() => fixture.run(), DownloadError);
  const asked = fixture.opened.map(({ start, end }) => [start / gib, end / gib]);
  assertEquals(asked, [[0, 1], [1, 2]]);
});
