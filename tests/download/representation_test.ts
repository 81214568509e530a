import { assertEquals } from "@std/assert";
import {
  contentRangeOf,
  representationOf,
  sameRepresentation,
  sharesValidator,
  validatorOf,
} from "../../src/download/_representation.ts";

const OLD = "Wed, 21 Oct 2015 07:28:00 GMT";
const ONE_LATER = "Wed, 21 Oct 2015 07:28:01 GMT";

const described: [headers: Record<string, string>, validator: string | undefined][] = [
  [{}, undefined],
  [{ etag: '"abc"' }, '"abc"'],
  [{ etag: ' "abc" ' }, '"abc"'],
  [{ etag: '""' }, '""'],
  [{ etag: 'W/"abc"' }, undefined],
  [{ etag: "abc" }, undefined],
  [{ etag: '"a"b"' }, undefined],
  [{ etag: '"a", "b"' }, undefined],
  [{ "last-modified": OLD }, OLD],
  [{ "last-modified": "soon" }, undefined],
  [{ etag: '"a"', "last-modified": OLD }, '"a"'],
  [{ etag: 'W/"a"', "last-modified": OLD }, OLD],
  // The file may change again within the second of the answer (RFC 9110 §8.8.2.2).
  [{ "last-modified": OLD, date: OLD }, undefined],
  [{ "last-modified": ONE_LATER, date: OLD }, undefined],
  [{ "last-modified": OLD, date: ONE_LATER }, OLD],
  [{ "last-modified": OLD, date: "now" }, OLD],
];

for (const [headers, validator] of described) {
  Deno.test(`the validator of ${JSON.stringify(headers)}`, () => {
    assertEquals(validatorOf(representationOf(new Headers(headers), 5)), validator);
  });
}

Deno.test("a representation holds the length and the proposed name, if they are known", () => {
  const headers = new Headers({ "content-disposition": "attachment; filename=a" });
  const disposition = "attachment; filename=a";
  assertEquals(representationOf(headers, 0), { length: 0, disposition });
  assertEquals(representationOf(new Headers(), undefined), {});
});

const compared: [before: object, after: object, same: boolean][] = [
  [{ etag: '"a"', length: 5 }, { etag: '"a"', length: 5 }, true],
  [{ etag: '"a"', length: 5 }, { etag: '"b"', length: 5 }, false],
  [{ etag: '"a"', length: 5 }, { etag: '"a"', length: 6 }, false],
  [{ etag: '"a"', length: 5 }, { etag: '"a"' }, true],
  [{ etag: '"a"' }, { etag: '"a"', length: 6 }, true],
  // What the request relied upon must be there again.
  [{ etag: '"a"', lastModified: OLD }, { lastModified: OLD }, false],
  [{ etag: '"a"' }, {}, false],
  [{ lastModified: OLD }, { lastModified: OLD }, true],
  [{ lastModified: OLD }, { lastModified: ONE_LATER }, false],
  // A 206 need not repeat the date (RFC 9110 §15.3.7).
  [{ lastModified: OLD, length: 5 }, { length: 5 }, true],
  [{ etag: '"a"', lastModified: OLD }, { etag: '"a"', lastModified: ONE_LATER }, false],
  [{}, {}, true],
];

for (const [before, after, same] of compared) {
  const [one, other] = [JSON.stringify(before), JSON.stringify(after)];
  Deno.test(`${other} ${same ? "can" : "can't"} be the same bytes as ${one}`, () => {
    assertEquals(sameRepresentation(before, after), same);
  });
}

Deno.test("two servers share a validator that both of them name", () => {
  assertEquals(sharesValidator({ etag: '"a"' }, { etag: '"a"' }), true);
  assertEquals(sharesValidator({ etag: '"a"' }, { etag: '"b"' }), false);
  assertEquals(
    sharesValidator({ etag: '"a"', lastModified: OLD }, { etag: '"b"', lastModified: OLD }),
    true,
  );
  assertEquals(sharesValidator({}, {}), false);
  assertEquals(sharesValidator({ length: 5 }, { length: 5 }), false);
});

const ranges: [
  header: string,
  start: number | undefined,
  end: number | undefined,
  length: number | undefined,
][] = [
  ["bytes 0-0/1", 0, 1, 1],
  ["bytes 5-9/10", 5, 10, 10],
  ["bytes 5-9/*", 5, 10, undefined],
  ["Bytes 5-9/10", 5, 10, 10],
  ["bytes  5-9/10 ", 5, 10, 10],
  ["bytes */10", undefined, undefined, 10],
  ["bytes */0", undefined, undefined, 0],
];

for (const [header, start, end, length] of ranges) {
  Deno.test(`Content-Range: ${header}`, () => {
    const headers = new Headers({ "content-range": header });
    assertEquals(contentRangeOf(headers), { start, end, length });
  });
}

const nonsense = [
  "",
  "bytes",
  "bytes */*",
  "bytes 5-9",
  "bytes 9-5/10",
  "bytes 5-10/10",
  "bytes 0-9/5",
  "bytes -5/10",
  "bytes 5-/10",
  "bytes 5-9/-1",
  "bytes 5-9/10, bytes 0-1/10",
  "items 5-9/10",
  "bytes 5-9/1e3",
  "bytes 0x5-9/10",
  "bytes 5-9/9999999999999999",
  "bytes=5-9/10",
];

for (const header of nonsense) {
  Deno.test(`Content-Range: ${JSON.stringify(header)} makes no sense`, () => {
    const headers = new Headers(header === "" ? {} : { "content-range": header });
    assertEquals(contentRangeOf(headers), undefined);
  });
}
