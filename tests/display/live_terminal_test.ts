import { assert, assertEquals, assertNotMatch } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { LiveTerminal } from "../../src/display/mod.ts";
import { TerminalEmulator, type TerminalKind } from "../support/terminal_emulator.ts";
import { testWithin } from "../support/watchdog.ts";

function setUp(columns = 20, rows = 10) {
  const screen = new TerminalEmulator(columns, rows);
  return { screen, live: new LiveTerminal(screen, () => screen) };
}

testWithin("a block stands below the lines and is redrawn in place", () => {
  const { screen, live } = setUp();
  live.draw(["first"], ["a 1%", "b 1%"]);
  assertEquals(screen.lines, ["first", "a 1%", "b 1%"]);
  live.draw([], ["a 2%", "b 1%"]);
  assertEquals(screen.lines, ["first", "a 2%", "b 1%"]);
  live.draw(["second", "third"], ["b 9%"]);
  assertEquals(screen.lines, ["first", "second", "third", "b 9%"]);
  live.close();
  assertEquals(screen.lines, ["first", "second", "third"]);
  assertEquals(screen.cursor, { row: 3, column: 0 });
});

testWithin("a frame is one write of what has changed", () => {
  const { screen, live } = setUp();
  live.draw([], ["same", "old", "last"]);
  screen.received = "";
  screen.writes = 0;
  live.draw([], ["same", "old", "last"]);
  assertEquals(screen.writes, 0);
  live.draw([], ["same", "new", "last"]);
  assertEquals(screen.writes, 1);
  assert(screen.received.includes("new"));
  assertNotMatch(screen.received, /same|last/);
});

testWithin("between two frames the terminal is as it was", () => {
  const { screen, live } = setUp();
  for (const [lines, block] of [[["line"], ["a", "b"]], [[], ["a", "c"]], [[], []]] as const) {
    live.draw(lines, block);
    assert(screen.cursorVisible && screen.autowrap && !screen.synchronized);
    assertEquals(screen.cursor.column, 0);
  }
});

testWithin("nothing is written for nothing", () => {
  const { screen, live } = setUp();
  live.draw([], []);
  live.close();
  live.draw(["line"], []);
  live.close();
  live[Symbol.dispose]();
  assertEquals([screen.writes, screen.lines], [1, ["line"]]);
});

