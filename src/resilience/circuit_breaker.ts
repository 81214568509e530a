import { circuitSettings } from "./_circuit_settings.ts";
import { RollingCounts } from "./_rolling_counts.ts";
import { CircuitOpenError } from "./circuit_open_error.ts";
import type {
  CircuitBreakerOptions,
  CircuitCounts,
  CircuitState,
  CircuitVerdict,
} from "./circuit_options.ts";

/**
 * Leave for one call; say how it went, once. What is said later, or after the circuit has changed
 * its state, is passed over: it tells of a time that is gone. Disposing of it unsaid is `ignore`.
 */
export interface CircuitPermit extends Disposable {
  /** The call succeeded. */
  success(): void;
  /** The call failed. */
  failure(): void;
  /** The call says nothing about the other side: it was cancelled, or never made. */
  ignore(): void;
}

/**
 * Stops calling what keeps failing, and tries again after a while.
 *
 * - **Closed**: calls go through and are counted. It opens when enough of those in the window
 *   failed.
 * - **Open**: calls are refused at once, for `resetTimeoutMs`.
 * - **Half-open**: at most `probes` calls at once go through. It closes, with nothing counted, when
 *   `probeSuccesses` of them succeeded, and opens again, for longer if `resetGrowth` says so, when
 *   one fails. A probe that hasn't reported within the reset timeout gives up its place.
 *
 * It sets no timer: it turns half-open when someone looks at it after its time.
 *
 * The pattern is from Michael Nygard's "Release It!" (2007). As in Sony's `gobreaker`, results from
 * before a change of state don't count, and {@linkcode tryAcquire} is the form for schedulers,
 * which start a call in one place and end it in another.
 *
 * @example
 * ```ts
 * import { CircuitBreaker, ManualClock } from "@dlm/dlm";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const clock = new ManualClock();
 * const changes: string[] = [];
 * const breaker = new CircuitBreaker({
 *   failureThreshold: 2,
 *   resetTimeoutMs: 1_000,
 *   onStateChange: ({ to, at }) => changes.push(`${to} at ${at}`),
 *   clock,
 * });
 *
 * for (let i = 0; i < 2; i++) {
 *   await assertRejects(() => breaker.call(() => Promise.reject(new Error("down"))));
 * }
 * await clock.advance(1_000);
 * await breaker.call(() => "up");
 * assertEquals(changes, ["open at 0", "half-open at 1000", "closed at 1000"]);
 * ```
 */
export class CircuitBreaker {
  readonly #settings: ReturnType<typeof circuitSettings>;
  readonly #counts: RollingCounts;
  #state: CircuitState = "closed";
  /** Counts the changes of state, to tell results from before the last one. */
  #generation = 0;
  #resetTimeoutMs: number;
  #openUntil = -Infinity;
  /** When each probe that is under way was let through, the oldest first. */
  readonly #probes = new Map<CircuitPermit, number>();
  #probeSuccesses = 0;

  /**
   * Makes a closed circuit.
   *
   * @throws {RangeError} if an option is out of its range.
   */
  constructor(options: CircuitBreakerOptions = {}) {
    this.#settings = circuitSettings(options);
    this.#counts = new RollingCounts(this.#settings.windowMs);
    this.#resetTimeoutMs = this.#settings.resetTimeoutMs;
  }

  /** The state now. */
  get state(): CircuitState {
    this.#look();
    return this.#state;
  }

  /** The calls that the window has seen since the circuit closed. */
  get counts(): CircuitCounts {
    return this.#counts.totals(this.#settings.clock.now());
  }

  /**
   * The milliseconds until a call may go through: 0 if one may now. When all probes are under way,
   * it is the time after which the oldest of them gives up its place.
   */
  get retryAfterMs(): number {
    if (this.#state === "closed") return 0;
    const now = this.#look();
    if (this.#state === "open") return this.#openUntil - now;
    if (this.#probes.size < this.#settings.probes) return 0;
    const [oldest = now] = this.#probes.values();
    return Math.max(0, oldest + this.#resetTimeoutMs - now);
  }

  /**
   * Leave for one call, or undefined if the circuit lets none through. Report on the permit how the
   * call went.
   */
  tryAcquire(): CircuitPermit | undefined {
    if (this.retryAfterMs > 0) return undefined;
    const generation = this.#generation;
    const permit = new Permit((verdict) => {
      this.#probes.delete(permit);
      if (generation !== this.#generation) return;
      if (verdict === "success") this.#success();
      else if (verdict === "failure") this.#failure();
    });
    if (this.#state === "half-open") this.#addProbe(permit);
    return permit;
  }

  /**
   * Calls `fn` if the circuit lets it through, and returns what it returned.
   *
   * @throws {CircuitOpenError} if the circuit doesn't let the call through; `fn` isn't called then.
   * @throws what `fn` threw, after counting it as `classify` says.
   */
  async call<T>(fn: () => T | Promise<T>): Promise<T> {
    const permit = this.tryAcquire();
    if (permit === undefined) throw new CircuitOpenError(this.retryAfterMs);
    using _unlessReported = permit;
    try {
      const result = await fn();
      permit.success();
      return result;
    } catch (error) {
      permit[this.#settings.classify(error)]();
      throw error;
    }
  }

  /** Turns half-open if it is time, and returns the time. */
  #look(): number {
    const now = this.#settings.clock.now();
    if (this.#state === "open" && now >= this.#openUntil) this.#become("half-open", now);
    return now;
  }

  #addProbe(permit: CircuitPermit): void {
    const [oldest] = this.#probes.keys();
    if (oldest !== undefined && this.#probes.size >= this.#settings.probes) {
      this.#probes.delete(oldest);
    }
    this.#probes.set(permit, this.#settings.clock.now());
  }

  #success(): void {
    const now = this.#settings.clock.now();
    if (this.#state === "closed") this.#counts.add(false, now);
    else if (++this.#probeSuccesses >= this.#settings.probeSuccesses) {
      this.#resetTimeoutMs = this.#settings.resetTimeoutMs;
      this.#become("closed", now);
    }
  }

  #failure(): void {
    const now = this.#settings.clock.now();
    if (this.#state === "half-open") {
      const { resetGrowth, maxResetTimeoutMs } = this.#settings;
      this.#resetTimeoutMs = Math.min(maxResetTimeoutMs, this.#resetTimeoutMs * resetGrowth);
      this.#open(now);
      return;
    }
    this.#counts.add(true, now);
    if (this.#settings.opensWhen(this.#counts.totals(now))) this.#open(now);
  }

  #open(now: number): void {
    this.#openUntil = now + this.#resetTimeoutMs;
    this.#become("open", now);
  }

  #become(to: CircuitState, at: number): void {
    const from = this.#state;
    this.#state = to;
    this.#generation++;
    this.#counts.clear();
    this.#probes.clear();
    this.#probeSuccesses = 0;
    try {
      this.#settings.onStateChange?.({ from, to, at });
    } catch (error) {
      reportError(error);
    }
  }
}

/** A permit, which reports once. */
class Permit implements CircuitPermit {
  #report: ((verdict: CircuitVerdict) => void) | undefined;

  constructor(report: (verdict: CircuitVerdict) => void) {
    this.#report = report;
  }

  // Bound, so that they can be handed to `then`.
  readonly success = (): void => this.#settle("success");
  readonly failure = (): void => this.#settle("failure");
  readonly ignore = (): void => this.#settle("ignore");

  [Symbol.dispose](): void {
    this.#settle("ignore");
  }

  #settle(verdict: CircuitVerdict): void {
    const report = this.#report;
    this.#report = undefined;
    report?.(verdict);
  }
}
