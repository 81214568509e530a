import { assertEquals } from "@std/assert";
import { type Case, Chan, receiveFrom, select, sendTo, trySelect } from "../../../mod.ts";
import { testWithin } from "../../support/watchdog.ts";
import { stateOf } from "../support.ts";

// After Go's test/chan/select3.go: which operations wait, which go on and which fail, for nil,
// empty, full, unbuffered and closed channels, alone and in a select.

type Ends = "waits" | "goes on" | "fails";

const kinds: Record<string, { make(): Chan<number> | null; send: Ends; receive: Ends }> = {
  "nil": { make: () => null, send: "waits", receive: "waits" },
  "unbuffered": { make: () => new Chan(), send: "waits", receive: "waits" },
  "empty": { make: () => new Chan(10), send: "goes on", receive: "waits" },
  "half full": { make: () => filled(2, 1), send: "goes on", receive: "goes on" },
  "full": { make: () => filled(1, 1), send: "waits", receive: "goes on" },
  "closed, empty": { make: () => closed(new Chan(1)), send: "fails", receive: "goes on" },
  "closed, unbuffered": { make: () => closed(new Chan()), send: "fails", receive: "goes on" },
  "closed, full": { make: () => closed(filled(1, 1)), send: "fails", receive: "goes on" },
};

function filled(capacity: number, count: number): Chan<number> {
  const chan = new Chan<number>(capacity);
  for (let i = 0; i < count; i++) chan.trySend(i);
  return chan;
}

function closed(chan: Chan<number>): Chan<number> {
  chan.close();
  return chan;
}

async function endOf(operation: Promise<unknown>): Promise<Ends> {
  const state = await stateOf(operation);
  return state === "pending" ? "waits" : state === "fulfilled" ? "goes on" : "fails";
}

function endOfAttempt(cases: Record<string, Case<unknown>>): Ends {
  try {
    return trySelect(cases) === undefined ? "waits" : "goes on";
  } catch {
    return "fails";
  }
}

for (const [kind, { make, send, receive }] of Object.entries(kinds)) {
  testWithin(`Go's blocking matrix: ${kind}`, async () => {
    const chan = make();
    if (chan !== null) {
      assertEquals(await endOf(make()!.send(1)), send);
      assertEquals(await endOf(make()!.receive()), receive);
    }
    assertEquals(await endOf(select({ sent: sendTo(make(), 1) })), send);
    assertEquals(await endOf(select({ v: receiveFrom(make()) })), receive);
    assertEquals(endOfAttempt({ sent: sendTo(make(), 1) }), send);
    assertEquals(endOfAttempt({ v: receiveFrom(make()) }), receive);

    // A case that can never happen changes nothing, wherever it stands.
    const nevers = [
      () => receiveFrom<number>(null),
      () => receiveFrom(new Chan<number>()),
      () => sendTo(new Chan<number>(), 1),
    ];
    for (const never of nevers) {
      assertEquals(await endOf(select({ never: never(), sent: sendTo(make(), 1) })), send);
      assertEquals(await endOf(select({ v: receiveFrom(make()), never: never() })), receive);
    }
  });
}

testWithin("Go's blocking matrix: a select of nothing waits", async () => {
  assertEquals(await endOf(select({})), "waits");
  assertEquals(endOfAttempt({}), "waits");
});
