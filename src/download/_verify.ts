import type { Partial } from "./_partial.ts";
import { type Checksum, hashFile, sameDigest } from "./checksum.ts";
import { DownloadError } from "./errors.ts";

/**
 * Resolves if the bytes in the part file are the ones expected. `digest` is theirs, if it is known
 * already; otherwise the file is read.
 *
 * @throws {DownloadError} `checksum`, saying what was expected and what came.
 * @throws the signal's reason when it aborts.
 */
export async function verify(
  partial: Partial,
  expected: Checksum,
  digest: string | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const got = digest ?? await hashFile(partial.part.path, expected.algorithm, signal);
  if (await sameDigest(got, expected.hex)) return;
  const message = `checksum mismatch (${expected.algorithm}): expected ${expected.hex}, got ${got}`;
  throw new DownloadError("checksum", message, {
    retryable: true,
    expected: expected.hex,
    got,
    advice: "check where the expected checksum comes from",
  });
}
