import type { LimiterWaitOptions } from "./limiter.ts";

/**
 * One user of a {@linkcode BandwidthLimiter}: usually a stream. Dispose of it when the stream ends;
 * what it hasn't used goes to the others.
 */
export interface BandwidthShare extends Disposable {
  /** How much this user gets in proportion to the others. */
  readonly weight: number;

  /**
   * Resolves when this user may move `bytes` bytes. Any number will do: a large one is paid for in
   * parts while the others get theirs. Several takes are served in order.
   *
   * @throws {RangeError} if `bytes` is negative, infinite or NaN.
   * @throws {TypeError} if the share was disposed of, before or meanwhile.
   * @throws the signal's reason when it aborts first. What was already paid towards the bytes goes
   * to the takes that wait behind it, or else to the other users.
   */
  take(bytes: number, options?: LimiterWaitOptions): Promise<void>;

  /**
   * A stream that passes bytes on at this user's rate. It holds one chunk at most, so whoever
   * writes into it feels the limit as backpressure. Chunks are cut into pieces of at most 50 ms of
   * this user's bandwidth, so that a slow stream flows evenly; when there is no limit they pass
   * whole.
   *
   * Cancelling its readable side, or aborting `signal`, ends a wait at once.
   *
   * @example
   * ```ts
   * import { BandwidthLimiter } from "@dlm/dlm";
   * import { assertEquals } from "@std/assert";
   *
   * const bandwidth = new BandwidthLimiter({ bytesPerSecond: 1_000_000 });
   * using share = bandwidth.join();
   * const body = new Blob(["x".repeat(10_000)]).stream();
   * const text = await new Response(body.pipeThrough(share.throttle())).text();
   * assertEquals(text.length, 10_000);
   * ```
   */
  throttle<B extends ArrayBufferLike = ArrayBuffer>(
    options?: LimiterWaitOptions,
  ): TransformStream<Uint8Array<B>, Uint8Array<B>>;
}
