import { dlmCommand } from "../../support/dlm.ts";
import type { Nginx } from "../../support/nginx.ts";
import type { Cost } from "../process.ts";

/** Directives of a server that answers every path below `/tiny/` with 16 bytes, and counts. */
export const TINY = `
  location /tiny/ { return 200 "sixteen bytes..\\n"; }
  location = /counted { stub_status; }`;

/** How the beginning of a run went. */
export interface FirstFiles {
  /** Seconds from the start of the program to its first request. */
  readonly firstRequest: number;
  /** What it has cost to the last of the files. */
  readonly cost: Cost;
  /** The memory that was held after each tenth of the files. */
  readonly tenthsMiB: readonly number[];
}

const LOOK_MS = 10;

/** Downloads a list until the server has had `count` requests, then kills the program. */
export async function firstFiles(
  nginx: Nginx,
  list: string,
  out: string,
  count: number,
  ...args: string[]
): Promise<FirstFiles> {
  const counter = new RequestCounter(nginx);
  await counter.count();
  const [program, ...rest] = dlmCommand(["download", "--urls", list, "-d", out, "-q", ...args]);
  const started = performance.now();
  const child = new Deno.Command(program, { args: rest, stdout: "null", stderr: "null" }).spawn();
  const seconds = () => (performance.now() - started) / 1000;
  let firstRequest: number | undefined;
  const tenthsMiB: number[] = [];
  try {
    for (;;) {
      const requests = await counter.count();
      if (requests > 0) firstRequest ??= seconds();
      if (requests >= count * (tenthsMiB.length + 1) / 10) {
        tenthsMiB.push(memoryOf(child.pid, "VmRSS"));
      }
      if (requests >= count) break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    const { pid } = child;
    const cost = { wall: seconds(), cpu: cpuOf(pid), rssMiB: memoryOf(pid, "VmHWM") };
    return { firstRequest: firstRequest!, cost, tenthsMiB };
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(out, { recursive: true });
  }
}

/** The requests of others that a server has had since it was first asked. */
class RequestCounter {
  readonly #url: string;
  #own = 0;
  #before: number | undefined;

  constructor(nginx: Nginx) {
    this.#url = nginx.url("/counted");
  }

  async count(): Promise<number> {
    const text = await (await fetch(this.#url)).text();
    const [, requests] = /\d+ \d+ (\d+)/.exec(text)!;
    const others = Number(requests) - ++this.#own;
    this.#before ??= others;
    return others - this.#before;
  }
}

/** Linux counts the time of processes in hundredths of a second. */
const TICKS = 100;

function cpuOf(pid: number): number {
  const [, fields = ""] = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ");
  const [user = 0, system = 0] = fields.split(" ").slice(11, 13).map(Number);
  return (user + system) / TICKS;
}

function memoryOf(pid: number, field: "VmRSS" | "VmHWM"): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)![1]) / 1024;
}
