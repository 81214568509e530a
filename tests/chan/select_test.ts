import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  after,
  type Case,
  Chan,
  ChanClosedError,
  ManualClock,
  receiveFrom,
  select,
  sendTo,
  settled,
  trySelect,
  UndeliveredError,
} from "../../mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertNobodyWaits, assertPending, range } from "./support.ts";

testWithin("law 27: of many ready cases exactly one happens", async () => {
  for (const _ of range(100)) {
    const full = range(4).map(() => new Chan<number>(1));
    const empty = range(4).map(() => new Chan<number>(1));
    for (const chan of full) await chan.send(1);
    const cases = Object.fromEntries([
      ...full.map((chan, i) => [`receive ${i}`, receiveFrom(chan)]),
      ...empty.map((chan, i) => [`send ${i}`, sendTo(chan, 1)]),
    ]);
    const { key } = await select(cases);
    const taken = full.filter((chan) => chan.length === 0).length;
    const given = empty.filter((chan) => chan.length === 1).length;
    assertEquals(taken + given, 1);
    assertEquals(key.startsWith("receive"), taken === 1);
  }
});

testWithin("law 27: of many cases that become ready at once exactly one happens", async () => {
  const chans = range(5).map(() => new Chan<number>(1));
  const waiting = select(
    Object.fromEntries(chans.map((chan, i) => [`case${i}`, receiveFrom(chan)])),
  );
  for (const [i, chan] of chans.entries()) assertEquals(chan.trySend(i), true);
  assertEquals(await waiting, { key: "case0", value: 0, ok: true });
  assertEquals(chans.map((chan) => chan.length), [0, 1, 1, 1, 1]);
});

testWithin(
  "law 28: the losers are unlinked at once, wherever they stand in the queue",
  async () => {
    for (const position of range(5)) {
      const won = new Chan<string>();
      const lost = new Chan<number>();
      const before = range(position).map(() => lost.receive());
      const selected = select({ won: receiveFrom(won), lost: receiveFrom(lost) });
      const behind = range(4 - position).map(() => lost.receive());
      assertEquals(won.trySend("x"), true);
      assertNobodyWaits(won);
      for (const i of range(4)) assertEquals(lost.trySend(i), true);
      assertEquals(lost.trySend(4), false);
      assertEquals((await Promise.all([...before, ...behind])).map(([value]) => value), range(4));
      assertEquals((await selected).key, "won");
      assertNobodyWaits(lost);
    }
  },
);

testWithin("law 28: losing send cases are unlinked at once as well", async () => {
  for (const position of range(5)) {
    const won = new Chan<string>();
    const lost = new Chan<number>();
    const before = range(position).map((i) => lost.send(i));
    const selected = select({ won: receiveFrom(won), lost: sendTo(lost, 99) });
    const behind = range(4 - position).map((i) => lost.send(position + i));
    assertEquals(won.trySend("x"), true);
    assertEquals(await lost.receiveMany(9), range(4));
    await Promise.all([...before, ...behind]);
    assertEquals((await selected).key, "won");
    assertNobodyWaits(won, lost);
  }
});

