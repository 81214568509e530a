import { assert, assertEquals } from "@std/assert";
import { Chan, receiveFrom, select, sendTo, settled } from "../../../mod.ts";
import { testWithin } from "../../support/watchdog.ts";
import { assertNobodyWaits, range, turn } from "../support.ts";

// After Go's test/chan/doubleselect.go, select.go, select6.go and src/runtime/chan_test.go.

testWithin("Go's double select: no two cases of one select run", async () => {
  const chans = range(4).map(() => new Chan<number>());
  const done = new Chan<void>();
  const sender = (async () => {
    for (const value of range(2_000)) {
      await select(Object.fromEntries(chans.map((chan, i) => [`c${i}`, sendTo(chan, value)])));
      if (value % 100 === 0) await turn();
    }
    done.close();
  })();
  const merged = new Chan<number>();
  const muxes = chans.map(async (chan) => {
    for await (const value of chan) await merged.send(value);
  });
  const received: number[] = [];
  const collector = (async () => {
    for await (const value of merged) received.push(value);
  })();
  await sender;
  for (const chan of chans) chan.close();
  await Promise.all(muxes);
  merged.close();
  await collector;
  assertEquals(received.toSorted((a, b) => a - b), range(2_000));
});

testWithin("Go's select6: a select that lost corrupts no queue it stood last in", async () => {
  const c1 = new Chan<boolean>();
  const c2 = new Chan<boolean>();
  const c3 = new Chan<boolean>();
  const c4 = new Chan<boolean>();
  const waiter = c1.receive();
  const first = select({ c1: receiveFrom(c1), c2: receiveFrom(c2) });
  await c2.send(true);
  assertEquals((await first).key, "c2");
  c4.trySend(true);
  const second = select({ c1: receiveFrom(c1), c3: receiveFrom(c3) });
  await c1.send(true);
  assertEquals(await waiter, [true, true]);
  await c1.send(true);
  assertEquals((await second).key, "c1");
  assertNobodyWaits(c1, c2, c3, c4);
});

testWithin("Go's self select: a select meets another select, never itself", async () => {
  for (const capacity of [0, 10]) {
    const chan = new Chan<number>(capacity);
    await Promise.all([0, 1].map(async (who) => {
      for (const i of range(1_000)) {
        const send = sendTo(chan, who);
        const receive = receiveFrom(chan);
        const got = i % 2 === 0 ? await select({ send, receive }) : await select({ receive, send });
        if (capacity === 0 && got.key === "receive") assertEquals(got.value, 1 - who);
      }
    }));
    assertNobodyWaits(chan);
  }
});

testWithin("Go's select stress: four channels, every kind of operation, nothing lost", async () => {
  const chans = [0, 0, 2, 3].map((capacity) => new Chan<number>(capacity));
  const rounds = 1_000;
  const sums = [0, 0, 0, 0];
  const plainSends = chans.map(async (chan) => {
    for (const i of range(rounds)) await chan.send(i);
  });
  const plainReceives = chans.map(async (chan, k) => {
    for (const _ of range(rounds)) {
      const [value] = await chan.receive();
      sums[k]! += value!;
    }
  });
  const selectSends = (async () => {
    const sent = [0, 0, 0, 0];
    while (sent.some((count) => count < rounds)) {
      const { key } = await select(Object.fromEntries(
        chans.map((chan, k) => [k, sendTo(sent[k]! < rounds ? chan : null, sent[k]!)]),
      ));
      sent[Number(key)]!++;
    }
  })();
  const selectReceives = (async () => {
    const received = [0, 0, 0, 0];
    while (received.some((count) => count < rounds)) {
      const got = await select(Object.fromEntries(
        chans.map((chan, k) => [k, receiveFrom(received[k]! < rounds ? chan : null)]),
      ));
      received[Number(got.key)]!++;
      sums[Number(got.key)]! += got.value!;
    }
  })();
  await Promise.all([...plainSends, ...plainReceives, selectSends, selectReceives]);
  assertEquals(sums, chans.map(() => rounds * (rounds - 1)));
  assertNobodyWaits(...chans);
});

