import { type Clock, systemClock } from "../clock/mod.ts";
import { ShutdownError } from "./shutdown_error.ts";
import {
  type ShutdownSignal,
  SIGNAL_EXIT_CODES,
  type SignalSource,
  systemSignals,
  usualSignals,
} from "./signal_source.ts";

/**
 * How far a shutdown is: `running`, not begun; `draining`, no new work but what is under way may
 * finish; `cancelled`, that is to stop too.
 */
export type ShutdownPhase = "running" | "draining" | "cancelled";

/** A step of a {@linkcode Shutdown}. */
export interface ShutdownEvent {
  /** The phase that begins. */
  readonly phase: "draining" | "cancelled";
  /** What brought it about: a signal, the program's request, or the end of the grace period. */
  readonly cause: "signal" | "request" | "timeout";
  /** The signal, if it was one. */
  readonly signal?: ShutdownSignal;
  /** The same for people: "SIGINT received", "Shutdown timeout (10s) reached". */
  readonly reason: string;
}

/** Options of {@linkcode Shutdown}. */
export interface GracefulShutdownOptions {
  /**
   * How long work under way may take to finish, in milliseconds: 0 cancels it at once, `Infinity`
   * waits for it. Default 10,000.
   */
  gracePeriodMs?: number | undefined;
  /** The signals to listen to. Default: SIGINT and SIGTERM; on Windows SIGINT and SIGBREAK. */
  signals?: readonly ShutdownSignal[] | undefined;
  /** Where they come from. Default: the operating system. */
  source?: SignalSource | undefined;
  /** Where time comes from. Default: the system's clock. */
  clock?: Clock | undefined;
}

/**
 * Turns SIGINT and SIGTERM into an orderly end in two phases.
 *
 * 1. The first signal begins to **drain**: `drain` aborts. Stop taking new work, and let what is
 *    under way finish.
 * 2. A second signal, or the end of the grace period, **cancels**: `cancel` aborts. Stop everything.
 *
 * From then on it listens no more, so a third signal ends the process as if nothing had been there.
 * It never exits by itself: a program ends when its work has, with {@linkcode exitCode}.
 *
 * Hand the two signals to a pool or a pipeline, not to each of its jobs. A listener per job costs
 * the platform a search through all of them each time one comes or goes: hundreds of milliseconds
 * for 8,000.
 *
 * @example A worker that finishes its job and takes no other
 * ```ts
 * import { Shutdown } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * using shutdown = new Shutdown({ gracePeriodMs: 5_000 });
 * const done: number[] = [];
 * for (let job = 1; !shutdown.drain.aborted; job++) {
 *   if (job === 3) shutdown.request(); // or Ctrl+C
 *   await Promise.resolve(); // the job, which would get shutdown.cancel
 *   done.push(job);
 * }
 * assertEquals(done, [1, 2, 3]);
 * assertEquals(shutdown.phase, "draining");
 * ```
 */
export class Shutdown implements Disposable {
  readonly #gracePeriodMs: number;
  readonly #source: SignalSource;
  readonly #clock: Clock;
  readonly #drain = new AbortController();
  readonly #cancel = new AbortController();
  readonly #draining = Promise.withResolvers<ShutdownEvent>();
  readonly #cancelled = Promise.withResolvers<ShutdownEvent>();
  readonly #observers = new Set<(event: ShutdownEvent) => void>();
  readonly #listeners: [ShutdownSignal, () => void][] = [];
  #phase: ShutdownPhase = "running";
  #signal: ShutdownSignal | undefined;
  #stopTimer: (() => void) | undefined;
  #disposed = false;

  /**
   * Starts to listen. In place of ending the process the signals now begin the shutdown.
   *
   * @throws {RangeError} if `gracePeriodMs` is negative or NaN.
   * @throws {TypeError} if the system doesn't know one of the signals.
   */
  constructor(options: GracefulShutdownOptions = {}) {
    const { gracePeriodMs = 10_000, signals = usualSignals(Deno.build.os) } = options;
    if (!(gracePeriodMs >= 0)) {
      throw new RangeError(
        `Cannot make a Shutdown: gracePeriodMs must be 0 or more, got ${gracePeriodMs}`,
      );
    }
    this.#gracePeriodMs = gracePeriodMs;
    this.#source = options.source ?? systemSignals;
    this.#clock = options.clock ?? systemClock;
    this.#listen(signals);
  }

