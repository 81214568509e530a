import { canRedraw, type Setting, speed, StandardScreen, useColor } from "../display/mod.ts";
import { type DownloadEvent, DownloadManager, type FailureKind } from "../download/mod.ts";
import { Shutdown } from "../shutdown/mod.ts";
import type { DownloadConfig } from "./download_options.ts";
import { printPlan } from "./plan.ts";
import { openRequests } from "./requests.ts";
import { exitCode } from "./exit_code.ts";
import { VERSION } from "./version.ts";

/**
 * Runs `dlm download` and resolves with its exit code.
 *
 * @throws {UsageError} if the list can't be opened.
 */
export async function download(config: DownloadConfig): Promise<number> {
  useColor(config.color, Deno.env.get);
  if (config.dryRun) return await printPlan(config);
  using screen = new StandardScreen({
    version: VERSION,
    settings: settingsOf(config),
    workers: typeof config.workers === "number" ? config.workers : config.workers.max,
    graceMs: config.graceMs,
    quiet: config.quiet,
    live: canRedraw(Deno.env.get),
  });
  using shutdown = new Shutdown({ gracePeriodMs: config.graceMs });
  const requests = await openRequests(config, shutdown.drain);
  const failures = new Set<FailureKind>();
  const onEvent = (event: DownloadEvent) => {
    if (event.type === "failed") failures.add(event.kind);
    screen.onEvent(event);
  };
  screen.open();
  const manager = new DownloadManager({
    ...config,
    userAgent: config.userAgent ?? `dlm/${VERSION}`,
    drain: shutdown.drain,
    signal: shutdown.cancel,
    onEvent,
  });
  const summary = await manager.run(requests);
  return exitCode(summary, shutdown.signal, failures);
}

function settingsOf(config: DownloadConfig): Setting[] {
  const { workers, adaptive, queue, dir, ifExists, bytesPerSecond, requestsPerSecond } = config;
  const range = typeof workers === "number" ? `${workers}` : `${workers.min}..${workers.max}`;
  const settings: Setting[] = [
    ["Workers", adaptive ? `${range}, adaptive` : range],
    ["Queue Size", `${queue}`],
    ["Folder", dir],
    ["If Exists", ifExists],
  ];
  if (bytesPerSecond !== Infinity) settings.push(["Rate Limit", speed(bytesPerSecond)]);
  if (requestsPerSecond !== Infinity) settings.push(["Request Rate", `${requestsPerSecond}/s`]);
  if (config.verify || config.checksums) settings.push(["Verify", "enabled"]);
  if (config.pipeline) settings.push(["Mode", "pipeline"]);
  return settings;
}
