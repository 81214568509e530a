import { assertEquals } from "@std/assert";
import { Chan, receiveFrom, select, sendTo, trySelect } from "../../../mod.ts";
import { testWithin } from "../../support/watchdog.ts";
import { assertPending } from "../support.ts";

// After Go's test/chan/nonblock.go: what never waits, with and without a partner and a buffer.

for (
  const [kind, value] of Object.entries({
    number: 1,
    string: "a",
    boolean: true,
    nothing: undefined,
  })
) {
  testWithin(`Go's non-blocking operations with a ${kind}`, async () => {
    for (const capacity of [0, 1]) {
      const chan = new Chan<typeof value>(capacity);
      assertEquals(chan.tryReceive(), undefined);
      assertEquals(trySelect({ v: receiveFrom(chan) }), undefined);
      if (capacity === 0) assertEquals(trySelect({ sent: sendTo(chan, value) }), undefined);

      const received = chan.receive();
      await assertPending(received);
      assertEquals(trySelect({ sent: sendTo(chan, value) }), { key: "sent" });
      assertEquals(await received, [value, true]);

      if (capacity === 1) {
        assertEquals(chan.trySend(value), true);
        assertEquals(chan.trySend(value), false);
        assertEquals(chan.tryReceive(), [value, true]);
      }

      const sent = select({ sent: sendTo(chan, value) });
      if (capacity === 0) await assertPending(sent);
      assertEquals(chan.tryReceive(), [value, true]);
      assertEquals(chan.tryReceive(), undefined);
      await sent;
    }
  });
}

testWithin(
  "Go's non-blocking race: the value goes to the one that looks or to the one that waits",
  async () => {
    for (let i = 0; i < 1_000; i++) {
      const chan = new Chan<number>(1);
      await chan.send(1);
      const looking = Promise.resolve().then(() => chan.tryReceive());
      chan.close();
      const [value] = await chan.receive();
      assertEquals((await looking)?.[0] === 1, value === undefined);
    }
  },
);