/** Pearson's statistic of counts that should be equal. */
function chiSquared(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

testWithin("law 29: among ready cases the choice is uniform", async () => {
  // 1 in a million runs of a fair choice exceeds these: the 0.999999 quantiles for 3 and 1 degrees
  // of freedom.
  const ready = range(4).map(() => new Chan<number>(1));
  for (const chan of ready) chan.close();
  const silent = new Chan<number>();
  const cases = {
    a: receiveFrom(ready[0]),
    silent1: receiveFrom(silent),
    b: receiveFrom(ready[1]),
    c: receiveFrom(ready[2]),
    silent2: sendTo(silent, 1),
    d: receiveFrom(ready[3]),
  };
  const counts = { a: 0, b: 0, c: 0, d: 0, silent1: 0, silent2: 0 };
  for (const _ of range(10_000)) counts[(await select(cases)).key]++;
  assertEquals([counts.silent1, counts.silent2], [0, 0]);
  const statistic = chiSquared([counts.a, counts.b, counts.c, counts.d]);
  assert(statistic < 30.7, `${JSON.stringify(counts)} has chi-squared ${statistic}`);

  const both = { a: 0, b: 0 };
  const room = new Chan<number>(Infinity);
  for (const _ of range(10_000)) {
    both[trySelect({ a: receiveFrom(ready[0]), b: sendTo(room, 1) })!.key]++;
  }
  const statisticOfBoth = chiSquared([both.a, both.b]);
  assert(statisticOfBoth < 23.9, `${JSON.stringify(both)} has chi-squared ${statisticOfBoth}`);
});

testWithin("law 30: biased takes the first ready case", async () => {
  const ready = new Chan<number>();
  ready.close();
  const silent = new Chan<number>();
  const cases = { silent: receiveFrom(silent), b: receiveFrom(ready), a: receiveFrom(ready) };
  for (const _ of range(100)) {
    assertEquals((await select(cases, { biased: true })).key, "b");
    assertEquals(trySelect(cases, { biased: true })?.key, "b");
  }
});

testWithin("law 31: trySelect acts only on what is ready at that instant", async () => {
  const chan = new Chan<number>();
  const clock = new ManualClock();
  const never = {
    receive: receiveFrom(chan),
    send: sendTo(chan, 1),
    late: after(1, { clock }),
    page: settled(new Promise(() => {})),
  };
  assertEquals(trySelect(never), undefined);
  assertNobodyWaits(chan);
  assertEquals(clock.pending, 0);

  const received = chan.receive();
  assertEquals(trySelect(never), { key: "send" });
  assertEquals(await received, [1, true]);
  const sent = chan.send(2);
  assertEquals(trySelect(never), { key: "receive", value: 2, ok: true });
  await sent;
  await clock.advance(1);
  assertEquals(trySelect(never), { key: "late" });
  assertEquals(trySelect(never), undefined);
});

testWithin("law 32: a send case on a closed channel throws only if chosen", async () => {
  const closed = new Chan<number>();
  closed.close();
  const open = new Chan<number>(1);
  const cases = { open: sendTo(open, 1), closed: sendTo(closed, 1) };
  assertEquals((await select(cases, { biased: true })).key, "open");
  await assertRejects(() => select(cases, { biased: true }), ChanClosedError);
  assertThrows(() => trySelect(cases, { biased: true }), ChanClosedError);
  assertEquals(open.length, 1);
});

testWithin("law 32: a receive case on a closed channel is ready, and drains it first", async () => {
  const chan = new Chan<number>(1);
  await chan.send(1);
  chan.close();
  const cases = { v: receiveFrom(chan), never: receiveFrom(new Chan<string>()) };
  assertEquals(await select(cases), { key: "v", value: 1, ok: true });
  assertEquals(await select(cases), { key: "v", value: undefined, ok: false });
  assertEquals(trySelect(cases), { key: "v", value: undefined, ok: false });
});

testWithin("law 33: operands are evaluated once, in source order", async () => {
  const evaluated: string[] = [];
  function note<T>(name: string, value: T): T {
    evaluated.push(name);
    return value;
  }
  const a = new Chan<number>();
  const b = new Chan<number>();
  const selected = select({
    first: receiveFrom(note("a", a)),
    second: sendTo(note("b", b), note("value", 7)),
    third: receiveFrom(note("a again", a)),
  });
  const order = ["a", "b", "value", "a again"];
  assertEquals(evaluated, order);
  assertEquals(await b.receive(), [7, true]);
  assertEquals((await selected).key, "second");
  assertEquals(evaluated, order);
});

testWithin("law 34: a select's own send and receive on one channel never meet", async () => {
  const chan = new Chan<number>();
  const cases = { send: sendTo(chan, 1), receive: receiveFrom(chan) };
  assertEquals(trySelect(cases), undefined);
  const selected = select(cases);
  await assertPending(selected);
  assertEquals(await chan.receive(), [1, true]);
  assertEquals(await selected, { key: "send" });
  assertNobodyWaits(chan);
});

testWithin("law 35: one channel may stand in several cases", async () => {
  const chan = new Chan<number>();
  const cases = { a: receiveFrom(chan), b: receiveFrom(chan), c: receiveFrom(chan) };
  const selected = select(cases);
  await chan.send(1);
  const { key, value } = await selected;
  assertEquals([["a", "b", "c"].includes(key), value], [true, 1]);
  assertNobodyWaits(chan);

  const sent = select({ a: sendTo(chan, 1), b: sendTo(chan, 2) });
  const [got] = await chan.receive();
  assertEquals(got, (await sent).key === "a" ? 1 : 2);
  assertNobodyWaits(chan);

  const ended = select(cases);
  chan.close();
  assertEquals((await ended).ok, false);
  assertNobodyWaits(chan);
});

testWithin("law 36: two selects can meet each other", async () => {
  const x = new Chan<string>();
  const y = new Chan<string>();
  for (const _ of range(20)) {
    const left = select({ out: sendTo(x, "x"), in: receiveFrom(y) });
    const right = select({ in: receiveFrom(x), out: sendTo(y, "y") });
    const [l, r] = await Promise.all([left, right]);
    assertEquals(l.key === "out", r.key === "in");
    assertEquals(l.key === "in" ? l.value : "", l.key === "in" ? "y" : "");
    assertNobodyWaits(x, y);
  }
});

testWithin("law 37: close wakes a waiting select", async () => {
  const chan = new Chan<number>();
  const silent = new Chan<number>();
  const receiving = select({ v: receiveFrom(chan), silent: receiveFrom(silent) });
  await assertPending(receiving);
  chan.close();
  assertEquals(await receiving, { key: "v", value: undefined, ok: false });

  const other = new Chan<number>();
  const sending = select({ v: sendTo(other, 5), silent: receiveFrom(silent) });
  await assertPending(sending);
  other.close();
  assertEquals((await assertRejects(() => sending, UndeliveredError<number>)).value, 5);
  assertNobodyWaits(chan, other, silent);
});

testWithin("law 38: 100,000 selects against a silent channel leave no waiter", async () => {
  // In a process of its own, since only the --expose-gc flag makes a heap comparable.
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--v8-flags=--expose-gc", fromHere("silent_selects.ts")],
    env: { NO_COLOR: "1" },
  }).output();
  const output = new TextDecoder().decode(stdout);
  assert(output.startsWith("{"), new TextDecoder().decode(stderr));
  const { waiting, grownBytes } = JSON.parse(output);
  assertEquals(waiting, 0);
  // A waiter or a reaction left by each select would be eight megabytes at the least.
  assert(grownBytes < 1e6, `The heap grew by ${grownBytes} bytes`);
});

