import type { ActiveFile } from "./state.ts";
import { bytes, percent } from "./units.ts";

/** How much of a file is there, from 0 to 1; 0 as long as its length is not known. */
export function fractionOf({ length, bytes }: ActiveFile): number {
  if (length === undefined) return 0;
  return length === 0 ? 1 : bytes / length;
}

/** The same in a word: a share, or bytes where the length is not known. */
export function shareOf(file: ActiveFile): string {
  return file.length === undefined ? bytes(file.bytes) : percent(fractionOf(file));
}

/** A file's speed. */
export function bytesPerSecondOf({ meter }: ActiveFile, nowMs: number): number {
  return meter?.perSecond(nowMs) ?? 0;
}

/** The time until a file is there, if it goes on like that. */
export function remainingMsOf(file: ActiveFile, nowMs: number): number | undefined {
  const perSecond = bytesPerSecondOf(file, nowMs);
  if (file.length === undefined || perSecond === 0) return undefined;
  return (file.length - file.bytes) / perSecond * 1000;
}
