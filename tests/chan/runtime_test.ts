import { assert, assertEquals } from "@std/assert";
import { after, Chan, receiveFrom, select, sendTo } from "../../mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertNobodyWaits, assertPending, range } from "./support.ts";

testWithin("law 48: no continuation runs inside send, receive or close", async () => {
  const ran: string[] = [];
  const noting = (name: string) => () => ran.push(name);

  const wakes: Record<string, (chan: Chan<number>) => unknown> = {
    "send to a receiver": (chan) => {
      chan.receive().then(noting("receiver"));
      return () => chan.send(1).then(noting("sender"));
    },
    "trySend to a loop": (chan) => {
      chan[Symbol.asyncIterator]().next().then(noting("loop"));
      return () => chan.trySend(1);
    },
    "send to a select": (chan) => {
      select({ v: receiveFrom(chan) }).then(noting("select"));
      return () => chan.send(1).then(noting("sender"));
    },
    "receive from a sender": (chan) => {
      chan.send(1).then(noting("sender"));
      return () => chan.receive().then(noting("receiver"));
    },
    "tryReceive from a select": (chan) => {
      select({ sent: sendTo(chan, 1) }).then(noting("select"));
      return () => chan.tryReceive();
    },
    "close on receivers": (chan) => {
      chan.receive().then(noting("receiver"));
      return () => chan.close();
    },
    "close on senders": (chan) => {
      chan.send(1).catch(noting("sender"));
      return () => chan.close();
    },
    "abort": (chan) => {
      const abort = new AbortController();
      chan.receive({ signal: abort.signal }).catch(noting("receiver"));
      return () => abort.abort();
    },
  };
  for (const [name, prepare] of Object.entries(wakes)) {
    const act = prepare(new Chan<number>()) as () => unknown;
    await assertPending(new Promise(() => {}));
    ran.length = 0;
    act();
    assertEquals(ran, [], name);
    await assertPending(new Promise(() => {}));
    assert(ran.length > 0, `${name} woke nobody`);
  }
});

/** Loops that never wait for anything but each other, until `done` says so. */
const busyLoops: Record<string, (done: () => boolean) => Promise<unknown>> = {
  async "an unbuffered ping-pong"(done) {
    const ping = new Chan<number>();
    const pong = new Chan<number>();
    const player = (async () => {
      for await (const ball of ping) await pong.send(ball + 1);
    })();
    for (let ball = 0; !done();) {
      await ping.send(ball);
      [ball = 0] = await pong.receive();
    }
    ping.close();
    await player;
  },
  async "receives that wait for sends that never do"(done) {
    const left = new Chan<number>();
    const right = new Chan<number>();
    const player = (async () => {
      for await (const ball of left) right.trySend(ball);
    })();
    for (let ball = 0; !done(); ball++) {
      const returned = right.receive();
      left.trySend(ball);
      await returned;
    }
    left.close();
    await player;
  },
  async "sends and receives that never wait"(done) {
    const chan = new Chan<number>(1);
    while (!done()) {
      await chan.send(1);
      await chan.receive();
    }
  },
  async "a loop over a buffered channel"(done) {
    const chan = new Chan<number>(64);
    const producer = (async () => {
      for (let i = 0; !done(); i++) await chan.send(i);
      chan.close();
    })();
    for await (const _ of chan);
    await producer;
  },
  async "receives at the end of a channel"(done) {
    const chan = new Chan<number>();
    chan.close();
    while (!done()) await chan.receive();
  },
  async "selects that are always ready"(done) {
    const chan = new Chan<number>();
    chan.close();
    while (!done()) await select({ v: receiveFrom(chan) });
  },
  async "selects that meet each other"(done) {
    const chan = new Chan<number>();
    const sender = (async () => {
      while (!done()) await select({ sent: sendTo(chan, 1) });
      chan.close();
    })();
    while ((await select({ v: receiveFrom(chan) })).ok);
    await sender;
  },
  async "fifty pairs at once"(done) {
    await Promise.all(
      range(50).map(async () => {
        const chan = new Chan<number>();
        const producer = (async () => {
          for (let i = 0; !done(); i++) await chan.send(i);
          chan.close();
        })();
        for await (const _ of chan);
        await producer;
      }),
    );
  },
};

for (const [name, run] of Object.entries(busyLoops)) {
  testWithin(`law 49: timers fire during ${name}`, async () => {
    let fired = 0;
    const timer = setInterval(() => fired++, 1);
    // The loop ends itself, for if it starved the timers, the watchdog could not.
    const tooLate = performance.now() + 3_000;
    await run(() => fired >= 5 || performance.now() > tooLate);
    clearInterval(timer);
    assert(fired >= 5, `The timer fired ${fired} times`);
  });
}

testWithin("law 49: what is held back meanwhile continues later, in order", async () => {
  const busy = new Chan<number>(1);
  const until = performance.now() + 30;
  while (performance.now() < until) {
    busy.send(1);
    busy.tryReceive();
  }
  const chan = new Chan<number>();
  const order: string[] = [];
  for (const i of range(20)) chan.receive().then(([value]) => order.push(`${i} got ${value}`));
  for (const i of range(20)) chan.trySend(i);
  chan.close();
  await chan[Symbol.asyncIterator]().next().then(() => order.push("end"));
  assertEquals(order, [...range(20).map((i) => `${i} got ${i}`), "end"]);
});

testWithin("law 53: after a run of everything nobody is left waiting", async () => {
  const abort = new AbortController();
  const jobs = new Chan<number>(2);
  const results = new Chan<number>();
  const workers = range(3).map(async () => {
    for await (const job of jobs) await results.send(job * job);
  });
  const producer = (async () => {
    for (const i of range(30)) {
      await select({ job: sendTo(jobs, i), late: after(60_000) }, { signal: abort.signal });
    }
    jobs.close();
  })();
  const collected: number[] = [];
  const collector = (async () => {
    for (;;) {
      const got = await select({ result: receiveFrom(results), late: after(60_000) });
      if (got.key === "late" || !got.ok) return;
      collected.push(got.value);
    }
  })();
  await Promise.all([producer, ...workers]);
  results.close();
  await collector;
  assertEquals(collected.toSorted((a, b) => a - b), range(30).map((i) => i * i));
  assertNobodyWaits(jobs, results);
});
