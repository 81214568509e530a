import { assertEquals, assertThrows } from "@std/assert";
import { readDownloadOptions } from "../../src/cli/download_options.ts";
import { UsageError } from "../../src/cli/errors.ts";
import { parseLimits, withLimits } from "../../src/cli/limits.ts";
import { TempDir } from "../support/temp_dir.ts";

Deno.test("limits are lines, with comments and blanks", () => {
  assertEquals(parseLimits(""), {});
  assertEquals(parseLimits("# nothing\r\n\r\n   \n"), {});
  assertEquals(
    parseLimits("\ufeffrate-limit=2.5M\r\n  request-rate = 10  # a second\nworkers=8\t#"),
    { bytesPerSecond: 2_500_000, requestsPerSecond: 10, workers: 8 },
  );
  assertEquals(parseLimits("rate-limit=0"), { bytesPerSecond: Infinity });
  assertEquals(parseLimits("rate-limit=10"), { bytesPerSecond: 10_000_000 });
});

for (
  const [text, message] of [
    [
      "\nrate-limit=fast",
      "line 2: rate-limit must be a rate such as 10 (MB/s), 500k or 2.5M, or 0",
    ],
    ["request-rate=0", "line 1: request-rate must be a number of requests a second above 0"],
    ["workers=0", 'line 1: workers must be a whole number from 1 to 512, got "0"'],
    ["workers=2..8", 'got "2..8"'],
    ["workers=", 'got ""'],
    ["workers 8", 'line 1: "workers 8" is no limit; write rate-limit=…, request-rate=…, workers=…'],
    ["rate_limit=1M", '"rate_limit=1M" is no limit; write rate-limit=…, '],
    ["rate_limit=1M", "; did you mean rate-limit?"],
    ["toString=1", '"toString=1" is no limit'],
    ["workers=1\nworkers=2", "line 2: workers stands there twice"],
  ] as const
) {
  Deno.test(`limits that make no sense: ${JSON.stringify(text)}`, () => {
    assertThrows(() => parseLimits(text), UsageError, message);
  });
}

Deno.test("what the file says overrides what the command line does", async () => {
  await using dir = new TempDir();
  const limits = dir.write("limits", "workers=3\n");
  const raw = { limits, rateLimit: "1M", workers: "auto" };
  const config = withLimits(readDownloadOptions(raw, ["http://h/a"]));
  assertEquals([config.workers, config.adaptive, config.bytesPerSecond], [3, false, 1_000_000]);
  dir.write("limits", "rate-limit=2M");
  const other = withLimits(readDownloadOptions(raw, ["http://h/a"]));
  assertEquals([other.adaptive, other.bytesPerSecond], [true, 2_000_000]);
  dir.write("limits", "rate-limit=?");
  assertThrows(
    () => withLimits(readDownloadOptions(raw, ["http://h/a"])),
    UsageError,
    `--limits ${limits}: line 1: rate-limit must be`,
  );
});
