/**
 * Limits on how often something may happen: events per second, bytes per second, calls at once.
 *
 * @module
 */

export { AdaptiveLimit, type AdaptiveLimitOptions } from "./adaptive_limit.ts";
export {
  BandwidthLimiter,
  type BandwidthLimiterOptions,
  type BandwidthShareOptions,
} from "./bandwidth_limiter.ts";
export type { BandwidthShare } from "./bandwidth_share.ts";
export { HillClimb, type HillClimbOptions } from "./hill_climb.ts";
export { IntervalLimiter, type IntervalLimiterOptions } from "./interval_limiter.ts";
export { LeakyBucket, type LeakyBucketOptions } from "./leaky_bucket.ts";
export { LimitExceededError } from "./limit_exceeded_error.ts";
export type { Limiter, LimiterWaitOptions } from "./limiter.ts";
export type { Reservation } from "./reservation.ts";
export { SlidingWindow, type SlidingWindowOptions } from "./sliding_window.ts";
export {
  TokenBucket,
  type TokenBucketOptions,
  type TokenBucketWaitOptions,
} from "./token_bucket.ts";