function fromHere(path: string): string {
  return new URL(path, import.meta.url).href;
}

testWithin("law 39: a losing after clears its timer", async () => {
  const clock = new ManualClock();
  const chan = new Chan<number>();
  const selected = select({ v: receiveFrom(chan), late: after(1_000, { clock }) });
  await assertPending(selected);
  assertEquals(clock.pending, 1);
  await chan.send(1);
  assertEquals(clock.pending, 0);
  assertEquals((await selected).key, "v");
});

testWithin(
  "law 39: on the system clock as well, or the sanitizer would find the timer",
  async () => {
    const chan = new Chan<number>();
    const selected = select({ v: receiveFrom(chan), late: after(3_600_000) });
    await chan.send(1);
    assertEquals((await selected).key, "v");
  },
);

testWithin("law 40: settled yields the value and passes rejections on", async () => {
  const silent = new Chan<number>();
  const fulfilled = { page: settled(Promise.resolve("page")), silent: receiveFrom(silent) };
  assertEquals(await select(fulfilled), { key: "page", value: "page" });
  assertEquals(trySelect(fulfilled), { key: "page", value: "page" });

  const reason = new Error("no such page");
  const rejected = { page: settled(Promise.reject(reason)), silent: receiveFrom(silent) };
  assertStrictEquals(await assertRejects(() => select(rejected)), reason);
  assertStrictEquals(await assertRejects(() => select(rejected)), reason);
  assertStrictEquals(assertThrows(() => trySelect(rejected)), reason);
  assertNobodyWaits(silent);
});

