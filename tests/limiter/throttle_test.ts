import { assert, assertEquals, assertRejects } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import { BandwidthLimiter } from "../../src/limiter/mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { countedSignal, settle } from "./support.ts";

/** A source of `chunks` chunks that counts how many were pulled out of it. */
function source(chunks: number, bytes: number) {
  const state = { pulled: 0, cancelled: undefined as unknown };
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (state.pulled === chunks) return controller.close();
      controller.enqueue(new Uint8Array(bytes).fill(++state.pulled));
    },
    cancel: (reason) => state.cancelled = reason,
  }, { highWaterMark: 0 });
  return { state, stream };
}

/** Reads on in the background and notes each chunk. */
function collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const chunks: Uint8Array[] = [];
  const ended = (async () => {
    for await (const chunk of stream) chunks.push(chunk);
  })();
  return { chunks, ended };
}

function total(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

testWithin("throttle passes all bytes in order at the limit", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 10_000, clock });
  const { stream } = source(4, 5_000);
  const { chunks, ended } = collect(stream.pipeThrough(bandwidth.join().throttle()));
  const seen: number[] = [];
  for (let i = 0; i < 5; i++) {
    await clock.advance(400);
    seen.push(total(chunks));
  }
  await clock.advance(10);
  await ended;
  assertEquals(seen, [4_000, 8_000, 12_000, 16_000, 20_000]);
  const bytes = chunks.flatMap((chunk) => [...chunk]);
  assertEquals(bytes, [1, 2, 3, 4].flatMap((n) => Array(5_000).fill(n)));
});

testWithin("throttle cuts chunks to 50 ms of the user's part, or not at all", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 20_000, clock });
  const { stream } = source(1, 3_000);
  const one = collect(stream.pipeThrough(bandwidth.join().throttle()));
  await clock.advance(3_000);
  await one.ended;
  assertEquals(one.chunks.map((chunk) => chunk.length), [1_000, 1_000, 1_000]);

  bandwidth.setRate(Infinity);
  const whole = collect(source(1, 3_000).stream.pipeThrough(bandwidth.join().throttle()));
  await whole.ended;
  assertEquals(whole.chunks.map((chunk) => chunk.length), [3_000]);
});

testWithin("throttle holds its source back", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000, clock });
  const { state, stream } = source(100, 1_000);
  const { ended } = collect(stream.pipeThrough(bandwidth.join().throttle()));
  await clock.advance(2_500);
  // Two are through, the third is on its way, the fourth waits before it.
  assert(state.pulled <= 4, `${state.pulled}`);
  bandwidth.setRate(Infinity);
  await clock.advance(0);
  await ended;
});

testWithin("throttle lets go of its wait when its reader cancels", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000, clock });
  const { controller, listeners } = countedSignal();
  const { state, stream } = source(100, 1_000);
  const throttled = stream.pipeThrough(
    bandwidth.join().throttle({ signal: controller.signal }),
  );
  const reader = throttled.getReader();
  const read = reader.read();
  await clock.advance(10);
  assertEquals(clock.pending, 1);
  assertEquals(listeners(), 1);
  await reader.cancel("enough");
  await read;
  await settle();
  assertEquals(clock.pending, 0);
  assertEquals(listeners(), 0);
  assertEquals(state.cancelled, "enough");
});

for (const when of ["before", "while"] as const) {
  testWithin(`throttle ends when its signal aborts ${when} it waits`, async () => {
    const clock = new ManualClock();
    const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000, clock });
    const { controller, listeners } = countedSignal();
    const { state, stream } = source(100, 1_000);
    const reason = new Error("stop");
    if (when === "before") controller.abort(reason);
    const share = bandwidth.join();
    const { ended } = collect(stream.pipeThrough(share.throttle({ signal: controller.signal })));
    const failed = assertRejects(() => ended);
    await clock.advance(10);
    controller.abort(reason);
    assertEquals(await failed, reason);
    await settle();
    assertEquals(state.cancelled, reason);
    assertEquals(clock.pending, 0);
    assert(listeners() <= 1);
  });
}

testWithin("throttle fails when its share is disposed of", async () => {
  const clock = new ManualClock();
  const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000, clock });
  const { controller, listeners } = countedSignal();
  const share = bandwidth.join();
  const throttled = share.throttle({ signal: controller.signal });
  const { ended } = collect(source(100, 1_000).stream.pipeThrough(throttled));
  const failed = assertRejects(() => ended, TypeError, "the share was disposed of");
  await clock.advance(10);
  share[Symbol.dispose]();
  await failed;
  assertEquals(listeners(), 0);
  assertEquals(clock.pending, 0);
});
