import { testWithin } from "./watchdog.ts";

/** Something that not every machine has. */
export interface Need {
  /** What it is, and how to get it. */
  readonly name: string;
  /** Whether it is there. */
  readonly met: boolean;
}

export const nginx: Need = {
  name: "nginx (apt-get install nginx-light)",
  met: isInstalled("nginx"),
};
export const tmux: Need = { name: "tmux (apt-get install tmux)", met: isInstalled("tmux") };
export const strace: Need = {
  name: "strace (apt-get install strace) and leave to trace processes",
  met: succeeds("strace", ["-f", "-o", "/dev/null", "true"]),
};
export const root: Need = { name: "root, to mount a small disk", met: Deno.uid() === 0 };

/**
 * Registers a test as {@linkcode testWithin} does, for machines that have what it needs. Elsewhere
 * it is shown as ignored, with what is missing; in CI nothing may be missing, so it fails there.
 */
export function testNeeding(
  needs: readonly Need[],
  name: string,
  fn: () => Promise<void>,
  limitMs?: number,
): void {
  const missing = needs.filter(({ met }) => !met).map((need) => need.name).join(" and ");
  if (missing === "") {
    testWithin(name, fn, limitMs);
  } else if (Deno.env.get("CI")) {
    testWithin(name, () => Promise.reject(new Error(`This test needs ${missing}`)));
  } else {
    Deno.test({ name: `${name} (needs ${missing})`, ignore: true, fn });
  }
}

function isInstalled(program: string): boolean {
  return succeeds(program, ["-V"]);
}

function succeeds(program: string, args: string[]): boolean {
  try {
    return new Deno.Command(program, { args, stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
