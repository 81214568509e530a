/** A server can't make a client wait for longer than this. */
const LONGEST_MS = 60 * 60 * 1000;

/**
 * The wait that a `Retry-After` header asks for (RFC 9110 §10.2.3: seconds or a date), in
 * milliseconds between zero and an hour; `undefined` without a usable header.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), LONGEST_MS);
}
