import { assertEquals } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import type { Task } from "../../src/download/_task.ts";
import { Transfers } from "../../src/download/_transfers.ts";
import { BandwidthLimiter } from "../../src/limiter/mod.ts";

function transfers(): Transfers {
  const clock = new ManualClock();
  return new Transfers({
    clock,
    timeoutMs: 1_000,
    maxTimeMs: Infinity,
    minBytesPerSecond: 0,
    bandwidth: new BandwidthLimiter({ bytesPerSecond: Infinity, clock }),
    onProgress: () => {},
  });
}

Deno.test("what was in place has not been received, also of a file that starts over", () => {
  const all = transfers();
  const [resumed, restarted, fresh] = [1, 2, 3].map(() => all.begin({} as Task));
  resumed!.continueFrom(100);
  restarted!.continueFrom(100);
  assertEquals(all.received, 0);
  resumed!.grow(130);
  restarted!.grow(50);
  fresh!.grow(7);
  assertEquals([all.received, resumed!.bytes], [30 + 50 + 7, 130]);
  for (const transfer of [resumed!, restarted!, fresh!]) all.end(transfer);
  assertEquals(all.received, 87);
});
