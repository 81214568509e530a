import {
  type DownloadEvent,
  DownloadManager,
  type DownloadManagerOptions,
  parseUrl,
  type Requests,
  type Summary,
} from "../../src/download/mod.ts";

/** What a run came to, with everything it told. */
export interface Run {
  readonly summary: Summary;
  readonly events: readonly DownloadEvent[];
}

/** Downloads with a manager and keeps its events. */
export async function runManager(
  requests: Requests,
  options: DownloadManagerOptions = {},
): Promise<Run> {
  const events: DownloadEvent[] = [];
  const manager = new DownloadManager({
    retryDelayMs: 1,
    ...options,
    onEvent: (event) => {
      events.push(event);
      options.onEvent?.(event);
    },
  });
  return { summary: await manager.run(requests), events };
}

/** Requests for plain URLs. */
export function requestsFor(...urls: string[]): { urls: [URL] }[] {
  return urls.map((url) => ({ urls: [parseUrl(url)] }));
}

/** The events of one type. */
export function only<Type extends DownloadEvent["type"]>(
  events: readonly DownloadEvent[],
  type: Type,
): Extract<DownloadEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<DownloadEvent, { type: Type }> =>
    event.type === type
  );
}
