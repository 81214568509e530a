import { assertEquals } from "@std/assert";
import { exitCode } from "../../src/cli/exit_code.ts";
import type { FailureKind, Summary } from "../../src/download/mod.ts";

/** A run that brought all of its files. */
const GOOD: Summary = {
  files: 3,
  completed: 2,
  skipped: 1,
  failed: 0,
  cancelled: 0,
  dropped: 0,
  rejected: 0,
  bytes: 10,
  resumedBytes: 0,
  durationMs: 5,
};

const TABLE: [
  name: string,
  code: number,
  summary: Partial<Summary>,
  failures?: FailureKind[],
  signal?: Deno.Signal,
][] = [
  ["every file is in place", 0, {}],
  ["nothing was asked for", 0, { files: 0, completed: 0, skipped: 0 }],
  ["a file failed", 1, { failed: 1 }, ["http"]],
  ["a line of the list is no URL", 1, { rejected: 1 }],
  ["a file was cancelled", 1, { cancelled: 1 }],
  ["a file was not begun", 1, { dropped: 1 }],
  ["a checksum did not match", 3, { failed: 1 }, ["checksum"]],
  ["a checksum counts more than other failures", 3, { failed: 2 }, ["http", "checksum"]],
  ["the disk is full", 4, { failed: 1, dropped: 1 }, ["disk-full"]],
  ["a full disk counts more than a checksum", 4, { failed: 2 }, ["checksum", "disk-full"]],
  ["SIGINT", 130, { dropped: 1 }, [], "SIGINT"],
  ["a signal counts more than failures", 130, { failed: 1 }, ["disk-full"], "SIGINT"],
  ["a signal that left nothing undone", 130, {}, [], "SIGINT"],
  ["SIGTERM", 143, {}, [], "SIGTERM"],
];

for (const [name, code, summary, failures = [], signal] of TABLE) {
  Deno.test(`exit code ${code}: ${name}`, () => {
    assertEquals(exitCode({ ...GOOD, ...summary }, signal, new Set(failures)), code);
  });
}
