import { turn } from "../clock/mod.ts";

/**
 * Keeps channels from starving the event loop.
 *
 * A settled promise continues in a microtask, and no timer, socket or key press is looked at until
 * the microtasks run out. Two loops that hand each other values never let them. So once channel
 * operations have kept one turn of the event loop for two time slices, what they settle next is
 * held back until the loop has gone round.
 */

/** How long channels may keep a turn before the event loop is asked to come round. */
const SLICE_MS = 5;

/** Reading the clock costs as much as a channel operation, so only one of so many looks at it. */
const LOOK_EVERY = 64;

let untilLook = LOOK_EVERY;
let sliceStart = 0;
/** Whether a task is queued that will run when the event loop comes round. */
let roundAwaited = false;
const held: (() => void)[] = [];

/** Settles a promise: now if this turn has time left, else when the event loop has gone round. */
export function wake<R>(resolve: (result: R) => void, result: R): void {
  if (hasTime()) resolve(result);
  else held.push(() => resolve(result));
}

/** A promise of `result` for an operation that did not have to wait, in time as {@linkcode wake}. */
export function fulfilled<R>(result: R): Promise<R> {
  if (hasTime()) return Promise.resolve(result);
  return new Promise((resolve) => held.push(() => resolve(result)));
}

const DONE: Promise<void> = Promise.resolve();

/** As `fulfilled(undefined)`, sharing one promise. */
export function fulfilledVoid(): Promise<void> {
  return hasTime() ? DONE : fulfilled(undefined);
}

function hasTime(): boolean {
  return --untilLook > 0 || look();
}

function look(): boolean {
  const now = performance.now();
  if (now - sliceStart >= SLICE_MS) {
    // The slice may have been spent waiting for the event loop and not in its way; only a round
    // that is asked for and still has not come a slice later says that channels keep it.
    if (roundAwaited) return false;
    roundAwaited = true;
    sliceStart = now;
    turn().then(startSlice);
  }
  untilLook = LOOK_EVERY;
  return true;
}

function startSlice(): void {
  roundAwaited = false;
  sliceStart = performance.now();
  untilLook = LOOK_EVERY;
  for (const settle of held.splice(0)) settle();
}
