import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Chan, ManualClock, pipeline } from "../../mod.ts";
import { assertNobodyWaits, range, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";
import { countListeners, untilAborted } from "../pool/support.ts";

testWithin(
  "cancel: whatever each part waits for, the signal ends it and leaves nothing",
  async () => {
    const waits = {
      "the source": { source: 0, sinkWaits: false },
      "work in flight": { source: 100, sinkWaits: true },
    };
    for (const { source: count, sinkWaits } of Object.values(waits)) {
      for (const ordered of [false, true]) {
        const clock = new ManualClock();
        const controller = new AbortController();
        const listeners = countListeners(controller.signal);
        const source = new Chan<number>(count);
        for (const n of range(count)) source.trySend(n);
        const pipe = pipeline(source, { signal: controller.signal, clock })
          .map("work", (n) => n, { workers: 3, ordered, buffer: 1 })
          .batch("gather", 2, { maxWaitMs: 1_000 })
          .flatMap("spread", (batch) => batch, { workers: 2, ordered, buffer: 0 });
        const ended = sinkWaits
          ? pipe.forEach("wait", untilAborted, { workers: 2 })
          : pipe.collect();
        const reason = new Error("stop");
        const outcome = assertRejects(() => ended);
        await turn();
        controller.abort(reason);
        assertStrictEquals(await outcome, reason);
        assertNobodyWaits(source);
        assertEquals(listeners.now, 0);
        assertEquals(clock.pending, 0);
        for (const { name, active } of pipe.metrics) assertEquals(active, 0, name);
      }
    }
  },
);

testWithin("cancel: a source that never answers does not hold it up", async () => {
  let returned = 0;
  const hangs: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: () => {
        returned++;
        return new Promise(() => {});
      },
    }),
  };
  const controller = new AbortController();
  const ended = pipeline(hangs, { signal: controller.signal }).collect();
  const outcome = assertRejects(() => ended, Error, "stop");
  await turn();
  controller.abort(new Error("stop"));
  await outcome;
  assertEquals(returned, 1);
});

testWithin("cancel: a signal that has aborted lets nothing begin", async () => {
  const signal = AbortSignal.abort(new Error("never"));
  let read = 0;
  const source = function* () {
    for (;;) yield read++;
  };
  for (const sink of ["collect", "run", "collectResults"] as const) {
    await assertRejects(() => pipeline(source(), { signal })[sink](), Error, "never");
  }
  await assertRejects(() => Array.fromAsync(pipeline(source(), { signal })), Error, "never");
  assertEquals(read, 0);
});

testWithin("cancel: leaving the loop ends every stage before it is left", async () => {
  for (const kind of ["values", "results"] as const) {
    const controller = new AbortController();
    const listeners = countListeners(controller.signal);
    let cleanedUp = 0;
    const source = function* () {
      try {
        for (let n = 0;; n++) yield n;
      } finally {
        cleanedUp++;
      }
    };
    const pipe = pipeline(source(), { signal: controller.signal })
      .map("work", async (n, context) => {
        if (n < 3) return n;
        await untilAborted(n, context).catch(() => {});
        await turn();
        cleanedUp++;
        return n;
      }, { workers: 2, buffer: 0 });
    let read = 0;
    for await (const _ of kind === "values" ? pipe : pipe.results()) {
      await turn();
      if (++read === 3) break;
    }
    assertEquals(read, 3);
    assertEquals(cleanedUp, 3);
    assertEquals(listeners.now, 0);
  }
});

testWithin("cancel: an error in the loop's body is thrown as it is", async () => {
  const mine = new Error("mine");
  const error = await assertRejects(async () => {
    for await (const n of pipeline(range(100)).map("same", (n) => n)) if (n === 5) throw mine;
  });
  assertStrictEquals(error, mine);
});

testWithin("cancel: it is heard by a reader that has all values in its buffer", async () => {
  const controller = new AbortController();
  const seen: number[] = [];
  await assertRejects(
    async () => {
      const pipe = pipeline(range(10), { signal: controller.signal });
      for await (const n of pipe.map("same", (n) => n)) {
        seen.push(n);
        await turn();
        if (n === 2) controller.abort(new Error("stop"));
      }
    },
    Error,
    "stop",
  );
  assertEquals(seen, range(3));
});

testWithin("cancel: once the pipeline has ended its signal is free", async () => {
  const controller = new AbortController();
  const listeners = countListeners(controller.signal);
  const { signal } = controller;
  assertEquals(await pipeline(range(3), { signal }).map("same", (n) => n).collect(), range(3));
  assertEquals(await Array.fromAsync(pipeline(range(3), { signal })), range(3));
  assertEquals(listeners.now, 0);
});
