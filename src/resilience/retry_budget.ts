/** Options of {@linkcode RetryBudget}. */
export interface RetryBudgetOptions {
  /** The tokens at the start, and the most there can be. Default 100. */
  maxTokens?: number | undefined;
  /** What a success gives back. Default 0.1: one retry in ten calls. */
  tokenRatio?: number | undefined;
}

/**
 * A limit on retries that calls to the same place share, so that an outage isn't met with several
 * times the usual load.
 *
 * Each failure that could be retried takes a token, each other outcome gives `tokenRatio` back, and
 * while no more than half the tokens are left nothing is retried. First attempts are never held
 * back, so the budget recovers by itself. These are the rules of gRPC's retry throttling (proposal
 * A6).
 *
 * @example Ten failures use it up, and successes bring it back
 * ```ts
 * import { RetryBudget } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const budget = new RetryBudget({ maxTokens: 20, tokenRatio: 0.5 });
 * const retried = Array.from({ length: 12 }, () => budget.failure()).filter(Boolean).length;
 * assertEquals(retried, 9);
 * for (let i = 0; i < 8; i++) budget.success();
 * assertEquals(budget.failure(), true);
 * ```
 */
export class RetryBudget {
  readonly #maxTokens: number;
  readonly #tokenRatio: number;
  #tokens: number;

  /**
   * Makes a full budget.
   *
   * @throws {RangeError} if an option is not a finite positive number.
   */
  constructor({ maxTokens = 100, tokenRatio = 0.1 }: RetryBudgetOptions = {}) {
    for (const [what, value] of Object.entries({ maxTokens, tokenRatio })) {
      if (value > 0 && value < Infinity) continue;
      throw new RangeError(
        `Cannot make a RetryBudget: ${what} must be a finite positive number, got ${value}`,
      );
    }
    this.#maxTokens = this.#tokens = maxTokens;
    this.#tokenRatio = tokenRatio;
  }

  /** The tokens that are left. */
  get tokens(): number {
    return this.#tokens;
  }

  /** Reports an attempt that succeeded, or failed for good. */
  success(): void {
    this.#tokens = Math.min(this.#maxTokens, this.#tokens + this.#tokenRatio);
  }

  /** Reports a failure that could be retried, and says whether it may be. */
  failure(): boolean {
    this.#tokens = Math.max(0, this.#tokens - 1);
    return this.#tokens > this.#maxTokens / 2;
  }
}
