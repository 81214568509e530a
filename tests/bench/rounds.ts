/** What is measured: a name, and a function that does the work once. */
export type Contestant = readonly [name: string, run: () => Promise<unknown>];

/**
 * The shortest time of each contestant in milliseconds. They take turns, so that a busy moment of
 * the machine strikes all of them.
 */
export async function fastest(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<Map<string, number>> {
  const best = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of contestants) {
      const started = performance.now();
      await run();
      const tookMs = performance.now() - started;
      best.set(name, Math.min(tookMs, best.get(name) ?? Infinity));
    }
  }
  return best;
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, i) => i === 0 ? "---" : "---:");
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** What a result was measured on. */
export function machine(): string {
  const { os, arch } = Deno.build;
  return `Deno ${Deno.version.deno}, ${os} ${arch}, ${navigator.hardwareConcurrency} cores`;
}

/** The kind of file system that temporary files lie in; a sync costs nothing on `tmpfs`. */
export async function fileSystem(path: string): Promise<string> {
  const { stdout } = await new Deno.Command("stat", { args: ["-f", "-c", "%T", path] }).output();
  return new TextDecoder().decode(stdout).trim();
}

/** Name and version of a program, as it says them itself; `undefined` if it isn't there. */
export async function versionOf(program: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await new Deno.Command(program, { args }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    const [version] = /\d+\.\d+(\.\d+)*/.exec(said) ?? [];
    const name = program === Deno.execPath() ? "dlm" : program.replace(/^.*\//, "");
    return version && `${name} ${version}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
