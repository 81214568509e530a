/** How a waiting operation can be given up. */
export interface WaitOptions {
  /**
   * Ends the wait when it aborts: the operation rejects with the signal's reason and has taken or
   * given nothing. An operation that has already happened is not undone.
   *
   * @example Waiting for a job, but not for ever
   * ```ts
   * import { Chan } from "@dlm/dlm";
   * import { assertRejects } from "@std/assert";
   *
   * const jobs = new Chan<string>();
   * const signal = AbortSignal.timeout(5);
   * await assertRejects(() => jobs.receive({ signal }), DOMException);
   * ```
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a channel does with a value that is sent while its buffer is full and nobody receives:
 * - `"wait"`: the sender waits, so a slow receiver slows its senders down;
 * - `"dropOldest"`: the oldest value in the buffer makes room, for readers who want the latest;
 * - `"dropNewest"`: the value that was being sent is dropped, for the first to come first.
 *
 * With either of the last two a sender never waits. Without a buffer they drop whatever no receiver
 * is waiting for.
 *
 * @example The latest progress and nothing older
 * ```ts
 * import { Chan } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const progress = new Chan<number>(1, { overflow: "dropOldest" });
 * for (const percent of [10, 20, 30]) await progress.send(percent);
 * assertEquals(await progress.receive(), [30, true]);
 * ```
 */
export type Overflow = "wait" | "dropOldest" | "dropNewest";

/**
 * How a channel behaves, beyond its capacity.
 *
 * @example Counting what is dropped
 * ```ts
 * import { Chan } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * let dropped = 0;
 * const events = new Chan<string>(2, {
 *   name: "events",
 *   overflow: "dropNewest",
 *   onDrop: () => dropped++,
 * });
 * for (const event of ["start", "step", "step", "end"]) await events.send(event);
 * assertEquals(dropped, 2);
 * ```
 */
export interface ChanOptions<T> {
  /** What error messages and reports call the channel. */
  readonly name?: string | undefined;
  /** What happens when the buffer is full; `"wait"` unless given. */
  readonly overflow?: Overflow | undefined;
  /**
   * Gets every value that `overflow` drops, once, before the send returns. What it throws reaches
   * the sender.
   */
  readonly onDrop?: ((value: T) => void) | undefined;
}