  /** How far the shutdown is. */
  get phase(): ShutdownPhase {
    return this.#phase;
  }

  /** Aborts, with a {@linkcode ShutdownError}, when no new work is to be taken. */
  get drain(): AbortSignal {
    return this.#drain.signal;
  }

  /** Aborts, with a {@linkcode ShutdownError}, when work under way is to stop too. */
  get cancel(): AbortSignal {
    return this.#cancel.signal;
  }

  /** Resolves when draining begins; never if it doesn't. */
  get draining(): Promise<ShutdownEvent> {
    return this.#draining.promise;
  }

  /** Resolves when work under way is cancelled; never if it isn't. */
  get cancelled(): Promise<ShutdownEvent> {
    return this.#cancelled.promise;
  }

  /** The first signal that arrived, if one did. */
  get signal(): ShutdownSignal | undefined {
    return this.#signal;
  }

  /** The exit code that {@linkcode signal} calls for: 130 for SIGINT, 143 for SIGTERM. */
  get exitCode(): number | undefined {
    return this.#signal && SIGNAL_EXIT_CODES[this.#signal];
  }

  /**
   * Takes the next step as a signal would: drains, or cancels if it drains already. For a program's
   * own ways to end, such as a key; `reason` says for people which.
   */
  request(reason = "Shutdown requested"): void {
    this.#step({ cause: "request", reason });
  }

  /**
   * Calls `observer` at each step, before that step's signal aborts: what it prints comes before
   * what the abort brings about. What it throws is reported as an uncaught error. Returns a function
   * that takes the observer away.
   */
  onPhase(observer: (event: ShutdownEvent) => void): () => void {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }

  /** Stops listening, and forgets the grace period: signals end the process again. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#stopListening();
    this.#stopTimer?.();
  }

  #listen(signals: readonly ShutdownSignal[]): void {
    try {
      for (const signal of new Set(signals)) {
        const listener = () => {
          this.#signal ??= signal;
          const reason = `${this.#phase === "running" ? "" : "Second signal: "}${signal} received`;
          this.#step({ cause: "signal", signal, reason });
        };
        this.#source.add(signal, listener);
        this.#listeners.push([signal, listener]);
      }
    } catch (error) {
      this.#stopListening();
      throw error;
    }
  }

  #stopListening(): void {
    for (const [signal, listener] of this.#listeners.splice(0)) {
      this.#source.remove(signal, listener);
    }
  }

  #step(how: Omit<ShutdownEvent, "phase">): void {
    if (this.#disposed) return;
    if (this.#phase === "running") this.#beginDraining({ phase: "draining", ...how });
    else if (this.#phase === "draining") this.#cancelAll({ phase: "cancelled", ...how });
  }

  #beginDraining(event: ShutdownEvent): void {
    this.#phase = "draining";
    const reason = `Shutdown timeout (${this.#gracePeriodMs / 1_000}s) reached`;
    const timeOut = () => this.#step({ cause: "timeout", reason });
    if (this.#gracePeriodMs > 0 && this.#gracePeriodMs < Infinity) {
      this.#stopTimer = this.#clock.schedule(this.#gracePeriodMs, timeOut);
    }
    this.#tell(event);
    this.#drain.abort(new ShutdownError(event));
    this.#draining.resolve(event);
    if (this.#gracePeriodMs === 0) timeOut();
  }

  #cancelAll(event: ShutdownEvent): void {
    this.#phase = "cancelled";
    this.#stopTimer?.();
    this.#stopListening();
    this.#tell(event);
    this.#cancel.abort(new ShutdownError(event));
    this.#cancelled.resolve(event);
  }

  #tell(event: ShutdownEvent): void {
    for (const observer of [...this.#observers]) {
      try {
        observer(event);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
