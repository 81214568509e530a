import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  Chan,
  ChanClosedError,
  ManualClock,
  pipeline,
  sendWithTimeout,
  WorkerPool,
} from "../../mod.ts";
import { assertNobodyWaits, assertPending, range, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";
import { Gate } from "../pool/support.ts";

testWithin("backpressure: a fast source is read no further than the buffers hold", async () => {
  let read = 0;
  const endless = function* () {
    for (;;) yield read++;
  };
  const gate = new Gate<number>();
  const controller = new AbortController();
  const ended = pipeline(endless(), { signal: controller.signal })
    .map("first", (n) => n, { buffer: 3 })
    .map("second", async (n) => await Promise.resolve(n), { buffer: 2, workers: 2 })
    .forEach("slow", (n, { signal, workerId }) => gate.work(n, { signal, workerId }));
  await turn();
  // One in the slow stage; in buffers 2 + 3 + the source's 1; held: 2 workers, 1 worker, the source.
  const most = 1 + 2 + 3 + 1 + 2 + 1 + 1;
  assertEquals(read, most);
  for (const n of range(10)) {
    gate.finish(n, n);
    await turn();
    assertEquals(read, most + n + 1);
  }
  controller.abort(new Error("enough"));
  gate.finish(10, 10);
  await assertRejects(() => ended, Error, "enough");
});

testWithin("backpressure: nothing is dropped between stages of very different speed", async () => {
  const speeds = [(n: number) => n % 3, (n: number) => n % 7, () => 0];
  let pipe = pipeline(range(200));
  for (const [i, turnsOf] of speeds.entries()) {
    pipe = pipe.map(`stage ${i}`, async (n) => {
      for (const _ of range(turnsOf(n))) await Promise.resolve();
      return n;
    }, { workers: i + 1, buffer: i });
  }
  assertEquals((await pipe.collect()).sort((a, b) => a - b), range(200));
});

testWithin("backpressure: a reader that stops reading stops the source", async () => {
  let read = 0;
  const endless = function* () {
    for (;;) yield read++;
  };
  const reader = pipeline(endless()).map("same", (n) => n, { buffer: 4 })[Symbol.asyncIterator]();
  assertEquals(await reader.next(), { value: 0, done: false });
  await turn();
  const soFar = read;
  await turn();
  assertEquals(read, soFar);
  assert(soFar < 12, `${soFar} read`);
  await reader.return?.();
});

testWithin("backpressure: a pool that is full makes the channel before it fill up", async () => {
  const gate = new Gate<number, void>();
  const pool = new WorkerPool(gate.work, { workers: 2, queue: 3 });
  const jobs = new Chan<number>(4);
  const fed = pool.pull(jobs);
  let sent = 0;
  const producing = (async () => {
    for (const n of range(20)) {
      await jobs.send(n);
      sent++;
    }
    jobs.close();
  })();
  await turn();
  // In flight, queued, held by the pull, and in the channel.
  assertEquals(sent, 2 + 3 + 1 + 4);
  for (const n of range(20)) gate.finish(n);
  await producing;
  await fed;
  await pool.shutdown();
  assertEquals(gate.begun, range(20));
});

testWithin("send without waiting: a producer drops what finds no room", async () => {
  const jobs = new Chan<number>(3);
  const sent = range(10).filter((n) => jobs.trySend(n));
  jobs.close();
  assertEquals(sent, [0, 1, 2]);
  assertEquals(await Array.fromAsync(jobs), [0, 1, 2]);
});

testWithin("send with a timeout: it gives up at its time and takes the value back", async () => {
  const clock = new ManualClock();
  const jobs = new Chan<string>(1);
  assertEquals(await sendWithTimeout(jobs, "first", 50, { clock }), true);
  const second = sendWithTimeout(jobs, "second", 50, { clock });
  await clock.advance(49);
  await assertPending(second);
  await clock.advance(1);
  assertEquals(await second, false);
  const third = sendWithTimeout(jobs, "third", 50, { clock });
  await clock.advance(49);
  assertEquals(await jobs.receive(), ["first", true]);
  assertEquals(await third, true);
  assertEquals(await jobs.receive(), ["third", true]);
  assertEquals(clock.pending, 0);
  assertNobodyWaits(jobs);
});

testWithin(
  "send with a timeout: room comes before time, and a closed channel and a signal end it",
  async () => {
    const clock = new ManualClock();
    const jobs = new Chan<string>(1);
    for (const _ of range(20)) {
      assertEquals(await sendWithTimeout(jobs, "now", 0, { clock }), true);
      await jobs.receive();
    }
    await jobs.send("in the way");
    assertEquals(await sendWithTimeout(jobs, "never", 0, { clock }), false);
    const controller = new AbortController();
    const { signal } = controller;
    const cancelled = sendWithTimeout(jobs, "cancelled", 50, { clock, signal });
    controller.abort(new Error("stop"));
    await assertRejects(() => cancelled, Error, "stop");
    const waiting = sendWithTimeout(jobs, "too late", 50, { clock });
    jobs.close();
    await assertRejects(() => waiting, ChanClosedError);
    await assertRejects(() => sendWithTimeout(jobs, "after", 50, { clock }), ChanClosedError);
    await assertRejects(() => sendWithTimeout(jobs, "when", NaN, { clock }), RangeError);
    assertEquals(clock.pending, 0);
  },
);
