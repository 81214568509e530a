import { assertEquals } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import { TerminalSession } from "../../src/display/mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { FakeProcess } from "./support.ts";

function setUp(mayRaise = true) {
  const process = new FakeProcess(mayRaise);
  const { events } = process;
  const clock = new ManualClock();
  const use = {
    enter: () => void events.push("enter"),
    leave: () => void events.push("leave"),
    say: (text: string) => void events.push(text),
    quit: () => void events.push("quit"),
  };
  return { process, events, clock, session: new TerminalSession(use, process, clock) };
}

testWithin("a session takes the terminal and gives it back", () => {
  const { process, events, session } = setUp();
  session.open();
  assertEquals(events, ["enter"]);
  session.close();
  assertEquals([events, process.listeners], [["enter", "leave"], 0]);
});

testWithin("the terminal is given back before the process ends in any other way", () => {
  const { process, events, session } = setUp();
  session.open();
  process.send("end");
  assertEquals(events, ["enter", "leave"]);
});

testWithin("a stopped process gives the terminal back until it goes on", () => {
  const { process, events, session } = setUp();
  session.open();
  process.send("SIGTSTP");
  assertEquals(events, ["enter", "leave", "raise SIGSTOP"]);
  process.send("SIGCONT");
  assertEquals(events.slice(3), ["leave", "enter"]);
  process.send("SIGTSTP");
  assertEquals(events.slice(5), ["leave", "raise SIGSTOP"]);
  session.close();
  assertEquals(process.listeners, 0);
});

testWithin(
  "where the process can't stop itself, a second Ctrl+Z does what it always does",
  async () => {
    const { process, events, clock, session } = setUp(false);
    session.open();
    process.send("SIGTSTP");
    assertEquals(events.slice(1), [
      "leave",
      "may not raise SIGSTOP",
      "Press Ctrl+Z again to suspend.",
    ]);
    assertEquals(process.send("SIGTSTP"), false);
    process.send("SIGCONT");
    assertEquals(events.slice(4), ["leave", "enter"]);
    assertEquals(clock.pending, 0);

    process.send("SIGTSTP");
    await clock.advance(2_999);
    assertEquals(events.at(-1), "Press Ctrl+Z again to suspend.");
    await clock.advance(1);
    assertEquals(events.at(-1), "enter");
    assertEquals(process.send("SIGTSTP"), true);
    session[Symbol.dispose]();
    assertEquals([process.listeners, clock.pending], [0, 0]);
  },
);

for (const signal of ["SIGHUP", "SIGQUIT"] as const) {
  testWithin(`${signal} ends the process, with the terminal given back`, () => {
    const { process, events, session } = setUp();
    session.open();
    process.send(signal);
    assertEquals([events, process.listeners], [["enter", "leave", `raise ${signal}`], 0]);
  });

  testWithin(`${signal} ends the run where the process can't end itself`, () => {
    const { process, events, session } = setUp(false);
    session.open();
    process.send(signal);
    assertEquals(events, ["enter", "leave", `may not raise ${signal}`, "quit"]);
  });
}
