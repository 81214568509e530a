import { Output, printable } from "../display/mod.ts";
import { type DownloadEvent, DownloadManager, type SkippedEvent } from "../download/mod.ts";
import type { DownloadConfig } from "./download_options.ts";
import { ExitCode } from "./exit_code.ts";
import { openRequests } from "./requests.ts";

/**
 * Prints what a run would do, a line a file, and does none of it: `dlm download --dry-run`.
 * Resolves with the exit code.
 *
 * @throws {UsageError} if the list can't be opened.
 */
export async function printPlan(config: DownloadConfig): Promise<number> {
  using output = new Output();
  const requests = await openRequests(config, new AbortController().signal);
  const onEvent = (event: DownloadEvent) => {
    const { text, isError } = describe(event);
    if (text === "") return;
    if (isError) output.error(text);
    else if (!config.quiet) output.line(text);
  };
  const manager = new DownloadManager({ ...config, onEvent });
  const { files, skipped, failed, rejected } = await manager.run(requests);
  const counts = `${files - skipped - failed} to fetch, ${skipped} to skip, ${
    failed + rejected
  } bad`;
  if (!config.quiet) output.line(`\nDry run: ${counts}. Nothing was done.`);
  return failed + rejected > 0 ? ExitCode.failed : ExitCode.ok;
}

const WHY: Record<SkippedEvent["reason"], string> = {
  exists: "is already here",
  unchanged: "is already here, and the server has nothing newer",
  duplicate: "has the same URL as a file before it",
};

function describe(event: DownloadEvent): { text: string; isError: boolean } {
  switch (event.type) {
    case "queued":
      return { text: printable(`fetch ${event.path} from ${event.url}`), isError: false };
    case "skipped":
      return { text: printable(`skip  ${event.path}, which ${WHY[event.reason]}`), isError: false };
    case "failed":
      return { text: printable(`✗ ${event.path} Error: ${event.message}`), isError: true };
    case "rejected":
      return { text: printable(`✗ Line ${event.line}: ${event.message}`), isError: true };
    default:
      return { text: "", isError: false };
  }
}
