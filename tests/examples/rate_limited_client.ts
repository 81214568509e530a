/**
 * A client that keeps to a server's limit, and waits as long as the server says when it is told
 * that it went too fast (429 Too Many Requests).
 *
 * The limiter spaces the requests, the pool bounds how many are under way, and `retry` takes the
 * delay from the response's `Retry-After`.
 */
import { retry, TokenBucket, WorkerPool } from "@dlm/dlm";

class TooManyRequests extends Error {
  constructor(readonly retryAfterMs: number) {
    super(`rate limited, retry after ${retryAfterMs} ms`);
  }
}

let requests = 0;
let wasTooFast = false;
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
  const { pathname } = new URL(request.url);
  requests++;
  if (pathname !== "/3" || wasTooFast) return new Response(`page ${pathname}`);
  wasTooFast = true;
  return new Response(null, { status: 429, headers: { "retry-after": "1" } });
});
const origin = `http://127.0.0.1:${server.addr.port}`;

const limiter = new TokenBucket({ limit: 100, burst: 1 });

async function get(path: string, signal: AbortSignal): Promise<string> {
  await limiter.wait(1, { signal });
  const response = await fetch(origin + path, { signal });
  const body = await response.text();
  if (response.status !== 429) return body;
  throw new TooManyRequests(Number(response.headers.get("retry-after")) * 1_000);
}

const pool = new WorkerPool(
  (path: string, { signal }) =>
    retry((attempt) => get(path, attempt.signal), {
      maxAttempts: 3,
      delayFrom: (error) => error instanceof TooManyRequests ? error.retryAfterMs : undefined,
      onRetry: ({ error }) => console.log(`${path}: ${error instanceof Error && error.message}`),
      signal,
    }),
  { workers: 2, results: "ordered" },
);

await pool.pull(["/1", "/2", "/3", "/4", "/5", "/6"]);
await pool.shutdown();
for await (const result of pool.results) console.log(result.ok ? result.value : result.error);

console.log(`${requests} requests for 6 pages`);
await server.shutdown();
