/**
 * Graceful shutdown: signals become a drain, and then a cancel.
 *
 * @module
 */

export {
  type GracefulShutdownOptions,
  Shutdown,
  type ShutdownEvent,
  type ShutdownPhase,
} from "./shutdown.ts";
export { ShutdownError } from "./shutdown_error.ts";
export { type ShutdownSignal, type SignalSource, systemSignals } from "./signal_source.ts";
