/**
 * The program `dlm`, a concurrent download manager.
 *
 * @module
 */

import { run } from "./src/cli/mod.ts";

export { run };

if (import.meta.main) Deno.exit(await run(Deno.args));
