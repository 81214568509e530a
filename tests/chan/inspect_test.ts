import { assertEquals, assertThrows } from "@std/assert";
import { Chan, describeWaiters, inspect, receiveFrom, select, sendTo } from "../../mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertNobodyWaits } from "./support.ts";

testWithin("inspect lists who waits, in the order in which they will be served", async () => {
  const chan = new Chan<number>(3, { name: "jobs" });
  const other = new Chan<number>();
  const waits = [
    chan.receive(),
    select({ job: receiveFrom(chan), out: sendTo(other, 1) }),
    chan[Symbol.asyncIterator]().next(),
    chan.receiveMany(2),
  ];
  assertEquals(inspect(chan), {
    name: "jobs",
    length: 0,
    capacity: 3,
    closed: false,
    waiting: [
      { operation: "receive", place: "call" },
      { operation: "receive", place: "select", key: "job" },
      { operation: "receive", place: "loop" },
      { operation: "receive", place: "call" },
    ],
  });
  assertEquals(inspect(other).waiting, [{ operation: "send", place: "select", key: "out" }]);
  chan.close();
  await Promise.all(waits);
  assertEquals(inspect(chan).closed, true);
  assertNobodyWaits(chan, other);
});

testWithin("describeWaiters says it in a line a channel", async () => {
  const jobs = new Chan<number>(1, { name: "jobs" });
  const plain = new Chan<number>();
  await jobs.send(1);
  const waits = [
    jobs.send(2),
    jobs.send(3),
    select({ next: sendTo(jobs, 4), stop: receiveFrom(plain) }),
  ];
  const settled = Promise.allSettled(waits);
  assertEquals(
    describeWaiters(jobs, plain),
    [
      'channel "jobs": open, 1 of 1 values, waiting: 2 send in a call, 1 send in a select as "next"',
      'channel: open, 0 of 0 values, waiting: 1 receive in a select as "stop"',
    ].join("\n"),
  );
  jobs.close();
  await settled;
  assertEquals(
    describeWaiters(jobs),
    'channel "jobs": closed, 1 of 1 values, waiting: nobody',
  );
});

testWithin("console.log of a channel shows the same", () => {
  const chan = new Chan<number>(2, { name: "jobs" });
  assertEquals(Deno.inspect(chan), '[channel "jobs": open, 0 of 2 values, waiting: nobody]');
});

testWithin("inspect refuses what is no channel", () => {
  assertThrows(
    () => inspect({ length: 0, capacity: 0, closed: false, cause: undefined }),
    TypeError,
    "Cannot use a channel: it must be a Chan",
  );
});
