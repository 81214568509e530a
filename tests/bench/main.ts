/**
 * Runs every benchmark and prints one Markdown document: `deno task bench`. How time and memory grow
 * takes longer, and is left to `deno task bench:growth`.
 *
 * Each runs in a process of its own, so that none inherits another's compiled code or heap. One that
 * fails (for want of nginx, say) is named, and the others go on.
 */
const BENCHMARKS = [
  "chan/main.ts",
  "pool.ts",
  "pipeline.ts",
  "limiter.ts",
  "screen.ts",
  "downloads.ts",
];

let failed = 0;
for (const file of BENCHMARKS) {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", new URL(file, import.meta.url).pathname],
  }).spawn().status;
  if (code === 0) console.log();
  else {
    failed++;
    console.error(`${file} did not finish (exit code ${code})`);
  }
}
Deno.exit(failed > 0 ? 1 : 0);
