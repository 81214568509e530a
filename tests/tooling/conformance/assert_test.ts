import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertIsError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotInstanceOf,
  assertNotMatch,
  assertNotStrictEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  equal,
  fail,
  unimplemented,
  unreachable,
} from "@std/assert";
import { assertType, type IsExact } from "@std/testing/types";

/** Fails unless `body` throws an AssertionError with exactly this message, colours aside. */
function failsWith(body: () => void, message: string): void {
  const error = assertThrows(body, AssertionError);
  // deno-lint-ignore no-control-regex
  assertStrictEquals(error.message.replaceAll(/\x1b\[\d+m/g, ""), message);
  assertStrictEquals(error.name, "AssertionError");
}

class Point {
  constructor(readonly x: number, readonly y: number) {}
}

Deno.test("equal() compares structures", () => {
  const same: [unknown, unknown][] = [
    [NaN, NaN],
    [0, -0],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }],
    [Object.create(null), {}],
    [new Set([1, { a: 1 }]), new Set([{ a: 1 }, 1])],
    [new Map([[{ k: 1 }, 1]]), new Map([[{ k: 1 }, 1]])],
    [new Map([["k", { a: 1 }]]), new Map([["k", { a: 1 }]])],
    [new Date(5), new Date(5)],
    [new Date(NaN), new Date(NaN)],
    [/a/g, /a/g],
    [new URL("http://a/b"), new URL("http://a/b")],
    [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
    [new Uint8Array([1, 2]).buffer, new Uint8Array([1, 2]).buffer],
    [new Point(1, 2), new Point(1, 2)],
    [{ [Symbol.iterator]: 1 }, { [Symbol.iterator]: 1 }],
    [[1, , 3], [1, , 3]],
  ];
  for (const [a, b] of same) assert(equal(a, b), Deno.inspect([a, b]));
  const different: [unknown, unknown][] = [
    [1, "1"],
    [null, undefined],
    [{ a: 1 }, { a: 1, b: undefined }],
    [{ a: undefined }, { b: undefined }],
    [[1, 2], [2, 1]],
    [[], {}],
    [new Set([1]), new Set([2])],
    [new Map([["k", 1]]), new Map([["k", 2]])],
    [new Date(5), new Date(6)],
    [/a/g, /a/],
    [new URL("http://a/b"), new URL("http://a/c")],
    [new Uint8Array([1, 2]), new Uint8Array([1, 3])],
    [new Uint8Array([1]), new Int8Array([1])],
    [new Point(1, 2), { x: 1, y: 2 }],
    [{ [Symbol.iterator]: 1 }, { [Symbol.iterator]: 2 }],
    [() => 1, () => 1],
    [new Error("a"), new Error("b")],
  ];
  for (const [a, b] of different) assertFalse(equal(a, b), Deno.inspect([a, b]));
});

Deno.test("equal() follows cycles and refuses what nobody can list", () => {
  const loop = (): unknown[] => {
    const list: unknown[] = [1];
    list.push(list);
    return list;
  };
  assert(equal(loop(), loop()));
  assertThrows(() => equal(new WeakMap(), new WeakMap()), TypeError);
  assertThrows(() => equal(new WeakSet(), new WeakSet()), TypeError);
});

Deno.test("the assertions pass where they should", () => {
  assert(1);
  assertFalse(0);
  assertEquals([1, { a: 2 }], [1, { a: 2 }]);
  assertNotEquals<unknown>(1, 2);
  assertStrictEquals(NaN, NaN);
  assertNotStrictEquals({}, {});
  assertExists(0);
  assertGreater(2, 1);
  assertGreaterOrEqual(2, 2);
  assertLess("a", "b");
  assertLessOrEqual(1n, 1n);
  assertAlmostEquals(0.1 + 0.2, 0.3);
  assertAlmostEquals(10, 11, 1);
  assertStringIncludes("abc", "b");
  assertMatch("abc", /b/);
  assertNotMatch("abc", /d/);
  assertArrayIncludes([1, { a: 1 }, 3], [{ a: 1 }, 1]);
  assertInstanceOf(new Point(1, 2), Point);
  assertNotInstanceOf({}, Point);
  assertIsError(new TypeError("abc"), TypeError, /b/);
  assertObjectMatch({ a: 1, b: { c: [1, { d: 2, e: 3 }], f: 1 } }, { b: { c: [1, { d: 2 }] } });
  assertObjectMatch({ m: new Map([["k", { a: 1, b: 2 }]]) }, { m: new Map([["k", { a: 1 }]]) });
});

