import { assertEquals, assertRejects } from "@std/assert";
import { Chan, consume } from "../../mod.ts";
import { assertNobodyWaits, assertPending, range, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";

async function* later<T>(values: Iterable<T>): AsyncGenerator<T> {
  for (const value of values) yield await Promise.resolve(value);
}

function chanOf<T>(values: readonly T[]): Chan<T> {
  const chan = new Chan<T>(values.length);
  for (const value of values) chan.trySend(value);
  return chan;
}

const kinds = {
  iterable: (n: number) => range(n),
  "async iterable": (n: number) => later(range(n)),
  channel: (n: number) => {
    const chan = chanOf(range(n));
    chan.close();
    return chan;
  },
};

for (const [kind, make] of Object.entries(kinds)) {
  testWithin(`consume: each value of an ${kind} is used before the next is taken`, async () => {
    const log: string[] = [];
    await consume(make(3), async (n) => {
      log.push(`begin ${n}`);
      await turn();
      log.push(`end ${n}`);
    });
    assertEquals(log, range(3).flatMap((n) => [`begin ${n}`, `end ${n}`]));
  });

  testWithin(`consume: an error in the use of an ${kind} ends it`, async () => {
    const seen: number[] = [];
    const failing = (n: number) => {
      seen.push(n);
      if (n === 1) throw new Error("no more");
    };
    await assertRejects(() => consume(make(5), failing), Error, "no more");
    assertEquals(seen, [0, 1]);
  });

  testWithin(`consume: an abort between two values of an ${kind} ends it`, async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const abortAt1 = (n: number) => {
      seen.push(n);
      if (n === 1) controller.abort(new Error("stop"));
    };
    const { signal } = controller;
    await assertRejects(() => consume(make(5), abortAt1, { signal }), Error, "stop");
    assertEquals(seen, [0, 1]);
    await assertRejects(() => consume(make(5), abortAt1, { signal }), Error, "stop");
    assertEquals(seen, [0, 1]);
  });
}

testWithin("consume: an abort during the wait for a channel leaves no waiter", async () => {
  const chan = new Chan<number>();
  const controller = new AbortController();
  const consumed = consume(chan, () => {}, { signal: controller.signal });
  await assertPending(consumed);
  controller.abort(new Error("stop"));
  await assertRejects(() => consumed, Error, "stop");
  assertNobodyWaits(chan);
});

testWithin(
  "consume: an iterator that fails is not told to return, any other is, once",
  async () => {
    for (const [outcome, expected] of [["ends", 0], ["fails", 0], ["goes on", 1]] as const) {
      let returned = 0;
      const source: AsyncIterable<number> = {
        [Symbol.asyncIterator]: () => ({
          next: () =>
            outcome === "fails"
              ? Promise.reject(new Error("broken"))
              : Promise.resolve({ value: 1, done: outcome === "ends" }),
          return: () => {
            returned++;
            return Promise.reject(new Error("ignored"));
          },
        }),
      };
      const consumed = consume(source, () => {
        throw new Error("enough");
      });
      await consumed.catch(() => {});
      assertEquals(returned, expected, outcome);
    }
  },
);
