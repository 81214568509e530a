import { assertEquals } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import { Hosts } from "../../src/download/_hosts.ts";
import { Mirrors } from "../../src/download/_mirrors.ts";
import { Receiving, type ReceivingOptions } from "../../src/download/_receiving.ts";
import { Report } from "../../src/download/_report.ts";
import { Scheduler } from "../../src/download/_scheduler.ts";
import type { Task } from "../../src/download/_task.ts";
import { testWithin } from "../support/watchdog.ts";

/** What a task of `http://a.example/` goes through, with `drain` as it is. */
function make(drain: AbortSignal) {
  const clock = new ManualClock();
  const hosts = new Hosts({ perHost: 1, retries: 0, clock, onEvent: () => {} });
  const scheduler = new Scheduler<Task>(1, hosts, clock);
  const report = new Report(undefined);
  const options: Partial<ReceivingOptions> = { scheduler, hosts, report, drain };
  const receiving = new Receiving(options as ReceivingOptions);
  const task = { priority: 0, mirrors: new Mirrors([new URL("http://a.example/")]) } as Task;
  return { clock, hosts, scheduler, report, receiving, task };
}

testWithin("a worker may end a task before the scheduler knows who has it", async () => {
  const drain = AbortSignal.abort(); // so that the task ends at once
  const { clock, hosts, scheduler, report, receiving, task } = make(drain);
  const { signal } = new AbortController();
  const running = scheduler.run(signal);
  await scheduler.submit(task, signal);
  await clock.advance(0);
  await receiving.receive(scheduler.ready.tryReceive()![0]!, 1, () => Promise.resolve());
  scheduler.close();
  assertEquals([await running, report.summary(0).dropped], [0, 1]);
  assertEquals(hosts.waitMs(task), 0, "nobody is with the host any more");
});

testWithin("a file in place that is found wrong when no more are begun is dropped", async () => {
  const stop = new AbortController();
  const { clock, scheduler, report, receiving, task } = make(stop.signal);
  const running = scheduler.run(stop.signal);
  await scheduler.submit(task, stop.signal);
  await clock.advance(0);
  scheduler.begin(scheduler.ready.tryReceive()![0]!);
  stop.abort();
  assertEquals(await running, 0);
  receiving.again(task);
  assertEquals([scheduler.size, report.summary(0).dropped], [0, 1]);
});
