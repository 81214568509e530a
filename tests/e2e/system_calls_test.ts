import { assert, assertEquals } from "@std/assert";
import { runDlm } from "../support/dlm.ts";
import { strace, testNeeding } from "../support/needs.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";

const MANY = 300;

/**
 * Memory, threads, waiting, and the caches of the runtime: how often these are called is a matter of
 * chance.
 */
const OF_CHANCE = [
  /^(brk|mmap|munmap|mremap|madvise|mprotect|membarrier)$/,
  /^(futex|clone3?|set_robust_list|rseq|sigaltstack|gettid|getpid|prctl|exit|tgkill|rt_.*|sched_.*)$/,
  /^(pread64|pwrite64)$/,
  /^(epoll_wait|epoll_pwait2?|restart_syscall|clock_nanosleep)$/,
];

/** How often each system call is made by a run of `count` files, on all its threads. */
async function systemCalls(server: RawServer, count: number): Promise<Map<string, number>> {
  await using dir = new TempDir();
  const urls = Array.from({ length: count }, (_, index) => server.url(`/${index}`));
  const list = dir.write("urls.txt", urls.join("\n"));
  const args = ["download", "--urls", list, "-d", dir.file("out"), "-w", "4", "-q"];
  const { code, stderr } = await runDlm(args, {
    under: ["strace", "-f", "-qq", "-c", "-U", "calls,name", "-o", dir.file("calls")],
    env: { DENO_NO_UPDATE_CHECK: "1" },
    isMeasured: true,
  });
  assertEquals([code, stderr], [0, ""]);
  assertEquals(Array.from(Deno.readDirSync(dir.file("out"))).length, count);
  return new Map(
    dir.read("calls").matchAll(/^ *(\d+) +(\w+)/gm).map(([, calls, name]) => [
      name!,
      Number(calls),
    ]),
  );
}

/** The system calls that each further file costs. */
async function callsPerFile(): Promise<Record<string, number>> {
  const small = answer("a small file", {
    headers: { "last-modified": "Tue, 01 Jul 2025 12:00:00 GMT" },
  });
  await using server = new RawServer((_, connection) => connection.write(small));
  await systemCalls(server, 1); // whatever is cached by a first run
  const one = await systemCalls(server, 1);
  const many = await systemCalls(server, MANY);
  const perFile: Record<string, number> = {};
  for (const [name, calls] of many) {
    if (name === "total" || OF_CHANCE.some((pattern) => pattern.test(name))) continue;
    const rounded = Math.round((calls - (one.get(name) ?? 0)) / (MANY - 1));
    if (rounded !== 0) perFile[name] = rounded;
  }
  return perFile;
}

testNeeding([strace], "a small file costs no system call more than it must", async () => {
  const { statx = 0, close = 0, fcntl = 0, ...others } = await callsPerFile();
  assertEquals(others, {
    openat: 1,
    flock: 1,
    sendto: 1,
    recvfrom: 1,
    write: 1,
    utimensat: 1,
    fdatasync: 1,
    linkat: 1,
    unlink: 1,
  });
  // Where opening it or receiving it has taken long, it is compared with what stands under its name.
  assert(statx <= 3, `statx ${statx} times`);
  // Where syncing takes long, another thread does it, with a handle of its own.
  assert(close >= 1 && close <= 2, `close ${close} times`);
  assert(fcntl <= 1, `fcntl ${fcntl} times`);
}, 60_000);
