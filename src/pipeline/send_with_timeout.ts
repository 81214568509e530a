import { after, select, type SendChan, sendTo, type WaitOptions } from "../chan/mod.ts";
import type { Clock } from "../clock/mod.ts";

/** How {@linkcode sendWithTimeout} waits. */
export interface SendWithTimeoutOptions extends WaitOptions {
  /** What the time is measured by; the system clock when nothing is said. */
  readonly clock?: Clock | undefined;
}

/**
 * Sends `value`, waiting `timeoutMs` milliseconds for a receiver or room, and says whether it was
 * sent. It is the way between `send`, which waits as long as it takes, and `trySend`, which does
 * not wait; a producer that may drop values chooses how much patience it has.
 *
 * @throws {ChanClosedError} if the channel is closed, or closes during the wait.
 * @throws the signal's reason when it aborts during the wait.
 *
 * @example
 * ```ts
 * import { Chan, sendWithTimeout } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const jobs = new Chan<string>(1);
 * assertEquals(await sendWithTimeout(jobs, "first", 10), true);
 * assertEquals(await sendWithTimeout(jobs, "second", 10), false);
 * ```
 */
export async function sendWithTimeout<T>(
  chan: SendChan<T>,
  value: T,
  timeoutMs: number,
  options: SendWithTimeoutOptions = {},
): Promise<boolean> {
  const { clock, signal } = options;
  const cases = { sent: sendTo(chan, value), late: after(timeoutMs, { clock }) };
  const { key } = await select(cases, { signal, biased: true });
  return key === "sent";
}
