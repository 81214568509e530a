import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Chan, receiveFrom, select, sendTo, type WaitOptions } from "../../mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertNobodyWaits, assertPending, range } from "./support.ts";

/** Every operation that can wait to receive. */
const receivers: Record<
  string,
  (chan: Chan<number>, options?: WaitOptions) => Promise<number | undefined>
> = {
  receive: async (chan, options) => (await chan.receive(options))[0],
  receiveMany: async (chan, options) => (await chan.receiveMany(1, options))[0],
  select: async (chan, options) => (await select({ v: receiveFrom(chan) }, options)).value,
};

/** Every operation that can wait to send. */
const senders: Record<
  string,
  (chan: Chan<number>, value: number, options?: WaitOptions) => Promise<unknown>
> = {
  send: (chan, value, options) => chan.send(value, options),
  select: (chan, value, options) => select({ sent: sendTo(chan, value) }, options),
};

for (const [name, receive] of Object.entries(receivers)) {
  testWithin(`law 41: ${name} with an aborted signal takes nothing`, async () => {
    const chan = new Chan<number>(1);
    await chan.send(1);
    const reason = new Error("stop");
    const signal = AbortSignal.abort(reason);
    assertStrictEquals(await assertRejects(() => receive(chan, { signal })), reason);
    assertEquals(chan.length, 1);
    assertNobodyWaits(chan);
  });

  testWithin(`law 42: when a waiting ${name} is cancelled, the next is served`, async () => {
    const chan = new Chan<number>();
    const abort = new AbortController();
    const cancelled = receive(chan, { signal: abort.signal });
    const next = receive(chan);
    const reason = new Error("stop");
    abort.abort(reason);
    assertEquals(chan.trySend(7), true);
    assertStrictEquals(await assertRejects(() => cancelled), reason);
    assertEquals(await next, 7);
    assertNobodyWaits(chan);
  });

  testWithin(`law 43: ${name}: delivered, then aborted in the same tick: delivered`, async () => {
    const chan = new Chan<number>();
    const abort = new AbortController();
    const received = receive(chan, { signal: abort.signal });
    assertEquals(chan.trySend(7), true);
    abort.abort();
    assertEquals(await received, 7);
  });

  testWithin(`law 44: ${name}: aborted, then delivered: the value goes to the next`, async () => {
    const chan = new Chan<number>();
    const abort = new AbortController();
    const cancelled = receive(chan, { signal: abort.signal });
    abort.abort();
    assertEquals(chan.trySend(7), false);
    const sent = chan.send(7);
    assertEquals(await receive(chan), 7);
    await sent;
    await assertRejects(() => cancelled, DOMException);
  });
}

for (const [name, send] of Object.entries(senders)) {
  testWithin(`law 41: ${name} with an aborted signal gives nothing`, async () => {
    const chan = new Chan<number>(1);
    const reason = new Error("stop");
    const signal = AbortSignal.abort(reason);
    assertStrictEquals(await assertRejects(() => send(chan, 1, { signal })), reason);
    assertEquals(chan.length, 0);
    assertNobodyWaits(chan);
  });

  testWithin(`law 42: when a waiting ${name} is cancelled, the next is served`, async () => {
    const chan = new Chan<number>();
    const abort = new AbortController();
    const cancelled = send(chan, 1, { signal: abort.signal });
    const next = send(chan, 2);
    abort.abort();
    assertEquals(await chan.receive(), [2, true]);
    await assertRejects(() => cancelled, DOMException);
    await next;
    assertNobodyWaits(chan);
  });

  testWithin(`law 43: ${name}: taken, then aborted in the same tick: taken`, async () => {
    const chan = new Chan<number>();
    const abort = new AbortController();
    const sent = send(chan, 1, { signal: abort.signal });
    assertEquals(chan.tryReceive(), [1, true]);
    abort.abort();
    await sent;
  });

  testWithin(
    `law 44: ${name}: aborted, then received: the value stays with its sender`,
    async () => {
      const chan = new Chan<number>();
      const abort = new AbortController();
      const cancelled = send(chan, 1, { signal: abort.signal });
      abort.abort();
      assertEquals(chan.tryReceive(), undefined);
      await assertRejects(() => cancelled, DOMException);
    },
  );
}

testWithin("law 45: a cancel keeps the others' order, among receivers and senders", async () => {
  for (const gone of [[0], [4], [2], [1, 3], [0, 1, 2, 3], [4, 0, 2]]) {
    const staying = range(5).filter((i) => !gone.includes(i));
    const abort = new AbortController();
    const signalOf = (i: number) => gone.includes(i) ? { signal: abort.signal } : {};

    const chan = new Chan<number>();
    const receives = range(5).map((i) => chan.receive(signalOf(i)));
    const outcomes = Promise.allSettled(receives);
    const full = new Chan<number>();
    const sends = Promise.allSettled(range(5).map((i) => full.send(i, signalOf(i))));
    abort.abort();

    for (const i of staying) assertEquals(chan.trySend(i), true);
    assertEquals(
      (await outcomes).map((o) => o.status === "fulfilled" ? o.value[0] : "cancelled"),
      range(5).map((i) => gone.includes(i) ? "cancelled" : i),
    );
    assertEquals(await full.receiveMany(5), staying);
    assertEquals(
      (await sends).map(({ status }) => status === "rejected"),
      range(5).map((i) => gone.includes(i)),
    );
    assertNobodyWaits(chan, full);
  }
});

