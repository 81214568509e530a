import { assert, assertEquals } from "@std/assert";
import * as fc from "npm:fast-check@^4.0.0";
import { type Range, RangeSet } from "../../src/download/_ranges.ts";

const LENGTH = 24;

/** Every byte of a short file, in place or not. */
type Bytes = boolean[];

const range = fc.tuple(fc.nat(LENGTH), fc.nat(LENGTH)).map(([start, end]) => ({ start, end }));
const ranges = fc.array(range, { maxLength: 8 });

function bytesOf(list: Iterable<Range>): Bytes {
  const bytes = Array<boolean>(LENGTH).fill(false);
  for (const { start, end } of list) for (let at = start; at < end; at++) bytes[at] = true;
  return bytes;
}

/** Checks every property of a set against the bytes that it should hold. */
function assertHolds(set: RangeSet, bytes: Bytes): void {
  const runs = [...set];
  assertEquals(bytesOf(runs), bytes);
  for (const [index, { start, end }] of runs.entries()) {
    assert(start < end, "a run has a byte at least");
    assert(index === 0 || runs[index - 1]!.end < start, "runs ascend and don't touch");
  }
  assertEquals(set.size, bytes.filter(Boolean).length);
  assertEquals(set.end, bytes.lastIndexOf(true) + 1);
  const gap = bytes.indexOf(false);
  assertEquals(set.firstGap, gap < 0 ? LENGTH : gap);
  for (let length = 0; length <= LENGTH; length++) {
    const all = bytes.every((there, at) => there === at < length);
    assertEquals(set.isExactly(length), all, `exactly ${length}`);
    const missing = bytesOf(set.missing(length));
    assertEquals(missing, bytes.map((there, at) => !there && at < length), `missing ${length}`);
  }
}

Deno.test("a set of ranges holds the bytes that were added, in whatever order", () => {
  fc.assert(fc.property(ranges, (list) => {
    assertHolds(new RangeSet(list), bytesOf(list));
    assertEquals([...new RangeSet(list.toReversed())], [...new RangeSet(list)]);
  }));
});

Deno.test("adding one by one is adding all at once", () => {
  fc.assert(fc.property(ranges, (list) => {
    const set = new RangeSet();
    for (const { start, end } of list) set.add(start, end);
    assertEquals([...set], [...new RangeSet(list)]);
  }));
});

Deno.test("a wider set has one range more, and the first stays as it is", () => {
  fc.assert(fc.property(ranges, range, (list, { start, end }) => {
    const set = new RangeSet(list);
    assertHolds(set.with(start, end), bytesOf([...list, { start, end }]));
    assertHolds(set, bytesOf(list));
  }));
});

Deno.test("what lies below an end is cut there", () => {
  fc.assert(fc.property(ranges, fc.nat(LENGTH), (list, end) => {
    const below = bytesOf(list).map((there, at) => there && at < end);
    assertHolds(new RangeSet(list).below(end), below);
  }));
});

Deno.test("what is missing and what is there make the whole, without an overlap", () => {
  fc.assert(fc.property(ranges, (list) => {
    const set = new RangeSet(list);
    const missing = set.missing(LENGTH);
    assertEquals([...new RangeSet([...set, ...missing])], [{ start: 0, end: LENGTH }]);
    const size = missing.reduce((sum, { start, end }) => sum + end - start, 0);
    assertEquals(set.size + size, LENGTH);
  }));
});

Deno.test("an empty set, and one of an empty range", () => {
  for (const set of [new RangeSet(), new RangeSet([{ start: 5, end: 5 }])]) {
    assertHolds(set, bytesOf([]));
    assert(set.isExactly(0));
  }
});
