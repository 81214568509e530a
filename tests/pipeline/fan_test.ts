import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Chan, consume, fanIn, fanOut, generate, type ReceiveChan } from "../../mod.ts";
import { assertNobodyWaits, range, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";
import { Gate } from "../pool/support.ts";

const square = (n: number) => n * n;
const sorted = (values: number[]) => values.sort((a, b) => a - b);

testWithin("generate: the values of any source, then the end", async () => {
  const later = async function* () {
    for (const n of range(5)) yield await Promise.resolve(n);
  };
  for (const source of [range(5), later(), generate(range(5))]) {
    const chan = generate(source, { buffer: 2 });
    assertEquals(chan.capacity, 2);
    assertEquals(await Array.fromAsync(chan), range(5));
    assertNobodyWaits(chan);
  }
});

testWithin("generate: it reads ahead no further than its buffer", async () => {
  let read = 0;
  const endless = function* () {
    for (;;) yield read++;
  };
  const controller = new AbortController();
  const chan = generate(endless(), { buffer: 3, signal: controller.signal });
  await turn();
  assertEquals(read, 4);
  await chan.receive();
  await turn();
  assertEquals(read, 5);
  controller.abort(new Error("enough"));
  await turn();
  assertNobodyWaits(chan);
});

testWithin("generate: an error in the source comes after its values", async () => {
  const cause = new Error("broken");
  const broken = function* () {
    yield* range(3);
    throw cause;
  };
  const seen: number[] = [];
  const error = await assertRejects(() => consume(generate(broken()), (n) => void seen.push(n)));
  assertStrictEquals(error, cause);
  assertEquals(seen, range(3));
});

testWithin("fan-out: each value is worked on once, by whoever is free", async () => {
  const gate = new Gate<number>();
  const input = generate(range(6));
  const outs = fanOut(input, 3, (n) => gate.work(n, unused), { buffer: 10 });
  assertEquals(outs.length, 3);
  await turn();
  assertEquals(sorted([...gate.begun]), range(3));
  gate.finish(1, 1);
  await turn();
  gate.finish(3, 3);
  await turn();
  assertEquals(sorted([...gate.begun]), range(5));
  for (const n of [0, 2, 4, 5]) gate.finish(n, n);
  const values = await Promise.all(outs.map((out) => Array.fromAsync(out)));
  assertEquals(sorted(values.flat()), range(6));
  assert(values.some((own) => own.includes(1) && own.includes(3)));
  assertNobodyWaits(input, ...outs);
});

testWithin("fan-out and fan-in: what goes in comes out, in order if asked for", async () => {
  for (const workers of [1, 2, 3, 7]) {
    for (const buffer of [0, 2]) {
      for (const ordered of [false, true]) {
        const input = generate(range(25), { buffer });
        const outs = fanOut(input, workers, async (n) => {
          for (const _ of range(n % 4)) await Promise.resolve();
          return square(n);
        }, { ordered, buffer });
        const merged = fanIn(outs, { ordered, buffer });
        const values = await Array.fromAsync(merged);
        assertEquals(ordered ? values : sorted(values), range(25).map(square));
        assertNobodyWaits(input, merged, ...outs);
      }
    }
  }
});

testWithin("fan-in: channels of different lengths, none, and empty ones", async () => {
  const lengths = [0, 4, 1, 3];
  for (const ordered of [false, true]) {
    const channels = lengths.map((length, i) => generate(range(length).map((n) => n * 10 + i)));
    const values = await Array.fromAsync(fanIn(channels, { ordered }));
    const expected = [1, 2, 3, 11, 13, 21, 23, 31];
    assertEquals(ordered ? values : sorted(values), expected);
    const none: ReceiveChan<number>[] = [];
    assertEquals(await Array.fromAsync(fanIn(none, { ordered })), []);
  }
});

testWithin("fan-in: one channel that is slow does not hold up the others", async () => {
  const slow = new Chan<string>();
  const merged = fanIn([slow, generate(["a", "b", "c"])]);
  const seen = [];
  for (const _ of range(3)) seen.push((await merged.receive())[0]);
  assertEquals(seen, ["a", "b", "c"]);
  slow.close();
  assertEquals(await merged.receive(), [undefined, false]);
  assertNobodyWaits(slow, merged);
});

testWithin(
  "fan-in: a channel that fails ends it with its cause, and the others are let go",
  async () => {
    for (const ordered of [false, true]) {
      const cause = new Error("failed");
      const silent = new Chan<number>();
      const failing = new Chan<number>();
      const merged = fanIn([failing, silent], { ordered });
      await turn();
      failing.close(cause);
      assertStrictEquals(await assertRejects(() => merged.receive()), cause);
      assertNobodyWaits(failing, silent, merged);
    }
  },
);

testWithin(
  "fan-out: work that fails closes its channel with the error; the others go on",
  async () => {
    const outs = fanOut(generate(range(9)), 3, (n) => {
      if (n === 4) throw new Error("not four");
      return n;
    }, { buffer: 10 });
    const ends = await Promise.allSettled(outs.map((out) => Array.fromAsync(out)));
    const values = ends.flatMap((end) => end.status === "fulfilled" ? end.value : []);
    assertEquals(ends.filter(({ status }) => status === "rejected").length, 1);
    assert(values.includes(8));
    assert(!values.includes(4));
  },
);

testWithin("fan-out and fan-in: an abort leaves no waiter anywhere", async () => {
  for (const ordered of [false, true]) {
    const controller = new AbortController();
    const { signal } = controller;
    const input = new Chan<number>();
    const outs = fanOut(input, 3, square, { ordered, signal });
    const merged = fanIn(outs, { ordered, signal });
    for (const n of range(4)) await input.send(n);
    await turn();
    const reason = new Error("stop");
    controller.abort(reason);
    await turn();
    assertNobodyWaits(input, merged, ...outs);
    assertStrictEquals(await assertRejects(() => merged.receive()), reason);
  }
});

Deno.test("fan-out: the number of workers is checked", () => {
  for (const workers of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => fanOut(new Chan<number>(), workers, square),
      RangeError,
      `workers must be a positive integer, got ${workers}`,
    );
  }
});

const unused = { signal: new AbortController().signal, workerId: 0 };