testWithin("styles are left out where they are not wanted", () => {
  const { screen, live } = setUp();
  live.draw(["\x1b[31mred\x1b[39m"], ["\x1b[1mbold\x1b[22m"]);
  assertNotMatch(screen.received, /\[\d+m/);
  screen.colors = true;
  live.draw(["\x1b[31mred\x1b[39m"], []);
  assert(screen.received.includes("\x1b[31mred\x1b[39m"));
  assertEquals(screen.lines, ["red", "red"]);
});

testWithin("a line that ends at the very edge keeps its last character", () => {
  const { screen, live } = setUp(10);
  live.draw(["0123456789", "0123456789abcdefghij", "日本日本日", "x日本日本日"], ["block"]);
  assertEquals(screen.lines, [
    "0123456789",
    "0123456789abcdefghij",
    "日本日本日",
    "x日本日本日",
    "block",
  ]);
});

testWithin("a block that a narrower terminal has wrapped is replaced whole", () => {
  const { screen, live } = setUp(40);
  live.draw(["above"], ["x".repeat(39), "y".repeat(25), "z"]);
  screen.resize(15, 10);
  assertEquals(screen.screen.slice(0, 7), [
    "above",
    "x".repeat(15),
    "x".repeat(15),
    "x".repeat(9),
    "y".repeat(15),
    "y".repeat(10),
    "z",
  ]);
  live.draw([], ["x".repeat(14), "y", "z"]);
  assertEquals(screen.lines, ["above", "x".repeat(14), "y", "z"]);
  screen.resize(60, 10);
  live.draw(["below"], ["x".repeat(59)]);
  assertEquals(screen.lines, ["above", "below", "x".repeat(59)]);
});

testWithin("a wide character that is taken for a narrow one doesn't wrap the block", () => {
  const { screen, live } = setUp(10);
  live.draw([], ["日".repeat(9), "end"]); // as if each took one column
  live.draw(["line"], ["日".repeat(9), "end"]);
  assertEquals(screen.screen.slice(0, 4), ["line", "日日日日日", "end", ""]);
});

/** What terminals do when they are resized. */
const KINDS: Record<string, TerminalKind> = {
  "that wraps anew": {},
  "as tmux": { dropsBelow: true },
  "as xterm": { reflows: false },
};

for (const [what, kind] of Object.entries(KINDS)) {
  testWithin(`a terminal ${what}: late news of a resize cost no line and leave nothing`, () => {
    fc.assert(
      fc.property(
        fc.record({
          sizes: fc.array(
            fc.record({
              columns: fc.integer({ min: 20, max: 80 }),
              rows: fc.integer({ min: 4, max: 30 }),
              late: fc.integer({ min: 0, max: 6 }),
            }),
            { minLength: 1, maxLength: 3 },
          ),
          added: fc.array(fc.constantFrom(0, 1, 2, 50), { minLength: 32, maxLength: 32 }),
          height: fc.integer({ min: 1, max: 8 }),
        }),
        ({ sizes, added, height }) => {
          const screen = new TerminalEmulator(60, 20, kind);
          let told = { columns: 60, rows: 20 };
          const live = new LiveTerminal(screen, () => told);
          const said: string[] = [];
          for (const [frame, count] of added.entries()) {
            const size = sizes[Math.floor(frame / 8) - 1];
            if (size && frame % 8 === 0) screen.resize(size.columns, size.rows);
            if (size && frame % 8 === size.late) told = size;
            const lines = Array.from({ length: count }, (_, i) => `line ${frame}.${i}`);
            said.push(...lines);
            const block = Array.from(
              { length: Math.min(height, told.rows - 1) },
              (_, i) => `#${i}`.padEnd(told.columns - 1 - i, `${frame % 3}`),
            );
            live.draw(lines, block);
            const text = screen.lines.filter((line) => line !== "" && !line.startsWith("#"));
            assertEquals(text, said);
            const scraps = screen.lines.filter((line) => line.startsWith("#")).length;
            assert(scraps <= block.length, screen.lines.join("\n"));
          }
          live.close();
          assertEquals(screen.lines.filter((line) => line !== ""), said);
        },
      ),
      { numRuns: 60 },
    );
  });
}

testWithin("no row is added above the block unless the terminal is lower than the block", () => {
  const { screen, live } = setUp(40, 10);
  live.draw(["first"], ["a", "b", "c"]);
  for (const [columns, rows] of [[20, 10], [60, 6], [30, 4], [40, 12]] as const) {
    screen.resize(columns, rows);
    live.draw([], ["a", "b", "c"]);
    assertEquals(screen.lines, ["first", "a", "b", "c"]);
  }
});

testWithin("what a lower terminal has dropped of the block is drawn again", () => {
  const screen = new TerminalEmulator(40, 10, { dropsBelow: true });
  const live = new LiveTerminal(screen, () => screen);
  live.draw(["1", "2", "3", "4", "5", "6", "7"], ["a", "b", "c"]);
  screen.resize(40, 9);
  assertEquals(screen.lines.slice(-2), ["a", "b"]);
  live.draw([], ["a", "b", "c"]);
  assertEquals(screen.lines, ["1", "2", "3", "4", "5", "6", "7", "a", "b", "c"]);
});

testWithin("what is typed into the block is gone a second later", () => {
  const { screen, live } = setUp(40, 10);
  live.draw(["first"], ["", "a 0", "b"]);
  screen.write("^C");
  live.draw([], ["", "a 1", "b"]);
  for (let frame = 2; frame < 12; frame++) live.draw([], ["", `a ${frame}`, "b"]);
  assertEquals(screen.lines, ["first", "", "a 11", "b"]);
  screen.write("\n");
  for (let frame = 0; frame < 10; frame++) live.draw([], ["", `a ${frame}`, "b"]);
  assertEquals(screen.lines, ["first", "", "", "a 9", "b"]);
});

testWithin("after others have written, the block begins where they have left the cursor", () => {
  const { screen, live } = setUp(40, 6);
  live.draw(["first"], ["", "a", "b"]);
  screen.write("stopped\n$ fg\n");
  live.forget();
  live.draw(["second"], ["", "a", "b"]);
  assertEquals(screen.lines, ["first", "stopped", "$ fg", "second", "", "a", "b"]);
  live.forget();
  live.close();
  assertEquals(screen.lines, ["first", "stopped", "$ fg", "second"]);
});

const line = fc.string({
  unit: fc.constantFrom("a", "b", " ", "日", "é", "e\u0301"),
  maxLength: 70,
})
  .map((text) => `|${text}|`);

type Step =
  | { readonly do: "draw"; readonly lines: readonly string[]; readonly block: readonly string[] }
  | { readonly do: "resize"; readonly columns: number; readonly rows: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("draw" as const),
      lines: fc.array(line, { maxLength: 3 }),
      block: fc.array(fc.string({ unit: fc.constantFrom("a", "日", "-"), maxLength: 39 }), {
        maxLength: 4,
      }),
    }),
  },
  fc.record({
    do: fc.constant("resize" as const),
    columns: fc.integer({ min: 12, max: 40 }),
    rows: fc.integer({ min: 20, max: 30 }),
  }),
);

testWithin("whatever happens, every line is there once, in order, above the block", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const { screen, live } = setUp(40, 24);
      const said: string[] = [];
      for (const step of steps) {
        if (step.do === "resize") {
          screen.resize(step.columns, step.rows);
          continue;
        }
        // a block's lines are narrower than the terminal, as LiveTerminal asks
        const block = step.block.map((text) => `#${fitting(text, screen.columns - 2)}`);
        live.draw(step.lines, block);
        said.push(...step.lines);
        assertEquals(screen.lines, [...said, ...block]);
      }
      live.close();
      assertEquals(screen.lines, said);
    }),
    { numRuns: 300 },
  );
});

function fitting(text: string, columns: number): string {
  let used = 0;
  let end = 0;
  for (const character of text) {
    used += character === "日" ? 2 : 1;
    if (used > columns) break;
    end += character.length;
  }
  return text.slice(0, end);
}
