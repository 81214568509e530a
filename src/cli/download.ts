import { type EventObserver, type Screen, useColor } from "../display/mod.ts";
import { DownloadManager, type FailureKind } from "../download/mod.ts";
import { Shutdown } from "../shutdown/mod.ts";
import type { DownloadConfig } from "./download_options.ts";
import { followLimits, withLimits } from "./limits.ts";
import { listSize } from "./list_size.ts";
import { openRequests } from "./requests.ts";
import { exitCode } from "./exit_code.ts";
import { VERSION } from "./version.ts";
import { chooseScreen, openRecords } from "./watch.ts";

/**
 * Runs `dlm download` and resolves with its exit code.
 *
 * @throws {UsageError} if the list, the limits, the log or the report can't be opened.
 */
export async function download(asked: DownloadConfig): Promise<number> {
  useColor(asked.color, Deno.env.get);
  const config = withLimits(asked);
  if (config.dryRun) {
    const { printPlan } = await import("./plan.ts");
    return await printPlan(config);
  }
  using shutdown = new Shutdown({ gracePeriodMs: config.graceMs });
  const requests = await openRequests(config, shutdown.drain);
  using records = new DisposableStack();
  const observers: EventObserver[] = openRecords(config).map((record) => records.use(record));
  const failures = new Set<FailureKind>();
  const manager = new DownloadManager({
    ...config,
    userAgent: config.userAgent ?? `dlm/${VERSION}`,
    drain: shutdown.drain,
    signal: shutdown.cancel,
    onEvent(event) {
      if (event.type === "failed") failures.add(event.kind);
      for (const observer of observers) observer.onEvent(event);
    },
  });
  using screen = await chooseScreen(config, manager, () => shutdown.request("Quit"));
  observers.push(screen);
  screen.open();
  if (!config.quiet) tellSize(config, screen);
  const running = manager.run(requests);
  using _limits = followLimits(asked, config.adaptive, manager, (line) => screen.say(line));
  const summary = await running;
  return exitCode(summary, shutdown.signal, failures);
}

/** Tells the screen how much there is to do, as soon as that is known. */
async function tellSize({ list, requests }: DownloadConfig, screen: Screen): Promise<void> {
  const listed = list === undefined ? 0 : await listSize(list);
  if (listed !== undefined) screen.expect(requests.length + listed);
}
