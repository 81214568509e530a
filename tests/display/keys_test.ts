import { assertEquals } from "@std/assert";
import { BYTE_LIMITS, parseKeys, REQUEST_LIMITS } from "../../src/display/mod.ts";
import { testWithin } from "../support/watchdog.ts";

testWithin("parseKeys() knows characters and the keys that move", () => {
  const cases: [text: string, keys: string[]][] = [
    ["", []],
    ["q", ["q"]],
    ["+-wW?", ["+", "-", "w", "W", "?"]],
    ["\x03", ["\x03"]],
    ["\x1b[A\x1b[B", ["up", "down"]],
    ["\x1bOA\x1bOB", ["up", "down"]],
    ["\x1b[5~\x1b[6~", ["page-up", "page-down"]],
    ["\x1b[H\x1b[F\x1b[1~\x1b[4~\x1bOH\x1bOF", ["home", "end", "home", "end", "home", "end"]],
    ["p\x1b[Ap", ["p", "up", "p"]],
    ["\x1b[15~\x1b[C\x1b", []],
    ["\x1b[1;5A", ["up"]],
    ["ü日😀", ["ü", "日", "😀"]],
  ];
  for (const [text, keys] of cases) assertEquals(parseKeys(text), keys, JSON.stringify(text));
});

testWithin("limits go up and down in steps of 1, 2 and 5", () => {
  const down: number[] = [];
  for (let limit = 1e9; limit > 10_000; limit = BYTE_LIMITS.lower(limit, 0)) down.push(limit);
  assertEquals(down.slice(0, 4), [1e9, 5e8, 2e8, 1e8]);
  assertEquals(down.slice(-2), [50_000, 20_000]);
  assertEquals(BYTE_LIMITS.lower(10_000, 0), 10_000);
  const up: number[] = [];
  for (let limit = 10_000; limit < Infinity; limit = BYTE_LIMITS.higher(limit)) up.push(limit);
  assertEquals(up.toReversed().slice(0, -1), down);
  assertEquals(REQUEST_LIMITS.lower(1, 0), 0.5);
  assertEquals([REQUEST_LIMITS.lower(0.1, 0), REQUEST_LIMITS.higher(1000)], [0.1, Infinity]);
  assertEquals([BYTE_LIMITS.higher(Infinity), BYTE_LIMITS.higher(1e12)], [Infinity, Infinity]);
});

testWithin("the first limit is just below the speed that there is", () => {
  assertEquals(
    [
      BYTE_LIMITS.lower(Infinity, 7.3e6),
      BYTE_LIMITS.lower(Infinity, 5e6),
      BYTE_LIMITS.lower(Infinity, 0),
    ],
    [5e6, 2e6, 5e8],
  );
  assertEquals([BYTE_LIMITS.lower(3e6, 0), BYTE_LIMITS.higher(3e6)], [2e6, 5e6]);
});
