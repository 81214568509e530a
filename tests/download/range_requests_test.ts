import { assertEquals } from "@std/assert";
import { Mirrors } from "../../src/download/_mirrors.ts";
import type { Partial } from "../../src/download/_partial.ts";
import { RangeRequests } from "../../src/download/_range_requests.ts";
import type { Task } from "../../src/download/_task.ts";
import { DownloadError } from "../../src/download/errors.ts";
import type { Transport } from "../../src/download/transport.ts";
import { testWithin } from "../support/watchdog.ts";

testWithin("a connection whose mirror is of no use goes to another one", async () => {
  const asked: string[] = [];
  const body = { next: () => Promise.resolve(undefined), cancel() {}, abort() {} };
  const headers = new Headers({ "content-range": "bytes 5-9/10", "content-length": "5" });
  const transport = {
    get({ url }: { url: URL }) {
      asked.push(url.host);
      if (url.host !== "c") throw new DownloadError("connect", "refused", { retryable: true });
      return Promise.resolve({ url, response: { status: 206, headers, body } });
    },
  } as unknown as Transport;
  const partial = {
    validatorFor: () => undefined,
    accepts: () => true,
    adopt() {},
  } as unknown as Partial;
  const mirrors = new Mirrors(["http://a/", "http://b/", "http://c/"].map((url) => new URL(url)));
  const { signal } = new AbortController();
  const task = { mirrors, request: {}, plan: {} } as Task;
  const requests = new RangeRequests(task, partial, signal, { transport, segments: 3 });
  assertEquals(await requests.open({ start: 5, end: 10 }, 1, signal), body);
  assertEquals(asked.at(-1), "c");
});
