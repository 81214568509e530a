/** What a throttled stream asks for its bytes. */
interface Payer {
  take(bytes: number, options: { signal: AbortSignal }): Promise<void>;
}

/** A stream that pays for each piece of at most `pieceBytes()` before it passes it on. */
export function throttle<B extends ArrayBufferLike>(
  payer: Payer,
  pieceBytes: () => number,
  signal: AbortSignal | undefined,
): TransformStream<Uint8Array<B>, Uint8Array<B>> {
  const cancelled = new AbortController();
  const onAbort = () => cancelled.abort(signal?.reason);
  const stopListening = () => signal?.removeEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  return new TransformStream({
    async transform(chunk, controller) {
      try {
        for (let at = 0; at < chunk.length;) {
          const piece = chunk.subarray(at, at + pieceBytes());
          await payer.take(piece.length, { signal: cancelled.signal });
          controller.enqueue(piece);
          at += piece.length;
        }
      } catch (error) {
        stopListening();
        throw error;
      }
    },
    flush: stopListening,
    cancel(reason) {
      stopListening();
      cancelled.abort(reason);
    },
  });
}
