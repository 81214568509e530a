import type { Clock } from "../clock/mod.ts";

/**
 * Whether calls go through: `closed` all of them, `open` none, `half-open` a few, to see whether
 * the other side has recovered.
 */
export type CircuitState = "closed" | "open" | "half-open";

/** A change of a {@linkcode CircuitBreaker}'s state. */
export interface CircuitStateChange {
  /** The state before. */
  readonly from: CircuitState;
  /** The state from now on. */
  readonly to: CircuitState;
  /** The clock's reading, in milliseconds. */
  readonly at: number;
}

/** What a {@linkcode CircuitBreaker} has seen in its window. */
export interface CircuitCounts {
  /** Calls that succeeded or failed. */
  readonly calls: number;
  /** Those of them that failed. */
  readonly failures: number;
}

/** What an error says about the other side. */
export type CircuitVerdict = "failure" | "success" | "ignore";

/** Options of {@linkcode CircuitBreaker}. */
export interface CircuitBreakerOptions {
  /** It opens only if this many calls in the window failed. Default 5. */
  failureThreshold?: number | undefined;
  /** It opens only if at least this part of the calls in the window failed, 0 to 1. Default 0. */
  failureRate?: number | undefined;
  /** It opens only if the window has at least this many calls. Default 0. */
  minimumCalls?: number | undefined;
  /** Decides in place of these three. It is asked after each failure. */
  opensWhen?: ((counts: CircuitCounts) => boolean) | undefined;
  /** The length of the window, in milliseconds, kept to a tenth of it. Default 60,000. */
  windowMs?: number | undefined;
  /** How long it stays open, in milliseconds. Default 30,000. */
  resetTimeoutMs?: number | undefined;
  /** What that grows by each time a probe fails, until it closes. Default 1: not at all. */
  resetGrowth?: number | undefined;
  /** It grows no further than this, in milliseconds. Default 300,000. */
  maxResetTimeoutMs?: number | undefined;
  /** How many calls at once may go through while it is half-open. Default 1. */
  probes?: number | undefined;
  /** How many of them must succeed for it to close. Default 1. */
  probeSuccesses?: number | undefined;
  /**
   * What an error that `call` sees says about the other side. By default an `AbortError` is
   * ignored, since the caller gave up, and every other error is a failure.
   */
  classify?: ((error: unknown) => CircuitVerdict) | undefined;
  /**
   * Is told of each change. What it throws is reported as an uncaught error: it can't get in the
   * way of the call that brought the change about.
   */
  onStateChange?: ((change: CircuitStateChange) => void) | undefined;
  /** Where time comes from. Default: the system's clock. */
  clock?: Clock | undefined;
}
