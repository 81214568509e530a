import { assertEquals } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import { Hosts } from "../../src/download/_hosts.ts";
import { Mirrors } from "../../src/download/_mirrors.ts";
import type { Task } from "../../src/download/_task.ts";
import { DownloadError } from "../../src/download/errors.ts";

const busy = new DownloadError("http", "busy", { status: 503, retryable: true });
const cut = new DownloadError("connect", "cut", { retryable: true });

/** A host, and tasks that begin there. */
function make(perHost: number) {
  const clock = new ManualClock();
  const events: string[] = [];
  const onEvent = ({ type }: { type: string }) => events.push(type);
  const hosts = new Hosts({ perHost, retries: 3, clock, onEvent });
  const url = new URL("http://a.example/");
  const task = () => ({ mirrors: new Mirrors([url]) }) as Task;
  /** As many as the host takes, but no more than `most`. */
  const begin = (most: number) => {
    const begun: Task[] = [];
    for (let next = task(); begun.length < most && hosts.waitMs(next) === 0; next = task()) {
      hosts.begin(next);
      begun.push(next);
    }
    return begun;
  };
  /** Begins `count` and lets the host serve so many of them; the others fail. */
  const ask = (count: number, served: number, error: DownloadError) => {
    const begun = begin(count);
    const answered = begun.slice(0, served);
    for (const one of answered) hosts.answer(one);
    for (const one of begun.slice(served)) hosts.end(one, error);
    return answered;
  };
  const endAll = (tasks: Task[]) => tasks.forEach((one) => hosts.end(one));
  return { clock, events, hosts, begin, ask, endAll };
}

for (const [name, error] of [["an answer", busy], ["a closed connection", cut]] as const) {
  Deno.test(`a host that serves some and refuses others is asked for fewer: ${name}`, () => {
    const { events, ask, begin, endAll } = make(Infinity);
    endAll(ask(16, 4, error));
    const begun = begin(16).length;
    assertEquals([begun, events], [4, []]);
  });
}

Deno.test("files that end well bring back one at a time, up to what was allowed", () => {
  const { ask, begin, endAll } = make(6);
  endAll(ask(6, 2, busy));
  const counts = [];
  for (let round = 0; round < 60; round++) {
    const begun = begin(10);
    counts.push(begun.length);
    endAll(begun);
  }
  assertEquals([...new Set(counts)], [2, 3, 4, 5, 6]);
});

Deno.test("a refusal among many files that end well changes nothing", () => {
  const { ask, begin, endAll } = make(16);
  for (let round = 0; round < 30; round++) {
    const served = ask(16, 15, busy);
    const next = begin(20);
    assertEquals(next.length, 1, "another takes the place of what was refused");
    endAll([...served, ...next]);
  }
});

Deno.test("a host that refuses all is not taken for a busy one", () => {
  const { events, ask } = make(Infinity);
  ask(16, 0, busy);
  assertEquals(events, ["host-paused"]);
});

Deno.test("nor is one that has not answered for a while", async () => {
  const { clock, events, hosts, ask, begin } = make(Infinity);
  const [silent] = ask(1, 1, busy);
  await clock.advance(10_000);
  for (const one of begin(12)) hosts.end(one, cut);
  assertEquals(events, ["host-paused"]);
  hosts.end(silent!);
});

Deno.test("a file that breaks off was served, so that its host is not a busy one", () => {
  const { events, hosts, ask } = make(Infinity);
  for (const one of ask(16, 16, busy)) hosts.end(one, cut);
  assertEquals(events, ["host-paused"]);
});
