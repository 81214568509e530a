/**
 * A two-phase end for programs: drain, then cancel.
 *
 * @module
 */

export { Shutdown, type ShutdownOptions, type ShutdownPhase } from "./shutdown.ts";
export { processSignals, type SignalSource } from "./signals.ts";
