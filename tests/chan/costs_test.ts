import { assertEquals } from "@std/assert";
import { after, Chan, receiveFrom, select, sendTo } from "../../mod.ts";
import { promiseCost } from "../support/promise_cost.ts";
import { testWithin } from "../support/watchdog.ts";
import { turn } from "./support.ts";

/** An operation, what stands before it, and how many promises it may make. */
interface Operation {
  readonly capacity?: number;
  /** What has happened before; it need not have ended. */
  readonly before?: (chan: Chan<number>) => unknown;
  readonly act: (chan: Chan<number>) => Promise<unknown>;
  readonly promises: number;
}

const operations: Record<string, Operation> = {
  "a send that finds room": {
    capacity: 1,
    act: (chan) => chan.send(1),
    promises: 0,
  },
  "a receive that finds a value": {
    capacity: 1,
    before: (chan) => chan.trySend(1),
    act: (chan) => chan.receive(),
    promises: 1,
  },
  "a step of a loop that finds a value": {
    capacity: 1,
    before: (chan) => chan.trySend(1),
    act: (chan) => chan[Symbol.asyncIterator]().next(),
    promises: 1,
  },
  "a send that finds a receiver": {
    before: (chan) => chan.receive(),
    act: (chan) => chan.send(1),
    promises: 0,
  },
  "a receive that finds a sender": {
    before: (chan) => chan.send(1),
    act: (chan) => chan.receive(),
    promises: 1,
  },
  "a receive that waits for a send": {
    act: (chan) => {
      const received = chan.receive();
      chan.trySend(1);
      return received;
    },
    promises: 1,
  },
  "a step of a loop that waits for a send": {
    act: (chan) => {
      const received = chan[Symbol.asyncIterator]().next();
      chan.trySend(1);
      return received;
    },
    promises: 1,
  },
  "a send that waits for a receive": {
    act: (chan) => {
      const sent = chan.send(1);
      chan.tryReceive();
      return sent;
    },
    promises: 1,
  },
  "a receive of many": {
    capacity: 10,
    before: (chan) => Array.from({ length: 10 }, (_, value) => chan.trySend(value)),
    act: (chan) => chan.receiveMany(10),
    promises: 1,
  },
  "a select that finds a value": {
    capacity: 1,
    before: (chan) => chan.trySend(1),
    act: (chan) => select({ value: receiveFrom(chan), late: after(60_000) }),
    promises: 1,
  },
  "a select that waits for a send": {
    act: (chan) => {
      const selected = select({ value: receiveFrom(chan), other: receiveFrom(new Chan<number>()) });
      chan.trySend(1);
      return selected;
    },
    promises: 1,
  },
  "a select that finds another one": {
    before: (chan) => select({ sent: sendTo(chan, 1) }),
    act: (chan) => select({ value: receiveFrom(chan) }),
    promises: 1,
  },
};

for (const [name, { capacity, before, act, promises }] of Object.entries(operations)) {
  testWithin(`${name} makes as few promises as it can, and goes on at once`, async () => {
    const chan = new Chan<number>(capacity);
    before?.(chan);
    await turn();
    assertEquals(await promiseCost(() => act(chan)), { promises, turns: 1 });
  });
}
