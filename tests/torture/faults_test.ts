import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";
import { downloadThrough } from "./fault_rounds.ts";

const ROUNDS = 200;

testWithin(`${ROUNDS} faults of servers, lines and users`, async () => {
  await downloadThrough(ROUNDS, 1, () => new TempDir());
}, 120_000);
