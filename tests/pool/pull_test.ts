import { assert, assertEquals, assertRejects } from "@std/assert";
import { Chan, PoolClosedError, WorkerPool } from "../../mod.ts";
import { assertNobodyWaits, range, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";
import { Gate } from "./support.ts";

async function* later<T>(values: Iterable<T>): AsyncGenerator<T> {
  for (const value of values) {
    await Promise.resolve();
    yield value;
  }
}

function closedChan<T>(values: readonly T[]): Chan<T> {
  const chan = new Chan<T>(values.length);
  for (const value of values) chan.trySend(value);
  chan.close();
  return chan;
}

const sources = {
  array: () => range(20),
  generator: () => range(20).values(),
  "async generator": () => later(range(20)),
  channel: () => closedChan(range(20)),
};

for (const [name, source] of Object.entries(sources)) {
  testWithin(`pool pull: all jobs of an ${name} are done, in order and bounded`, async () => {
    const gate = new Gate<number, void>();
    const pool = new WorkerPool(gate.work, { workers: 2, queue: 3 });
    const fed = pool.pull(source());
    await turn();
    assertEquals([gate.begun.length, pool.stats.queued], [2, 3]);
    for (const job of range(20)) gate.finish(job);
    await fed;
    await pool.shutdown();
    assertEquals(gate.begun, range(20));
  });
}

testWithin("pool pull: a job that cannot be submitted ends it and is reported", async () => {
  const done: number[] = [];
  const pool = new WorkerPool((n: number) => void done.push(n), {
    priority: (n) => {
      if (n === 2) throw new Error("no priority for 2");
      return n;
    },
  });
  const source = range(5).values();
  await assertRejects(() => pool.pull(source), Error, "no priority for 2");
  const { dropped, completed } = await pool.shutdownWithTimeout(1_000);
  assertEquals({ dropped, completed }, { dropped: [2], completed: 2 });
  assertEquals(done, [0, 1]);
});

testWithin("pool pull: several sources can be pulled from at once", async () => {
  const seen: number[] = [];
  const pool = new WorkerPool((n: number) => void seen.push(n), { workers: 2, queue: 1 });
  await Promise.all([pool.pull(range(30)), pool.pull(later(range(30))), pool.submit(100)]);
  await pool.shutdown();
  assertEquals(seen.sort((a, b) => a - b), [...range(30).flatMap((n) => [n, n]), 100]);
});

testWithin("pool pull: what the source throws is thrown, and the pool goes on", async () => {
  const pool = new WorkerPool((n: number) => n);
  const broken = function* () {
    yield 1;
    throw new Error("broken source");
  };
  await assertRejects(() => pool.pull(broken()), Error, "broken source");
  await assertRejects(
    () =>
      pool.pull((async function* () {
        yield 1;
        await Promise.reject(new Error("broken async source"));
      })()),
    Error,
    "broken async source",
  );
  const failed = new Chan<number>(1);
  failed.close(new Error("broken channel"));
  await assertRejects(() => pool.pull(failed), Error, "broken channel");
  assertEquals(await pool.run(5), 5);
  await pool.shutdown();
});

testWithin(
  "pool pull: a shutdown stops waiting for a channel and takes nothing from it",
  async () => {
    const pool = new WorkerPool(() => {});
    const source = new Chan<number>(1);
    const fed = pool.pull(source);
    await turn();
    await pool.shutdown();
    await assertRejects(() => fed, PoolClosedError);
    assertNobodyWaits(source);
    assert(source.trySend(1));
    assertEquals(source.length, 1);
  },
);

testWithin("pool pull: a shutdown stops iterators, even one that never answers", async () => {
  for (const hangs of [false, true]) {
    let returned = 0;
    let nexts = 0;
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          nexts++;
          return hangs ? new Promise(() => {}) : Promise.resolve({ value: nexts, done: false });
        },
        return: () => {
          returned++;
          return Promise.resolve({ value: undefined, done: true });
        },
      }),
    };
    const gate = new Gate<number, void>();
    const pool = new WorkerPool(gate.work, { workers: 1, queue: 1 });
    const fed = pool.pull(source);
    await turn();
    const ended = pool.cancel();
    await assertRejects(() => fed, PoolClosedError);
    gate.finish(1);
    const { dropped, cancelled } = await ended;
    assertEquals(returned, 1);
    // The third was taken from the source and waited for room.
    assertEquals(
      { dropped, cancelled },
      hangs ? { dropped: [], cancelled: [] } : { dropped: [2, 3], cancelled: [1] },
    );
  }
});

testWithin("pool pull: a closed pool takes nothing from a source", async () => {
  const pool = new WorkerPool(() => {});
  await pool.shutdown();
  const source = range(5).values();
  await assertRejects(() => pool.pull(source), PoolClosedError);
  assertEquals([...source], range(5));
});

testWithin("pool pull: a job that is taken and turned away is reported as dropped", async () => {
  const gate = new Gate<number, void>();
  const pool = new WorkerPool(gate.work, { workers: 1, queue: 0 });
  const fed = pool.pull(range(5));
  await turn();
  const ended = pool.shutdownWithTimeout(1_000);
  await assertRejects(() => fed, PoolClosedError);
  gate.finish(0);
  assertEquals((await ended).dropped, [1]);
  assertEquals(pool.stats.dropped, 1);
});

testWithin("pool pull: a source that stops in the middle is told to return", async () => {
  let returned = false;
  const source = function* () {
    try {
      for (let n = 0;; n++) yield n;
    } finally {
      returned = true;
    }
  };
  const gate = new Gate<number, void>();
  const pool = new WorkerPool(gate.work, { workers: 1, queue: 2 });
  const fed = pool.pull(source());
  await turn();
  const ended = pool.shutdown();
  await assertRejects(() => fed, PoolClosedError);
  assert(returned);
  for (const n of range(3)) gate.finish(n);
  await ended;
  assertEquals(gate.begun, range(3));
});