Deno.test("the assertions fail where they should, and say why", () => {
  failsWith(() => assert(0), "");
  failsWith(() => assert(0, "why"), "why");
  failsWith(() => assertFalse(1, "why"), "why");
  failsWith(() => fail(), "Failed assertion.");
  failsWith(() => fail("why"), "Failed assertion: why");
  failsWith(() => unreachable(), "Unreachable.");
  failsWith(() => unimplemented("why"), "Unimplemented: why");
  failsWith(() => assertNotEquals(1, 1), "Expected actual: 1 not to be: 1.");
  failsWith(
    () => assertNotStrictEquals(1, 1, "why"),
    'Expected "actual" to not be strictly equal to: 1: why\n',
  );
  failsWith(
    () => assertExists(null, "why"),
    'Expected actual: "null" to not be null or undefined: why',
  );
  failsWith(() => assertGreater(1, 2), "Expect 1 > 2");
  failsWith(() => assertGreaterOrEqual(1, 2, "why"), "why");
  failsWith(() => assertLess(NaN, 2), "Expect NaN < 2");
  failsWith(() => assertLessOrEqual("b", "a"), 'Expect "b" <= "a"');
  failsWith(
    () => assertAlmostEquals(1, 1.5, 0.25),
    'Expected actual: "1" to be close to "1.5e+0": delta "5e-1" is greater than "2.5e-1".',
  );
  failsWith(() => assertStringIncludes("abc", "d"), 'Expected actual: "abc" to contain: "d".');
  failsWith(() => assertMatch("abc", /d/), 'Expected actual: "abc" to match: "/d/".');
  failsWith(() => assertNotMatch("abc", /b/), 'Expected actual: "abc" to not match: "/b/".');
  failsWith(
    () => assertInstanceOf({}, Point),
    'Expected object to be an instance of "Point" but was "Object".',
  );
  failsWith(
    () => assertInstanceOf(undefined, Point, "why"),
    'Expected object to be an instance of "Point" but was "undefined": why',
  );
  assertThrows(() => assertArrayIncludes([1], [2]), AssertionError, "missing: [\n  2,\n]");
  assertThrows(() => assertObjectMatch({ a: 1 }, { a: 2 }), AssertionError);
  assertThrows(() => assertObjectMatch({ a: 1 }, { b: 1 }), AssertionError);
});

Deno.test("a difference is shown line by line", () => {
  failsWith(
    () => assertEquals({ a: 1, b: 2 }, { a: 1, b: 3 }, "why"),
    [
      ...["Values are not equal: why", "", "", "    [Diff] Actual / Expected", "", ""],
      ...["    {", "      a: 1,", "-     b: 2,", "+     b: 3,", "    }", ""],
    ].join("\n"),
  );
  assertThrows(() => assertStrictEquals(1, 2), AssertionError, "Values are not strictly equal.");
  assertThrows(
    () => assertStrictEquals([], []),
    AssertionError,
    "Values have the same structure but are not reference-equal.",
  );
});

Deno.test("assertThrows() returns what was thrown, if it is what was expected", () => {
  const thrower = () => {
    throw new TypeError("some words");
  };
  const error = assertThrows(thrower, TypeError, "words");
  assertType<IsExact<typeof error, TypeError>>(true);
  assertStrictEquals(error.message, "some words");
  assertStrictEquals(
    assertThrows(() => {
      throw 5;
    }),
    5,
  );
  failsWith(() => void assertThrows(() => 1), "Expected function to throw.");
  failsWith(() => void assertThrows(() => 1, "why"), "Expected function to throw: why");
  failsWith(
    () => void assertThrows(thrower, RangeError),
    'Expected error to be instance of "RangeError", but was "TypeError".',
  );
  failsWith(
    () => void assertThrows(thrower, TypeError, "other"),
    'Expected error message to include "other", but got "some words".',
  );
});

Deno.test("assertRejects() tells a rejection from a throw and from success", async () => {
  const message = async (body: () => Promise<unknown>) =>
    (await assertRejects(body, AssertionError)).message;
  const rejecter = () => Promise.reject(new TypeError("some words"));
  const error = await assertRejects(rejecter, TypeError, "words");
  assertType<IsExact<typeof error, TypeError>>(true);
  assertStrictEquals(await assertRejects(() => Promise.reject(5)), 5);
  assertEquals(
    [
      await message(() => assertRejects(() => Promise.resolve(1))),
      await message(() =>
        assertRejects(() => {
          throw new TypeError("at once");
        })
      ),
      await message(() => assertRejects(rejecter, RangeError)),
      await message(() => assertRejects(() => Promise.reject(5), Error)),
    ],
    [
      "Expected function to reject.",
      "Function throws when expected to reject.",
      'Expected error to be instance of "RangeError", but was "TypeError".',
      "A non-Error object was rejected.",
    ],
  );
});