/** A signal that counts its listeners. */
class CountingSignal {
  readonly controller = new AbortController();
  readonly signal = this.controller.signal;
  listeners = 0;
  most = 0;

  constructor() {
    const add = this.signal.addEventListener.bind(this.signal);
    const remove = this.signal.removeEventListener.bind(this.signal);
    const known = new Set<unknown>();
    this.signal.addEventListener = (...args: Parameters<typeof add>) => {
      known.add(args[1]);
      this.listeners = known.size;
      this.most = Math.max(this.most, known.size);
      add(...args);
    };
    this.signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      known.delete(args[1]);
      this.listeners = known.size;
      remove(...args);
    };
  }
}

const endings: Record<string, (chan: Chan<number>, counting: CountingSignal) => unknown> = {
  "a value came": (chan) => chan.trySend(1),
  "the channel closed": (chan) => chan.close(),
  "the channel failed": (chan) => chan.close(new Error("disk full")),
};

for (const [ending, end] of Object.entries(endings)) {
  testWithin(`law 46: no listener is left when ${ending}`, async () => {
    for (const receive of Object.values(receivers)) {
      const chan = new Chan<number>();
      const counting = new CountingSignal();
      const received = receive(chan, { signal: counting.signal });
      assertEquals(counting.listeners, 1);
      end(chan, counting);
      assertEquals(counting.listeners, 0);
      await Promise.allSettled([received]);
    }
  });
}

testWithin("law 46: no listener is left when a sender has settled", async () => {
  for (const end of [(chan: Chan<number>) => chan.tryReceive(), endings["the channel closed"]!]) {
    for (const send of Object.values(senders)) {
      const chan = new Chan<number>();
      const counting = new CountingSignal();
      const sent = send(chan, 1, { signal: counting.signal });
      assertEquals(counting.listeners, 1);
      end(chan, counting);
      assertEquals(counting.listeners, 0);
      await Promise.allSettled([sent]);
    }
  }
});

testWithin("law 46: no listener is added by what need not wait", async () => {
  const counting = new CountingSignal();
  const options = { signal: counting.signal };
  const chan = new Chan<number>(4);
  await chan.send(1, options);
  await chan.send(2, options);
  await chan.receive(options);
  await select({ v: receiveFrom(chan) }, options);
  assertEquals(counting.most, 0);
});

testWithin("one signal has one listener, however many wait on it", async () => {
  const counting = new CountingSignal();
  const chan = new Chan<number>();
  const waits = range(1_000).map(() => chan.receive({ signal: counting.signal }));
  assertEquals(counting.listeners, 1);
  assertEquals(counting.most, 1);
  const first = waits.shift()!;
  chan.trySend(1);
  await first;
  assertEquals(counting.listeners, 1);
  counting.controller.abort();
  for (const { status } of await Promise.allSettled(waits)) assertEquals(status, "rejected");
  assertNobodyWaits(chan);
});

testWithin("a signal that outlives its waits can be waited on again", async () => {
  const counting = new CountingSignal();
  const chan = new Chan<number>();
  for (const i of range(10)) {
    const received = chan.receive({ signal: counting.signal });
    chan.trySend(i);
    assertEquals(await received, [i, true]);
    assertEquals(counting.listeners, 0);
  }
  const last = chan.receive({ signal: counting.signal });
  counting.controller.abort();
  await assertRejects(() => last, DOMException);
});

testWithin("law 47: n cancels cost O(n), in any order", async () => {
  const n = 20_000;
  const orders: Record<string, number[]> = {
    "first to last": range(n),
    "last to first": range(n).reverse(),
    "from the middle": range(n).map((i) => (i * 7919 + (n >> 1)) % n),
  };
  for (const [order, sequence] of Object.entries(orders)) {
    // Were a cancel to search the queue, those in a queue of 20,000 would take hundreds of times
    // as long as those that are alone in theirs.
    const alone = await fastestCancel(range(n).map(() => new Chan<number>()), sequence);
    const chan = new Chan<number>();
    const queued = await fastestCancel(range(n).map(() => chan), sequence);
    assert(queued < alone * 8, `${order}: ${queued} ms in a queue, ${alone} ms alone`);
  }
}, 30_000);

async function fastestCancel(chans: Chan<number>[], sequence: number[]): Promise<number> {
  const times = [];
  for (const _ of range(3)) times.push(await cancelEach(chans, sequence));
  return Math.min(...times);
}

/** How long it takes to cancel a waiter on each of `chans` one by one. */
async function cancelEach(chans: Chan<number>[], sequence: number[]): Promise<number> {
  const aborts = chans.map(() => new AbortController());
  const outcomes = Promise.allSettled(
    chans.map((chan, i) => chan.receive({ signal: aborts[i]!.signal })),
  );
  const start = performance.now();
  for (const i of sequence) aborts[i]!.abort("stop");
  const elapsed = performance.now() - start;
  for (const { status } of await outcomes) assertEquals(status, "rejected");
  assertNobodyWaits(...new Set(chans));
  return elapsed;
}

testWithin("law 47: one signal cancels 100,000 waiters at once", async () => {
  const chan = new Chan<number>();
  const abort = new AbortController();
  const outcomes = Promise.allSettled(
    range(100_000).map(() => chan.receive({ signal: abort.signal })),
  );
  await assertPending(outcomes);
  abort.abort("stop");
  for (const { status } of await outcomes) assertEquals(status, "rejected");
  assertNobodyWaits(chan);
});