testWithin("law 40: a losing settled leaves nothing behind on the promise", async () => {
  const forever = Promise.withResolvers<string>();
  let reactions = 0;
  const counted: PromiseLike<string> = {
    then(onFulfilled, onRejected) {
      reactions++;
      return forever.promise.then(onFulfilled, onRejected);
    },
  };
  const chan = new Chan<number>();
  for (const i of range(100)) {
    const selected = select({ page: settled(counted), v: receiveFrom(chan) });
    await chan.send(i);
    assertEquals((await selected).key, "v");
  }
  assertEquals(reactions, 1);
  // The losers must not take anything when the promise settles at last.
  forever.resolve("page");
  assertEquals(await select({ page: settled(counted), v: receiveFrom(chan) }), {
    key: "page",
    value: "page",
  });
  assertNobodyWaits(chan);
});

testWithin("several selects may wait for one promise", async () => {
  const page = Promise.withResolvers<string>();
  const selects = range(3).map(() => select({ page: settled(page.promise) }));
  page.resolve("page");
  for (const selected of selects) assertEquals((await selected).value, "page");
});

testWithin(
  "after is over when its time has passed since the call, not since the select",
  async () => {
    const clock = new ManualClock(50);
    const lines = new Chan<string>();
    const deadline = after(100, { clock });
    await clock.advance(60);
    const first = select({ line: receiveFrom(lines), deadline });
    await lines.send("one");
    assertEquals((await first).key, "line");
    const second = select({ line: receiveFrom(lines), deadline });
    await clock.advance(39);
    await assertPending(second);
    await clock.advance(1);
    assertEquals(await second, { key: "deadline" });
  },
);

testWithin("after happens at most once, as a timer's channel holds one value", async () => {
  const clock = new ManualClock();
  const deadline = after(10, { clock });
  const both = [select({ deadline }), select({ deadline })];
  const stuck = select({ deadline }, { signal: AbortSignal.timeout(50) });
  await clock.advance(10);
  assertEquals(await both[0], { key: "deadline" });
  await assertPending(both[1]!);
  await assertRejects(() => stuck, DOMException);
  assertEquals(trySelect({ deadline }), undefined);
  assertEquals(clock.pending, 0);
});

testWithin("after refuses what is no number and takes a past time as now", async () => {
  assertThrows(() => after(NaN), RangeError, "ms must be a number, got NaN");
  assertEquals(trySelect({ now: after(-5) }), { key: "now" });
  assertEquals(await select({ now: after(0) }), { key: "now" });
});

testWithin("after an infinite time nothing happens, and no timer waits for it", async () => {
  const clock = new ManualClock();
  const chan = new Chan<number>();
  const cases = { v: receiveFrom(chan), never: after(Infinity, { clock }) };
  assertEquals(trySelect(cases), undefined);
  const selected = select(cases);
  assertEquals(clock.pending, 0);
  await chan.send(1);
  assertEquals((await selected).key, "v");
});

testWithin("a select that cannot wait for one of its cases waits for none", async () => {
  class BrokenClock extends ManualClock {
    override schedule(): () => void {
      throw new Error("no timer to be had");
    }
  }
  const chan = new Chan<number>();
  const late = after(1_000, { clock: new BrokenClock() });
  const abort = new AbortController();
  const selected = select({ v: receiveFrom(chan), late }, { signal: abort.signal });
  await assertRejects(() => selected, Error, "no timer to be had");
  assertNobodyWaits(chan);
});

testWithin("a case that no function made is refused", async () => {
  const foreign: Case<unknown> = Object.create({ ready: () => true });
  const error = await assertRejects(() => select({ foreign }), TypeError);
  assertEquals(error.message.startsWith('Cannot select: case "foreign" must be made by'), true);
  assertThrows(() => trySelect({ foreign }), TypeError);
});

testWithin("a channel that is no Chan is refused by the functions that make cases", () => {
  const chan = new Chan<number>(1);
  const fake = {
    length: 0,
    capacity: 0,
    closed: false,
    cause: undefined,
    send: chan.send,
    trySend: chan.trySend,
    close: chan.close,
  };
  assertInstanceOf(assertThrows(() => sendTo(fake, 1)), TypeError);
});
