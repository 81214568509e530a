import { assertEquals } from "@std/assert";
import { canRedraw, type ColorMode, wantsColor } from "../../src/display/mod.ts";
import { testWithin } from "../support/watchdog.ts";

type Environment = Readonly<Record<string, string>>;

const TERMINAL = true;
const FILE = false;

const COLORS: [ColorMode, Environment, isTerminal: boolean, colors: boolean][] = [
  ["auto", {}, TERMINAL, true],
  ["auto", {}, FILE, false],
  ["auto", { TERM: "xterm-256color" }, TERMINAL, true],
  ["auto", { TERM: "dumb" }, TERMINAL, false],
  ["auto", { CI: "true" }, TERMINAL, true],
  ["auto", { CI: "true" }, FILE, false],
  ["auto", { NO_COLOR: "1" }, TERMINAL, false],
  ["auto", { NO_COLOR: "0" }, TERMINAL, false],
  ["auto", { NO_COLOR: "" }, TERMINAL, true],
  ["auto", { FORCE_COLOR: "1" }, FILE, true],
  ["auto", { FORCE_COLOR: "true" }, FILE, true],
  ["auto", { FORCE_COLOR: "3", TERM: "dumb" }, FILE, true],
  ["auto", { FORCE_COLOR: "0" }, TERMINAL, false],
  ["auto", { FORCE_COLOR: "false" }, TERMINAL, false],
  ["auto", { FORCE_COLOR: "" }, TERMINAL, true],
  ["auto", { FORCE_COLOR: "" }, FILE, false],
  ["auto", { NO_COLOR: "1", FORCE_COLOR: "1" }, TERMINAL, false],
  ["always", {}, FILE, true],
  ["always", { NO_COLOR: "1" }, FILE, true],
  ["always", { TERM: "dumb" }, FILE, true],
  ["never", {}, TERMINAL, false],
  ["never", { FORCE_COLOR: "1" }, TERMINAL, false],
];

for (const [mode, env, isTerminal, expected] of COLORS) {
  const where = isTerminal ? "a terminal" : "a file";
  const set = Object.entries(env).map(([name, value]) => `${name}=${value}`).join(" ");
  testWithin(`--color ${mode} ${set} on ${where}: ${expected ? "colours" : "none"}`, () => {
    assertEquals(wantsColor(mode, (name) => env[name], isTerminal), expected);
  });
}

testWithin("a dumb terminal and a CI system's log can't be drawn upon", () => {
  const table: [Environment, boolean][] = [
    [{}, true],
    [{ TERM: "xterm" }, true],
    [{ TERM: "dumb" }, false],
    [{ CI: "1" }, false],
    [{ CI: "" }, true],
  ];
  for (const [env, expected] of table) assertEquals(canRedraw((name) => env[name]), expected);
});
