/**
 * Go's concurrency vocabulary for Deno, with no dependency outside the platform.
 *
 * @module
 */

export * from "./src/chan/mod.ts";
export * from "./src/clock/mod.ts";
export * from "./src/limiter/mod.ts";
export * from "./src/pool/mod.ts";
export * from "./src/resilience/mod.ts";
export * from "./src/shutdown/mod.ts";
export * from "./src/pipeline/mod.ts";
