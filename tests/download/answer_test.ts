import { assertEquals, assertThrows } from "@std/assert";
import {
  checkPart,
  interpret,
  isTrustworthy,
  rangeHeaders,
  StartOver,
} from "../../src/download/_answer.ts";
import type { HttpResponse } from "../../src/download/_http_response.ts";
import { Partial } from "../../src/download/_partial.ts";
import { RangeSet } from "../../src/download/_ranges.ts";
import { DownloadError } from "../../src/download/mod.ts";
import { TempDir } from "../support/temp_dir.ts";

const URL = "http://host/a";

/** Hands a part file of 100 bytes of a file of 1,000 to the test. */
async function withPartial(
  use: (partial: Partial) => void,
  done = new RangeSet([{ start: 0, end: 100 }]),
): Promise<void> {
  await using dir = new TempDir();
  using partial = Partial.create(dir.file("a"));
  partial.adopt(URL, { etag: '"1"', length: 1000 });
  partial.part.file.writeSync(new Uint8Array(done.end));
  partial.done = done;
  use(partial);
}

function response(status: number, headers: Record<string, string>): HttpResponse {
  const body = { next: () => Promise.resolve(undefined), cancel: () => {}, abort: () => {} };
  return { status, headers: new Headers(headers), body };
}

const PART = { etag: '"1"', "content-range": "bytes 100-999/1000", "content-length": "900" };

Deno.test("a range is asked for on condition that the file is the same", () => {
  assertEquals(rangeHeaders({ start: 5, end: Infinity }, '"1"'), [
    ["range", "bytes=5-"],
    ["if-range", '"1"'],
  ]);
  assertEquals(rangeHeaders({ start: 5, end: 10 }, undefined), [["range", "bytes=5-9"]]);
});

Deno.test("206: the part that was asked for is taken", async () => {
  await withPartial((partial) => {
    const answer = interpret(response(206, PART), URL, partial, 100, false);
    assertEquals([answer?.start, answer?.end, answer?.divisible], [100, 1000, true]);
    assertEquals(partial.done.size, 100);
  });
});

Deno.test("206: a shorter part than was asked for is taken", async () => {
  await withPartial((partial) => {
    const headers = { ...PART, "content-range": "bytes 100-199/1000", "content-length": "100" };
    assertEquals(interpret(response(206, headers), URL, partial, 100, false)?.end, 200);
  });
});

const refused: Record<string, Record<string, string>> = {
  "another place": { ...PART, "content-range": "bytes 99-999/1000" },
  "no place": { etag: '"1"' },
  "several parts": { ...PART, "content-type": "multipart/byteranges; boundary=x" },
  "a length that contradicts the place": { ...PART, "content-length": "899" },
  "another validator": { ...PART, etag: '"2"' },
  "no validator": { "content-range": "bytes 100-999/1000" },
  "a weak validator": { ...PART, etag: 'W/"1"' },
  "another whole length": { etag: '"1"', "content-range": "bytes 100-999/1001" },
};

for (const [what, headers] of Object.entries(refused)) {
  Deno.test(`206: ${what} starts over`, async () => {
    await withPartial((partial) => {
      assertThrows(() => interpret(response(206, headers), URL, partial, 100, true), StartOver);
      const range = { start: 100, end: 1000 };
      assertThrows(() => checkPart(response(206, headers), URL, partial, range, true), StartOver);
      assertEquals(partial.done.size, 100, "which is not for the answer to decide");
    });
  });
}

Deno.test("200: the whole file takes the place of what was there", async () => {
  await withPartial((partial) => {
    const headers = { etag: '"2"', "content-length": "7", "accept-ranges": "bytes" };
    const answer = interpret(response(200, headers), URL, partial, 100, false);
    assertEquals([answer?.start, answer?.end, answer?.divisible], [0, 7, true]);
    assertEquals([partial.done.size, partial.part.size], [0, 0]);
    assertEquals(partial.representation, { etag: '"2"', length: 7 });
  });
});

