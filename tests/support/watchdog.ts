/** The time that a test may take unless it says otherwise. */
const DEFAULT_LIMIT_MS = 10_000;

/**
 * Registers a test that must finish within `limitMs` milliseconds and may leave nothing behind: no
 * timer, no open resource, no exit.
 *
 * A channel test that goes wrong seldom throws, it waits for ever. The watchdog turns that into a
 * failure that names the test.
 */
export function testWithin(
  name: string,
  fn: (t: Deno.TestContext) => void | Promise<void>,
  limitMs = DEFAULT_LIMIT_MS,
): void {
  Deno.test({
    name,
    sanitizeOps: true,
    sanitizeResources: true,
    sanitizeExit: true,
    fn: (t) => within(name, limitMs, () => fn(t)),
  });
}

async function within(
  name: string,
  limitMs: number,
  body: () => void | Promise<void>,
): Promise<void> {
  const expired = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => expired.reject(new Error(`Test "${name}" did not finish within ${limitMs} ms`)),
    limitMs,
  );
  try {
    await Promise.race([body(), expired.promise]);
  } finally {
    clearTimeout(timer);
  }
}
