import type { ShutdownEvent } from "./shutdown.ts";

/**
 * The reason with which {@linkcode Shutdown}'s signals abort, and so what a cancelled call rejects
 * with.
 *
 * It is a `DOMException` named `AbortError`: code that tells cancelled calls from failed ones needs
 * to know nothing of shutdowns.
 *
 * @example
 * ```ts
 * import { Shutdown, ShutdownError } from "@dlm/dlm";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * using shutdown = new Shutdown({ signals: [] });
 * shutdown.request("Enough for today");
 * const { reason } = shutdown.drain;
 * assertInstanceOf(reason, ShutdownError);
 * assertEquals([reason.name, reason.message], ["AbortError", "Enough for today"]);
 * assertEquals(reason.event.cause, "request");
 * ```
 */
export class ShutdownError extends DOMException {
  /** The change of phase that it comes from. */
  readonly event: ShutdownEvent;

  /** Makes the reason for that change. */
  constructor(event: ShutdownEvent) {
    super(event.reason, "AbortError");
    this.event = event;
  }
}
