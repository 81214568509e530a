import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Chan, receiveFrom, select, sendTo, trySelect } from "../../mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { assertPending, range } from "./support.ts";

testWithin("law 24: the case of a null channel is never chosen", async () => {
  const chan = new Chan<number>(1000);
  for (const i of range(200)) {
    const got = await select({
      nilReceive: receiveFrom<number>(null),
      missing: receiveFrom<number>(undefined),
      nilSend: sendTo<number>(null, i),
      live: sendTo(chan, i),
    });
    assertEquals(got.key, "live");
  }
  assertEquals(trySelect({ a: receiveFrom(null), b: sendTo(null, 1) }), undefined);
});

testWithin("law 24: a waiting select with a null case is woken by the others", async () => {
  const chan = new Chan<number>();
  const got = select({ none: receiveFrom<string>(null), some: receiveFrom(chan) });
  await chan.send(1);
  assertEquals(await got, { key: "some", value: 1, ok: true });
});

testWithin("law 25: a loop that nulls its finished cases ends when all have ended", async () => {
  const inputs = new Map<string, Chan<number> | null>();
  for (const [index, name] of ["a", "b", "c"].entries()) {
    const chan = new Chan<number>(index);
    inputs.set(name, chan);
    (async () => {
      for (const i of range(10 * (index + 1))) await chan.send(i);
      chan.close();
    })();
  }
  const counts: Record<string, number> = {};
  while ([...inputs.values()].some((chan) => chan !== null)) {
    const cases = Object.fromEntries(
      [...inputs].map(([name, chan]) => [name, receiveFrom(chan)]),
    );
    const got = await select(cases);
    if (got.ok) counts[got.key] = (counts[got.key] ?? 0) + 1;
    else inputs.set(got.key, null);
  }
  assertEquals(counts, { a: 10, b: 20, c: 30 });
});

testWithin("law 26: select over nothing or nulls waits for its signal", async () => {
  for (const cases of [{}, { a: receiveFrom(null), b: sendTo(null, 1) }]) {
    await assertPending(select(cases));
    assertEquals(trySelect(cases), undefined);
    const abort = new AbortController();
    const stuck = select(cases, { signal: abort.signal });
    await assertPending(stuck);
    const reason = new Error("enough");
    abort.abort(reason);
    assertStrictEquals(await assertRejects(() => stuck), reason);
  }
});
