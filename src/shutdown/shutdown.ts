import { type Clock, systemClock } from "../clock/mod.ts";
import { processSignals, type SignalSource } from "./signals.ts";

/** How a {@linkcode Shutdown} behaves. */
export interface ShutdownOptions {
  /** How long work may go on after the first request, in milliseconds. Default: 10,000. */
  readonly gracePeriodMs?: number | undefined;
  /** The signals that ask for an end. Default: SIGINT and SIGTERM, on Windows SIGINT and SIGBREAK. */
  readonly signals?: readonly Deno.Signal[] | undefined;
  /** Where signals come from. Default: the process. */
  readonly source?: SignalSource | undefined;
  /** Measures the grace period. */
  readonly clock?: Clock | undefined;
}

/**
 * How far a shutdown has come: `running`, `draining` (nothing new begins), `cancelled` (everything
 * ends).
 */
export type ShutdownPhase = "running" | "draining" | "cancelled";

/**
 * Ends a program in two phases, as people expect of Ctrl+C: the first signal lets work in flight
 * complete and begins nothing new, the second one or the end of the grace period cancels the rest.
 *
 * What should begin nothing new watches {@linkcode Shutdown.drain}; what can be broken off watches
 * {@linkcode Shutdown.cancel}. Each of the two aborts at most once, `drain` always first. An abort
 * signal with thousands of listeners is slow to fire, so share one listener among many jobs, as a
 * worker pool does.
 *
 * While it lives, the signals don't end the process by themselves; dispose it to give them back.
 *
 * @example Work that ends well
 * ```ts
 * import { Shutdown } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * using shutdown = new Shutdown({ gracePeriodMs: 5_000 });
 * let rounds = 0;
 * while (!shutdown.drain.aborted) {
 *   if (++rounds === 3) shutdown.request("three rounds are enough");
 * }
 * assertEquals([rounds, shutdown.phase, shutdown.signal], [3, "draining", undefined]);
 * ```
 */
export class Shutdown implements Disposable {
  readonly #drain = new AbortController();
  readonly #cancel = new AbortController();
  readonly #gracePeriodMs: number;
  readonly #clock: Clock;
  readonly #source: SignalSource;
  readonly #listeners: readonly (readonly [signal: Deno.Signal, listener: () => void])[];
  #stopTimer: (() => void) | undefined;
  #signal: Deno.Signal | undefined;

  /**
   * Listens from now on.
   *
   * @throws {RangeError} if the grace period is not 0 or more.
   */
  constructor(options: ShutdownOptions = {}) {
    const { gracePeriodMs = 10_000, source = processSignals } = options;
    if (!(gracePeriodMs >= 0)) {
      throw new RangeError(
        `Cannot make a Shutdown: gracePeriodMs must be 0 or more, got ${gracePeriodMs}`,
      );
    }
    this.#gracePeriodMs = gracePeriodMs;
    this.#clock = options.clock ?? systemClock;
    this.#source = source;
    this.#listeners = (options.signals ?? source.usual).map((signal) =>
      [signal, () => this.#onSignal(signal)] as const
    );
    for (const [signal, listener] of this.#listeners) source.add(signal, listener);
  }

  /** Aborts when nothing new should begin; its reason is an `Error` that says why. */
  get drain(): AbortSignal {
    return this.#drain.signal;
  }

  /** Aborts when everything should end; its reason is an `Error` that says why. */
  get cancel(): AbortSignal {
    return this.#cancel.signal;
  }

  /** How far it has come. */
  get phase(): ShutdownPhase {
    if (this.cancel.aborted) return "cancelled";
    return this.drain.aborted ? "draining" : "running";
  }

  /** The signal that came first, if any; it decides on the exit code (128 + its number). */
  get signal(): Deno.Signal | undefined {
    return this.#signal;
  }

  /** Asks for the next phase, as a signal does. After `cancelled` it does nothing. */
  request(reason: string): void {
    if (this.phase === "running") this.#begin(reason);
    else this.#end(reason);
  }

  /** Stops listening and clears the timer. The phase stays as it is. */
  [Symbol.dispose](): void {
    this.#stopTimer?.();
    for (const [signal, listener] of this.#listeners) this.#source.remove(signal, listener);
  }

  #onSignal(signal: Deno.Signal): void {
    this.#signal ??= signal;
    this.request(this.phase === "running" ? `${signal} received` : `second signal (${signal})`);
  }

  #begin(reason: string): void {
    if (this.#gracePeriodMs !== Infinity) {
      this.#stopTimer = this.#clock.schedule(
        this.#gracePeriodMs,
        () => this.#end(`Shutdown timeout (${this.#gracePeriodMs / 1000}s) reached`),
      );
    }
    this.#drain.abort(new Error(reason));
  }

  #end(reason: string): void {
    this.#stopTimer?.();
    if (!this.cancel.aborted) this.#cancel.abort(new Error(reason));
  }
}
