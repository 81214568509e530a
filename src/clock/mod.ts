/**
 * Time that can be handed in: a {@linkcode Clock} for everything that waits, the system's own and
 * one for tests that moves only when told to.
 *
 * @module
 */

export { type Clock, systemClock } from "./clock.ts";
export { ManualClock } from "./manual_clock.ts";
export { turn } from "./turn.ts";