const lengths: [headers: Record<string, string>, end: number | undefined, divisible: boolean][] = [
  [{ "content-length": "7", "accept-ranges": "bytes" }, 7, true],
  [{ "content-length": "7", "accept-ranges": "none" }, 7, false],
  [{ "content-length": "7" }, 7, false],
  [{ "accept-ranges": "bytes" }, undefined, false],
  [{ "content-length": "7, 7" }, 7, false],
  // RFC 9112 §6.3: the coding's own end counts.
  [{ "content-length": "7", "transfer-encoding": "chunked" }, undefined, false],
];

for (const [headers, end, divisible] of lengths) {
  Deno.test(`200: the length of ${JSON.stringify(headers)}`, async () => {
    await withPartial((partial) => {
      const answer = interpret(response(200, headers), URL, partial, undefined, false);
      assertEquals([answer?.end, answer?.divisible], [end, divisible]);
    }, new RangeSet());
  });
}

for (const length of ["-7", "7.5", "7, 8", "", "9999999999999999"]) {
  Deno.test(`200: "${length}" is no length`, async () => {
    await withPartial((partial) => {
      const answer = response(200, { "content-length": length });
      const error = assertThrows(
        () => interpret(answer, URL, partial, undefined, false),
        DownloadError,
      );
      assertEquals([error.kind, error.retryable], ["connect", true]);
    }, new RangeSet());
  });
}

Deno.test("204 is an empty file; other answers to a plain request are errors", async () => {
  await withPartial((partial) => {
    assertEquals(interpret(response(204, {}), URL, partial, undefined, false)?.end, 0);
    for (const status of [206, 416]) {
      const error = assertThrows(
        () => interpret(response(status, PART), URL, partial, undefined, false),
        DownloadError,
      );
      assertEquals([error.kind, error.retryable], ["protocol", false]);
    }
  }, new RangeSet());
});

const all = new RangeSet([{ start: 0, end: 100 }]);

for (
  const [length, done, header, etag, complete] of [
    [undefined, all, "bytes */100", undefined, true],
    [undefined, all, "bytes */100", '"1"', true],
    [undefined, all, "bytes */100", '"2"', false],
    [undefined, all, "bytes */99", undefined, false],
    [undefined, all, "bytes */101", undefined, false],
    [undefined, all, undefined, undefined, false],
    [1000, all, "bytes */100", undefined, false],
    [
      undefined,
      new RangeSet([{ start: 0, end: 50 }, { start: 60, end: 110 }]),
      "bytes */100",
      undefined,
      false,
    ],
    [undefined, new RangeSet(), "bytes */0", undefined, true],
  ] as const
) {
  const place = `${done.size} bytes of ${length ?? "unknown"}`;
  Deno.test(`416 ${header} ${etag ?? ""} on ${place} ${complete ? "is complete" : "starts over"}`, async () => {
    await withPartial((partial) => {
      partial.representation = { etag: '"1"', length };
      const headers = {
        ...(header === undefined ? {} : { "content-range": header }),
        ...(etag === undefined ? {} : { etag }),
      };
      const ask = () => interpret(response(416, headers), URL, partial, done.firstGap, false);
      if (complete) assertEquals([ask(), partial.representation.length], [undefined, done.size]);
      else assertThrows(ask, StartOver);
    }, done);
  });
}

Deno.test("the body of a 416 that says that all is there is given up", async () => {
  await withPartial((partial) => {
    const answer = response(416, { "content-range": "bytes */100" });
    let isGivenUp = false;
    const body = { ...answer.body, cancel: () => void (isGivenUp = true) };
    partial.representation = { etag: '"1"', length: 100 };
    interpret({ ...answer, body }, URL, partial, 100, false);
    assertEquals(isGivenUp, true);
  });
});

Deno.test("a whole file in place of a part of it starts over", async () => {
  await withPartial((partial) => {
    const whole = response(200, { etag: '"1"', "content-length": "1000" });
    const range = { start: 100, end: 200 };
    assertThrows(() => checkPart(whole, URL, partial, range, false), StartOver);
  });
});

Deno.test("parts are only trusted where a validator or a checksum tells a mixture", async () => {
  await withPartial((partial) => {
    assertEquals(isTrustworthy(partial, false), true);
    partial.representation = { length: 1000 };
    assertEquals([isTrustworthy(partial, false), isTrustworthy(partial, true)], [false, true]);
  });
});
