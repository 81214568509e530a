/**
 * Living with failures: retry with backoff and a budget, and the circuit breaker.
 *
 * @module
 */

export { backoffDelay, type BackoffOptions } from "./backoff.ts";
export { CircuitBreaker, type CircuitPermit } from "./circuit_breaker.ts";
export { CircuitOpenError } from "./circuit_open_error.ts";
export type {
  CircuitBreakerOptions,
  CircuitCounts,
  CircuitState,
  CircuitStateChange,
  CircuitVerdict,
} from "./circuit_options.ts";
export { type Attempt, retry, type RetryEvent, type RetryOptions } from "./retry.ts";
export { RetryBudget, type RetryBudgetOptions } from "./retry_budget.ts";
