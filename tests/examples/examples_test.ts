import { assert, assertEquals, assertMatch } from "@std/assert";
import { testWithin } from "../support/watchdog.ts";

const FOLDER = new URL("./", import.meta.url);

/** What an example prints, line by line. It must end well, say nothing else and stay short. */
async function linesOf(name: string, ...permissions: string[]): Promise<string[]> {
  const path = new URL(name, FOLDER);
  const length = (await Deno.readTextFile(path)).split("\n").length;
  assert(length < 60, `${name} has ${length} lines`);
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, path.href],
    env: { NO_COLOR: "1" },
  });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  assertEquals(decoder.decode(stderr), "");
  assert(success);
  return decoder.decode(stdout).trimEnd().split("\n");
}

const exact: [name: string, lines: string[], ...permissions: string[]][] = [
  ["unbounded_and_pooled.ts", [
    "unbounded: 100 files, 100 open at once",
    "pooled:    100 files, 5 open at once",
  ]],
  ["generator_square_consume.ts", ["1", "4", "9", "16", "25"]],
  ["rate_limited_client.ts", [
    "/3: rate limited, retry after 1000 ms",
    ...[1, 2, 3, 4, 5, 6].map((n) => `page /${n}`),
    "7 requests for 6 pages",
  ], "--allow-net=127.0.0.1"],
  [
    "file_pipeline.ts",
    [
      "a.out: CONTENTS OF A",
      "b.out: CONTENTS OF B",
      "stage read failed for missing",
      "c.out: CONTENTS OF C",
      "d.out: CONTENTS OF D",
    ],
    "--allow-read",
    "--allow-write",
  ],
  ["two_phase_shutdown.ts", [
    "SIGINT received: no new jobs, 3 are in flight",
    "done: the job of 300 ms",
    "done: the job of 600 ms",
    "deadline: 2 completed, cancelled 60000, dropped 70000,80000",
    "workers left: 0, exit code 130",
  ], "--allow-run"],
  ["task_group_pipeline.ts", ["[ 1, 4, 9, 16 ]", "RangeError: cannot process -3"]],
  ["priority_pool.ts", [
    "processing high priority job: fraud alert",
    "processing high priority job: password reset",
    "processing normal priority job: invoice",
    "processing low priority job: weekly statistics",
    "processing low priority job: newsletter",
  ]],
  ["circuit_breaker.ts", [
    "circuit open",
    "circuit half-open",
    "circuit closed",
    ...[1, 2, 3].map((n) => `job ${n} failed: Error: connection refused`),
    ...[4, 5].map((n) => `job ${n} not tried`),
    ...[6, 7].map((n) => `job ${n} done`),
  ]],
];

for (const [name, lines, ...permissions] of exact) {
  testWithin(`example ${name}`, async () => {
    assertEquals(await linesOf(name, ...permissions), lines);
  }, 30_000);
}

testWithin("example fan_out_fan_in.ts", async () => {
  const [asReady, faster, inOrder, stillFaster] = await linesOf("fan_out_fan_in.ts");
  const delays = [150, 50, 100, 50, 50, 100].map((ms) => `${ms} ms`);
  const ready = asReady!.replace("as ready: ", "").split(", ");
  assertEquals(ready.toSorted(), delays.toSorted());
  assertEquals(inOrder, `in order: ${delays.join(", ")}`);
  assertEquals([faster, stillFaster], new Array(2).fill("  faster than one by one: yes"));
}, 30_000);

testWithin("example scaling_pool.ts", async () => {
  const lines = await linesOf("scaling_pool.ts");
  assertEquals(lines.slice(0, 3), [2, 3, 4].map((n) => `scaled up to ${n} workers (queue: 4)`));
  assertEquals(lines.slice(-3), [
    "scaled down to 1 workers",
    "scaled up to 2 workers (queue: 0)",
    "20 jobs done",
  ]);
}, 30_000);

testWithin("example pipeline_metrics.ts", async () => {
  const text = (await linesOf("pipeline_metrics.ts")).join("\n");
  const [live, end] = text.split("Finished\n");
  assertMatch(live!, /┌ download\n│ Processed: \d+.*\n└ Average: \d+\.\d ms/);
  const stage = /┌ (\w+)\n│ Processed: (\d+) +Errors: (\d+) +Queue: (\d+)/g;
  const counts = [...end!.matchAll(stage)];
  assertEquals(counts.map((match) => match.slice(1)), [
    ["validate", "60", "0", "0"],
    ["download", "60", "6", "0"],
    ["checksum", "54", "0", "0"],
  ]);
  assert(end!.endsWith("54 of 60 came through"));
}, 30_000);

Deno.test("every example is run", async () => {
  const source = await Deno.readTextFile(import.meta.filename!);
  for await (const { name } of Deno.readDir(FOLDER)) {
    assert(source.includes(`"${name}"`) || name === "examples_test.ts", name);
  }
});
