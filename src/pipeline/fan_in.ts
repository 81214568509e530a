import { Chan, type ReceiveChan } from "../chan/mod.ts";
import { consume } from "../pool/mod.ts";
import type { ChanStageOptions } from "./generate.ts";
import { send } from "./_send.ts";
import { TaskGroup } from "./task_group.ts";

/** How {@linkcode fanIn} merges. */
export interface FanInOptions extends ChanStageOptions {
  /**
   * Takes one value from each channel in turn, waiting for the one whose turn it is; a channel that
   * has ended is left out. Otherwise values are taken as they come.
   */
  readonly ordered?: boolean | undefined;
}

/**
 * Merges several channels into one, which closes when all of them have ended.
 *
 * If one of them fails, that is, is closed with a cause, the merged channel closes with the same
 * cause, and nothing more is received from the others. Whoever stops reading early must abort the
 * signal, or values wait for ever.
 *
 * @example
 * ```ts
 * import { fanIn, generate } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const merged = fanIn([generate("ad"), generate("be"), generate("c")], { ordered: true });
 * assertEquals(await Array.fromAsync(merged), ["a", "b", "c", "d", "e"]);
 * ```
 */
export function fanIn<T>(
  channels: Iterable<ReceiveChan<T>>,
  options: FanInOptions = {},
): ReceiveChan<T> {
  const { ordered = false, buffer = 0, signal } = options;
  const out = new Chan<T>(buffer, { name: "fanIn" });
  const group = new TaskGroup({ signal });
  if (ordered) {
    group.go((signal) => takeInTurn([...channels], out, signal));
  } else {
    for (const channel of channels) {
      group.go((signal) => consume(channel, (value) => send(out, value, signal), { signal }));
    }
  }
  group.wait().then(() => out.close(), (error) => out.close(error));
  return out;
}

async function takeInTurn<T>(
  channels: readonly ReceiveChan<T>[],
  out: Chan<T>,
  signal: AbortSignal,
): Promise<void> {
  let open = channels;
  while (open.length > 0) {
    const ended = new Set<ReceiveChan<T>>();
    for (const channel of open) {
      const [value, ok] = await channel.receive({ signal });
      if (ok) await send(out, value, signal);
      else ended.add(channel);
    }
    open = open.filter((channel) => !ended.has(channel));
  }
}
