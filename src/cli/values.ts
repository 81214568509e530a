import { UsageError } from "./errors.ts";

/** A whole number between two bounds; `or` names what else the flag takes. */
export function wholeNumber(
  flag: string,
  text: string,
  min: number,
  max: number,
  or?: string,
): number {
  const value = Number(text);
  if (/^\d+$/.test(text.trim()) && value >= min && value <= max) return value;
  throw invalid(flag, `a whole number from ${min} to ${max}${or ? `, or ${or}` : ""}`, text);
}

/** So many times a second: a number above 0, with fractions. */
export function frequency(flag: string, text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text.trim()) && value > 0) return value;
  throw invalid(flag, "a number of requests a second above 0", text);
}

/**
 * Bytes per second: a bare number is in MB/s (10^6 bytes), a size such as `500k` or `2.5M` in
 * itself; 0 is no limit.
 */
export function rate(flag: string, text: string): number {
  const allowed = "a rate such as 10 (MB/s), 500k or 2.5M, or 0 for no limit";
  const plain = text.trim().replace(/\/s$/, "");
  if (/^\d*\.?\d+$/.test(plain)) return Number(plain) * 1e6 || Infinity;
  try {
    return sizeInBytes(flag, plain) || Infinity;
  } catch {
    throw invalid(flag, allowed, text);
  }
}

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A time such as `250ms`, `30s`, `2m`, `1h` or `1.5m`, in milliseconds. A bare 0 is allowed. */
export function durationMs(flag: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  const ms = match ? Number(match[1]) * UNIT_MS[match[2]!]! : NaN;
  if (Number.isFinite(ms)) return ms;
  if (/^0+$/.test(text.trim())) return 0;
  throw invalid(flag, "a time such as 250ms, 30s, 2m or 1h", text);
}

const UNIT_BYTES: Record<string, number> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/** A size such as `500`, `500k`, `2.5M`, `1G` (powers of 1000) or `64Ki`, `1Mi` (of 1024), in bytes. */
export function sizeInBytes(flag: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)([kmgt]i?)?b?$/i.exec(text.trim());
  if (match) return Math.round(Number(match[1]) * UNIT_BYTES[(match[2] ?? "").toLowerCase()]!);
  throw invalid(flag, "a size such as 500k, 2.5M, 1G or 64Mi", text);
}

/** One of a few words. */
export function oneOf<Word extends string>(
  flag: string,
  text: string,
  words: readonly Word[],
): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw invalid(flag, `one of ${words.join(", ")}`, text);
}

/** The error for a value that a flag can't have. */
export function invalid(flag: string, allowed: string, got: string): UsageError {
  return new UsageError(`${flag} must be ${allowed}, got "${got}"`);
}