testWithin("Go's select fairness: no sender of two starves in ten thousand rounds", async () => {
  const c1 = new Chan<number>();
  const c2 = new Chan<number>();
  const out1 = new Chan<number>();
  const out2 = new Chan<number>();
  const done = Promise.withResolvers<void>();
  const sending = [[c1, 1], [c2, 2]] as const;
  const senders = sending.map(async ([chan, value]) => {
    while (
      (await select({ sent: sendTo(chan, value), done: settled(done.promise) })).key === "sent"
    );
  });
  const trials = 10_000;
  const relay = (async () => {
    for (;;) {
      const got = await select({
        a: receiveFrom(c1),
        b: receiveFrom(c2),
        done: settled(done.promise),
      });
      if (got.key === "done" || !got.ok) return;
      const out = got.key === "a" ? out1 : out2;
      if (
        (await select({ out: sendTo(out, got.value), done: settled(done.promise) })).key === "done"
      ) {
        return;
      }
    }
  })();
  const counts = { a: 0, b: 0 };
  for (const _ of range(trials)) {
    counts[(await select({ a: receiveFrom(out1), b: receiveFrom(out2) })).key]++;
  }
  done.resolve();
  await Promise.all([...senders, relay]);
  // Go's own test allows the counts to differ by ten times the square root of the trials.
  assert(Math.abs(counts.a - counts.b) < 10 * Math.sqrt(trials), JSON.stringify(counts));
});

testWithin("Go's select shuttle: nil switches a loop's send and receive", async () => {
  const numbers = new Chan<number>(1);
  const loop = async (role: "send" | "receive", rounds: number) => {
    const seen: number[] = [];
    for (let i = 0; seen.length < rounds; i++) {
      const got = await select({
        out: sendTo(role === "send" ? numbers : null, i),
        in: receiveFrom(role === "receive" ? numbers : null),
      });
      seen.push(got.key === "in" ? got.value! : i);
    }
    return seen;
  };
  assertEquals(await Promise.all([loop("send", 500), loop("receive", 500)]), [
    range(500),
    range(500),
  ]);
});

testWithin(
  "Go's pseudo-random send: a select that sends 0 or 1 makes both, well mixed",
  async () => {
    const bits = new Chan<number>();
    const received: number[] = [];
    const receiver = (async () => {
      for await (const bit of bits) received.push(bit);
    })();
    for (const _ of range(1_000)) await select({ zero: sendTo(bits, 0), one: sendTo(bits, 1) });
    bits.close();
    await receiver;
    const ones = received.filter((bit) => bit === 1).length;
    assert(ones > 300 && ones < 700, `${ones} ones among 1,000`);
  },
);

testWithin("Go's multi-consumer: each value is handled once, whoever does", async () => {
  const primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31];
  const jobs = new Chan<number>(23 * 3);
  const results = new Chan<number>(23 * 3);
  const workers = range(23).map(async (worker) => {
    for await (const job of jobs) {
      if (primes[worker % primes.length] === job) await turn();
      await results.send(job);
    }
  });
  const expected = range(1_000).map((i) => primes[i % primes.length]!);
  const feeder = (async () => {
    for (const job of expected) await jobs.send(job);
    jobs.close();
    await Promise.all(workers);
    results.close();
  })();
  const sorted = (values: number[]) => values.toSorted((a, b) => a - b);
  assertEquals(sorted(await Array.fromAsync(results)), sorted(expected));
  await feeder;
});

testWithin("Go's duplicate channel: one channel in two cases beside another waiter", async () => {
  const c = new Chan<number>();
  const d = new Chan<number>();
  const e = new Chan<number>();
  const first = select({ a: receiveFrom(c), b: receiveFrom(c), d: receiveFrom(d) });
  const second = select({ a: receiveFrom(c), e: receiveFrom(e) });
  await d.send(7);
  assertEquals((await first).key, "d");
  await c.send(8);
  assertEquals(await second, { key: "a", value: 8, ok: true });
  assertNobodyWaits(c, d, e);
});
