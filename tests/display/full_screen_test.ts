import { assertEquals } from "@std/assert";
import { FullScreen } from "../../src/display/mod.ts";
import { TerminalEmulator } from "../support/terminal_emulator.ts";
import { testWithin } from "../support/watchdog.ts";

testWithin("nothing is drawn before the screen is taken, and after it was given back", () => {
  const terminal = new TerminalEmulator(20, 5);
  const full = new FullScreen(terminal);
  full.draw(["a"], terminal);
  full.leave();
  assertEquals(terminal.writes, 0);
  full.enter();
  full.enter();
  full.draw(["a"], terminal);
  full.leave();
  full.draw(["b"], terminal);
  full[Symbol.dispose]();
  assertEquals([terminal.writes, terminal.lines], [3, []]);
});

testWithin("rows that are no longer there are cleared", () => {
  const terminal = new TerminalEmulator(20, 5);
  const full = new FullScreen(terminal);
  full.enter();
  full.draw(["one", "two", "three"], terminal);
  full.draw(["one", "2"], terminal);
  assertEquals(terminal.screen, ["one", "2", "", "", ""]);
  full.draw(["one", "2", "three"], terminal);
  terminal.resize(30, 4);
  full.draw(["one"], terminal);
  assertEquals(terminal.screen, ["one", "", "", ""]);
  full.leave();
});

testWithin("what is shown after the screen was given back and taken again is whole", () => {
  const terminal = new TerminalEmulator(20, 3);
  terminal.write("$ dlm\n");
  const full = new FullScreen(terminal);
  for (let times = 0; times < 2; times++) {
    full.enter();
    full.draw(["one", "two"], terminal);
    assertEquals(terminal.screen, ["one", "two", ""]);
    full.leave();
    assertEquals(terminal.screen, ["$ dlm", "", ""]);
  }
});
