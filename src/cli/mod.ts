/**
 * The program's command line.
 *
 * @module
 */

export { run } from "./run.ts";
