import { systemClock } from "../clock/mod.ts";
import type { CircuitBreakerOptions, CircuitCounts, CircuitVerdict } from "./circuit_options.ts";

type Settings =
  & {
    [Name in keyof Omit<CircuitBreakerOptions, Folded>]-?: NonNullable<CircuitBreakerOptions[Name]>;
  }
  & Pick<CircuitBreakerOptions, "onStateChange">;

/** Options that settings hold in another form. */
type Folded = "failureThreshold" | "failureRate" | "minimumCalls" | "onStateChange";

/** Fills in the defaults. @throws {RangeError} if an option is out of its range. */
export function circuitSettings(options: CircuitBreakerOptions): Settings {
  const {
    failureThreshold = 5,
    failureRate = 0,
    minimumCalls = 0,
    windowMs = 60_000,
    resetTimeoutMs = 30_000,
    resetGrowth = 1,
    maxResetTimeoutMs = Math.max(300_000, resetTimeoutMs),
    probes = 1,
    probeSuccesses = 1,
    classify = classifyError,
    clock = systemClock,
    onStateChange,
  } = options;
  const opensByDefault = ({ calls, failures }: CircuitCounts) =>
    failures >= failureThreshold && calls >= minimumCalls && failures >= failureRate * calls;
  const { opensWhen = opensByDefault } = options;

  checkCount("failureThreshold", failureThreshold, 1);
  checkCount("minimumCalls", minimumCalls, 0);
  checkCount("probes", probes, 1);
  checkCount("probeSuccesses", probeSuccesses, 1);
  check(failureRate >= 0 && failureRate <= 1, "failureRate", "between 0 and 1", failureRate);
  check(resetGrowth >= 1 && resetGrowth < Infinity, "resetGrowth", "at least 1", resetGrowth);
  for (const [what, ms] of Object.entries({ windowMs, resetTimeoutMs })) {
    check(ms > 0 && ms < Infinity, what, "a finite positive number", ms);
  }
  const longEnough = maxResetTimeoutMs >= resetTimeoutMs && maxResetTimeoutMs < Infinity;
  check(longEnough, "maxResetTimeoutMs", "finite, at least resetTimeoutMs", maxResetTimeoutMs);
  return {
    opensWhen,
    windowMs,
    resetTimeoutMs,
    resetGrowth,
    maxResetTimeoutMs,
    probes,
    probeSuccesses,
    classify,
    clock,
    onStateChange,
  };
}

function classifyError(error: unknown): CircuitVerdict {
  return error instanceof Error && error.name === "AbortError" ? "ignore" : "failure";
}

function checkCount(what: string, value: number, least: number): void {
  const holds = Number.isSafeInteger(value) && value >= least;
  check(holds, what, `an integer of at least ${least}`, value);
}

function check(holds: boolean, what: string, rule: string, got: number): void {
  if (!holds) {
    throw new RangeError(`Cannot make a CircuitBreaker: ${what} must be ${rule}, got ${got}`);
  }
}
