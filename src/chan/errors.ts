/**
 * Says that a channel is closed: a send to it cannot happen, now or ever.
 *
 * Its `cause` is what {@linkcode Chan.close} was given, if anything.
 *
 * @example A producer that stops when nobody wants its values any more
 * ```ts
 * import { Chan, ChanClosedError } from "@dlm/dlm";
 * import { assertRejects } from "@std/assert";
 *
 * const numbers = new Chan<number>(1);
 * numbers.close();
 * await assertRejects(() => numbers.send(1), ChanClosedError, "closed");
 * ```
 */
export class ChanClosedError extends Error {
  /** The class's own name. */
  override readonly name: string = "ChanClosedError";
}

/**
 * What a sender gets that was still waiting when its channel closed. The value it offered was not
 * delivered and never will be; it comes back here, so nothing is lost.
 *
 * @example Taking the value back
 * ```ts
 * import { Chan, UndeliveredError } from "@dlm/dlm";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const jobs = new Chan<string>();
 * const sent = jobs.send("report.pdf");
 * jobs.close();
 * const error = await assertRejects(() => sent, UndeliveredError<string>);
 * assertEquals(error.value, "report.pdf");
 * ```
 */
export class UndeliveredError<T = unknown> extends ChanClosedError {
  /** The class's own name. */
  override readonly name: string = "UndeliveredError";
  /** The value that the sender offered. */
  readonly value: T;

  /** Carries `value` back to its sender. */
  constructor(message: string, value: T, options?: ErrorOptions) {
    super(message, options);
    this.value = value;
  }
}
