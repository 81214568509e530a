import { assert, assertEquals, assertRejects } from "@std/assert";
import * as fc from "npm:fast-check@^4.0.0";
import { ManualClock } from "../../src/clock/mod.ts";
import { Scheduler, type SchedulerRules } from "../../src/download/_scheduler.ts";
import { testWithin } from "../support/watchdog.ts";

interface Task {
  readonly name: string;
  readonly priority: number;
  readonly key: string;
}

const task = (name: string, priority = 0, key = ""): Task => ({ name, priority, key });

/** A scheduler that runs, on a clock that the test moves. */
class Fixture implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly scheduler: Scheduler<Task>;
  readonly #controller = new AbortController();
  readonly left: Promise<number>;

  constructor(rules: Partial<SchedulerRules<Task>> = {}, capacity = 100) {
    const all = { keyOf: ({ key }: Task) => key, waitMs: () => 0, begin: () => {}, ...rules };
    this.scheduler = new Scheduler<Task>(capacity, all, this.clock);
    this.left = this.scheduler.run(this.#controller.signal);
  }

  async submit(...tasks: Task[]): Promise<void> {
    for (const each of tasks) await this.scheduler.submit(each, this.#controller.signal);
  }

  /** What is handed out without time passing, if anything is. */
  async take(): Promise<Task | undefined> {
    await this.clock.advance(0);
    return this.scheduler.ready.tryReceive()?.[0];
  }

  /** The names of all that is handed out now; each is settled at once. */
  async takeAll(): Promise<string[]> {
    const names: string[] = [];
    for (let taken = await this.take(); taken; taken = await this.take()) {
      names.push(taken.name);
      this.scheduler.settle(taken);
    }
    return names;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort();
    await this.left;
    assertEquals(this.clock.pending, 0);
  }
}

testWithin("the highest priority goes first, and the first among equals", async () => {
  await using fixture = new Fixture();
  const { scheduler } = fixture;
  await fixture.submit(task("a"), task("b", 5), task("c"), task("d", -1), task("e", 5));
  assertEquals(await fixture.takeAll(), ["b", "e", "a", "c", "d"]);
  assertEquals(scheduler.size, 0);
});

testWithin("a task that is as little urgent as can be is handed out, too", async () => {
  await using fixture = new Fixture();
  assertEquals(await fixture.take(), undefined);
  await fixture.submit(task("last", -Infinity));
  assertEquals(await fixture.takeAll(), ["last"]);
});

testWithin("a task that is urgent comes in the moment when another is taken", async () => {
  await using fixture = new Fixture();
  await fixture.submit(task("first"));
  await fixture.clock.advance(0);
  // A worker takes what is on offer, and before the scheduler knows there is something better.
  const taken = fixture.scheduler.ready.tryReceive()![0]!;
  await fixture.submit(task("urgent", 9), task("urgent too", 9));
  assertEquals(taken.name, "first");
  assertEquals(await fixture.takeAll(), ["urgent", "urgent too"]);
  fixture.scheduler.settle(taken);
  fixture.scheduler.close();
  assertEquals(await fixture.left, 0);
});

testWithin("a worker may be done with a task before the scheduler knows who has it", async () => {
  const begun: string[] = [];
  await using fixture = new Fixture({ begin: ({ name }) => void begun.push(name) });
  const { scheduler } = fixture;
  await fixture.submit(task("a"), task("b"));
  await fixture.clock.advance(0);
  const a = scheduler.ready.tryReceive()![0]!;
  scheduler.begin(a);
  assertEquals(begun, ["a"]);
  scheduler.retry(a, 0);
  assertEquals(await fixture.takeAll(), ["b", "a"]);
  assertEquals(begun, ["a", "b", "a"]);
  scheduler.close();
  assertEquals(await fixture.left, 0);
});

testWithin("no more is held than there is room for", async () => {
  await using fixture = new Fixture({}, 2);
  await fixture.submit(task("a"), task("b"));
  let accepted = false;
  const third = fixture.submit(task("c")).then(() => accepted = true);
  await fixture.clock.advance(0);
  assertEquals([accepted, fixture.scheduler.size], [false, 2]);
  assertEquals((await fixture.take())?.name, "a");
  await third;
  assertEquals(fixture.scheduler.size, 2);
});

testWithin("whoever waits for room leaves when told to", async () => {
  const { scheduler } = new Fixture({}, 0);
  const controller = new AbortController();
  const waiting = scheduler.submit(task("a"), controller.signal);
  controller.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  scheduler.close();
});

testWithin("a retry comes after its delay, and before what is less urgent", async () => {
  await using fixture = new Fixture();
  await fixture.submit(task("a", 1), task("b"));
  const first = await fixture.take();
  fixture.scheduler.retry(first!, 1000);
  assertEquals(fixture.scheduler.size, 2);
  assertEquals(await fixture.takeAll(), ["b"]);
  await fixture.clock.advance(999);
  assertEquals(await fixture.takeAll(), []);
  await fixture.submit(task("c"));
  await fixture.clock.advance(1);
  assertEquals(await fixture.takeAll(), ["a", "c"]);
});

testWithin("tasks of one key wait for each other, and those of others pass them", async () => {
  const active = new Map<string, number>();
  await using fixture = new Fixture({
    waitMs: ({ key }) => (active.get(key) ?? 0) > 0 ? Infinity : 0,
    begin: ({ key }) => active.set(key, 1),
  });
  await fixture.submit(task("a1", 0, "a"), task("a2", 9, "a"), task("b1", 0, "b"));
  const first = await fixture.take();
  assertEquals(first?.name, "a2");
  assertEquals((await fixture.take())?.name, "b1");
  assertEquals(await fixture.take(), undefined);
  active.set("a", 0);
  fixture.scheduler.settle(first!);
  assertEquals((await fixture.take())?.name, "a1");
});

testWithin("a task that must wait for a time is offered when it is over", async () => {
  let untilMs = 500;
  await using fixture: Fixture = new Fixture({
    waitMs: ({ key }) => key === "slow" ? Math.max(0, untilMs - fixture.clock.now()) : 0,
  });
  await fixture.submit(task("slow", 9, "slow"), task("fast"));
  assertEquals(await fixture.takeAll(), ["fast"]);
  untilMs = 700; // it asks for more meanwhile
  await fixture.clock.advance(500);
  assertEquals(await fixture.takeAll(), []);
  await fixture.clock.advance(200);
  assertEquals(await fixture.takeAll(), ["slow"]);
});

testWithin("it ends when it is closed and every task has ended for good", async () => {
  await using fixture = new Fixture();
  await fixture.submit(task("a"), task("b"));
  const [a, b] = [await fixture.take(), await fixture.take()];
  fixture.scheduler.close();
  let ended = false;
  fixture.left.then(() => ended = true);
  fixture.scheduler.settle(a!);
  fixture.scheduler.retry(b!, 10);
  await fixture.clock.advance(5);
  assertEquals(ended, false);
  await fixture.clock.advance(5);
  fixture.scheduler.settle((await fixture.take())!);
  assertEquals(await fixture.left, 0);
  assertEquals(await fixture.scheduler.ready.receive(), [undefined, false]);
});

testWithin("an abort ends it at once, with the number of tasks that nobody has", async () => {
  const fixture = new Fixture();
  await fixture.submit(task("a"), task("b"), task("c"));
  const a = await fixture.take();
  fixture.scheduler.retry(a!, 1000);
  await fixture[Symbol.asyncDispose]();
  assertEquals(await fixture.left, 3);
});

/** What a worker, a reader or the time may do next. */
const step = fc.oneof(
  fc.record({ do: fc.constant("submit" as const), priority: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ do: fc.constantFrom("take" as const, "settle" as const, "turn" as const) }),
  fc.record({ do: fc.constant("retry" as const), ms: fc.integer({ min: 0, max: 30 }) }),
  fc.record({ do: fc.constant("advance" as const), ms: fc.integer({ min: 0, max: 20 }) }),
);

/** Workers and a reader, with what they may expect. */
class Model {
  readonly #fixture: Fixture;
  /** The tasks that wait, and not before what time. */
  readonly #waiting = new Map<Task, number>();
  readonly #taken: Task[] = [];
  #count = 0;

  constructor(fixture: Fixture) {
    this.#fixture = fixture;
  }

  get open(): number {
    return this.#waiting.size + this.#taken.length;
  }

  async submit(priority: number): Promise<void> {
    const added = task(`${this.#count++}`, priority);
    this.#waiting.set(added, 0);
    await this.#fixture.submit(added);
  }

  /** A worker takes what is on offer in this very moment. */
  take(): void {
    const { scheduler, clock } = this.#fixture;
    const got = scheduler.ready.tryReceive()?.[0];
    if (!got) return;
    const dueMs = this.#waiting.get(got);
    assert(dueMs !== undefined, `${got.name} is handed out though nobody waits for it`);
    assert(dueMs <= clock.now(), `${got.name} is handed out too early`);
    this.#waiting.delete(got);
    this.#taken.push(got);
  }

  /** A worker needs a turn at least before it is done with a task. */
  async end(retryMs: number | undefined): Promise<void> {
    const { scheduler, clock } = this.#fixture;
    await clock.advance(0);
    const ended = this.#taken.shift();
    if (!ended) return;
    if (retryMs === undefined) return scheduler.settle(ended);
    this.#waiting.set(ended, clock.now() + retryMs);
    scheduler.retry(ended, retryMs);
  }

  async check(): Promise<void> {
    await this.#fixture.clock.advance(0);
    assertEquals(this.#fixture.scheduler.size, this.#waiting.size);
  }
}

testWithin(
  "whatever happens when, each task is handed out once for each time it is due",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        await using fixture = new Fixture();
        const model = new Model(fixture);
        for (const each of steps) {
          if (each.do === "submit") await model.submit(each.priority);
          else if (each.do === "take") model.take();
          else if (each.do === "turn") await fixture.clock.advance(0);
          else if (each.do === "advance") await fixture.clock.advance(each.ms);
          else await model.end(each.do === "retry" ? each.ms : undefined);
        }
        await model.check();
        fixture.scheduler.close();
        for (let tries = 0; model.open > 0; tries++) {
          assert(tries < 1000, "some tasks never come");
          await fixture.clock.advance(1);
          model.take();
          await model.end(undefined);
        }
        assertEquals(await fixture.left, 0);
      }),
      { numRuns: 300 },
    );
  },
);
