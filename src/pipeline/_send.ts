import type { SendChan } from "../chan/mod.ts";

/** Sends `value`; a promise only if that has to wait. */
export function send<T>(
  chan: SendChan<T>,
  value: T,
  signal: AbortSignal | undefined,
): Promise<void> | undefined {
  return chan.trySend(value) ? undefined : chan.send(value, { signal });
}
