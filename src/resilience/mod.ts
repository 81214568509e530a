/**
 * What keeps a program going when others fail.
 *
 * @module
 */

export { backoffDelay, type BackoffOptions } from "./backoff.ts";
