import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Outcome, runDlm, RunningDlm } from "../support/dlm.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const LINES = 1_000_000;

/** Every so many lines the same URLs come again. */
const DIFFERENT = 50;

const MOST_KIB = 200 * 1024;

testWithin("case 23: a list of a million lines, most of them twins", async () => {
  const firstAskedMs = Promise.withResolvers<number>();
  const started = performance.now();
  await using server = new RawServer(({ path }, connection) => {
    firstAskedMs.resolve(performance.now() - started);
    return connection.write(answer(path));
  });
  await using dir = new TempDir();
  const { outcome: { code, stdout, stderr }, mostKiB } = await measured(
    ["download", "--urls", "-", "--dir", dir.path],
    (line) => server.url(`/${line % DIFFERENT}`),
  );
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, new RegExp(`Total Files: +${LINES}\n`));
  assertMatch(stdout, new RegExp(`Skipped: +${LINES - DIFFERENT}\n`));
  assertEquals([dir.names().length, server.requests.length], [DIFFERENT, DIFFERENT]);
  const firstMs = await firstAskedMs.promise;
  const aloneMs = await firstRequestOfOneMs();
  assert(firstMs < 1_000 + 2 * aloneMs, `the first request came after ${firstMs} ms`);
  assert(mostKiB < MOST_KIB, `${mostKiB} KiB`);
}, 60_000);

testWithin("case 23: a million different files are told apart in little memory", async () => {
  const { outcome: { code, stderr }, mostKiB } = await measured(
    ["download", "--urls", "-", "--dry-run", "--quiet"],
    (line) => `http://host.example/a/path/as/long/as/most/file-number-${line}.tar.gz`,
  );
  assertEquals([code, stderr], [0, ""]);
  assert(mostKiB < MOST_KIB, `${mostKiB} KiB`);
}, 60_000);

/** How long a list of one line takes to its first request: mostly the program's own start. */
async function firstRequestOfOneMs(): Promise<number> {
  const firstAskedMs = Promise.withResolvers<number>();
  const started = performance.now();
  await using server = new RawServer(({ path }, connection) => {
    firstAskedMs.resolve(performance.now() - started);
    return connection.write(answer(path));
  });
  await using dir = new TempDir();
  const stdin = `${server.url("/one")}\n`;
  await runDlm(["download", "--urls", "-", "--dir", dir.path], { stdin, isMeasured: true });
  return await firstAskedMs.promise;
}

/** Runs the program on a million lines, with the most memory that it took. */
async function measured(
  args: string[],
  urlOf: (line: number) => string,
): Promise<{ outcome: Outcome; mostKiB: number }> {
  await using run = new RunningDlm(args, { stdin: lines(urlOf), isMeasured: true });
  let mostKiB = 0;
  const look = setInterval(() => mostKiB = Math.max(mostKiB, peakKiB(run.pid)), 50);
  try {
    return { outcome: await run.outcome, mostKiB };
  } finally {
    clearInterval(look);
  }
}

function lines(urlOf: (line: number) => string): ReadableStream<string> {
  let line = 0;
  return new ReadableStream({
    pull(controller) {
      const piece = Array.from({ length: 1000 }, () => `${urlOf(line++)}\n`);
      controller.enqueue(piece.join(""));
      if (line >= LINES) controller.close();
    },
  });
}

/** The most that a process has had in memory, where the system tells. */
function peakKiB(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0; // it has ended, or this is no Linux
  }
}
