import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import {
  type Attempt,
  retry,
  RetryBudget,
  type RetryEvent,
  type RetryOptions,
} from "../../src/resilience/mod.ts";
import { testWithin } from "../support/watchdog.ts";

class Busy extends Error {
  readonly retryAfterMs: number | undefined;
  constructor(retryAfterMs?: number) {
    super("busy");
    this.retryAfterMs = retryAfterMs;
  }
}

/** A function that fails so many times and then returns "done"; notes when it was called. */
function flaky(clock: ManualClock, failures: number, error: () => unknown = () => new Busy()) {
  const calls: number[] = [];
  const fn = () => {
    calls.push(clock.now());
    if (calls.length <= failures) throw error();
    return "done";
  };
  return { calls, fn };
}

const EVEN: RetryOptions = { jitter: 0, baseMs: 100 };

const schedules: { name: string; failures: number; options: RetryOptions; calls: number[] }[] = [
  { name: "success at once", failures: 0, options: {}, calls: [0] },
  { name: "exponential", failures: 4, options: EVEN, calls: [0, 100, 300, 700, 1_500] },
  { name: "capped", failures: 4, options: { ...EVEN, maxMs: 250 }, calls: [0, 100, 300, 550, 800] },
  {
    name: "tripling",
    failures: 3,
    options: { ...EVEN, multiplier: 3 },
    calls: [0, 100, 400, 1_300],
  },
  {
    name: "full jitter",
    failures: 3,
    options: { baseMs: 100, random: () => 0.75 },
    calls: [0, 25, 75, 175],
  },
  { name: "no wait", failures: 3, options: { baseMs: 0 }, calls: [0, 0, 0, 0] },
];

for (const { name, failures, options, calls } of schedules) {
  testWithin(`retry: ${name}`, async () => {
    const clock = new ManualClock();
    const work = flaky(clock, failures);
    const result = retry(work.fn, { ...options, clock });
    await clock.advance(10_000);
    assertEquals(await result, "done");
    assertEquals(work.calls, calls);
    assertEquals(clock.pending, 0);
  });
}

testWithin("retry: gives up after maxAttempts, with the last error as it is", async () => {
  const clock = new ManualClock();
  const errors = [1, 2, 3].map((n) => new Error(`${n}`));
  const work = flaky(clock, Infinity, () => errors[work.calls.length - 1]);
  const failed = assertRejects(() => retry(work.fn, { ...EVEN, maxAttempts: 3, clock }));
  await clock.advance(10_000);
  assertStrictEquals(await failed, errors[2]);
  assertEquals(work.calls, [0, 100, 300]);
});

testWithin("retry: throws what isn't an error as it is", async () => {
  const thrown = await retry(() => Promise.reject("text"), { maxAttempts: 1 }).catch((it) => it);
  assertEquals(thrown, "text");
});

testWithin("retry: five attempts by default, and any number with Infinity", async () => {
  const clock = new ManualClock();
  const five = flaky(clock, Infinity);
  const failed = assertRejects(() => retry(five.fn, { baseMs: 0, clock }), Busy);
  await clock.advance(0);
  await failed;
  assertEquals(five.calls.length, 5);
  const many = flaky(clock, 1_000);
  const done = retry(many.fn, { baseMs: 0, maxAttempts: Infinity, clock });
  await clock.advance(0);
  assertEquals(await done, "done");
});

testWithin("retry: retryIf decides which errors are worth it", async () => {
  const clock = new ManualClock();
  const work = flaky(clock, 9, () => work.calls.length < 3 ? new Busy() : new TypeError("no"));
  const options = { ...EVEN, retryIf: (error: unknown) => error instanceof Busy, clock };
  const failed = assertRejects(() => retry(work.fn, options), TypeError, "no");
  await clock.advance(10_000);
  await failed;
  assertEquals(work.calls.length, 3);
});

const asked: { name: string; ask: number | undefined; calls: number[] }[] = [
  { name: "longer than the cap", ask: 5_000, calls: [0, 5_000] },
  { name: "shorter", ask: 5, calls: [0, 5] },
  { name: "at once", ask: 0, calls: [0, 0] },
  { name: "nothing", ask: undefined, calls: [0, 100] },
  { name: "a negative time", ask: -1, calls: [0, 100] },
  { name: "nonsense", ask: NaN, calls: [0, 100] },
  { name: "never", ask: Infinity, calls: [0, 100] },
];

for (const { name, ask, calls } of asked) {
  testWithin(`retry: the error asks for ${name}`, async () => {
    const clock = new ManualClock();
    const work = flaky(clock, 1, () => new Busy(ask));
    const options: RetryOptions = {
      ...EVEN,
      maxMs: 1_000,
      delayFrom: (error) => error instanceof Busy ? error.retryAfterMs : undefined,
      clock,
    };
    const result = retry(work.fn, options);
    await clock.advance(10_000);
    await result;
    assertEquals(work.calls, calls);
  });
}

testWithin("retry: onRetry hears of each retry before its wait, and not of the end", async () => {
  const clock = new ManualClock();
  const error = new Busy();
  const events: (RetryEvent & { at: number })[] = [];
  const options: RetryOptions = {
    ...EVEN,
    maxAttempts: 3,
    onRetry: (event) => events.push({ ...event, at: clock.now() }),
    clock,
  };
  const failed = assertRejects(() => retry(flaky(clock, 9, () => error).fn, options));
  await clock.advance(10_000);
  await failed;
  assertEquals(events, [
    { attempt: 1, error, delayMs: 100, at: 0 },
    { attempt: 2, error, delayMs: 200, at: 100 },
  ]);
});

testWithin("retry: what onRetry throws ends the call", async () => {
  const clock = new ManualClock();
  const work = flaky(clock, 9);
  const onRetry = () => {
    throw new Error("enough");
  };
  await assertRejects(() => retry(work.fn, { onRetry, clock }), Error, "enough");
  assertEquals([work.calls.length, clock.pending], [1, 0]);
});

/** A function whose attempts never end by themselves; it notes how their signals ended. */
function hanging() {
  const ended: string[] = [];
  const fn = ({ attempt, signal }: Attempt) =>
    new Promise<never>(() => {
      const onAbort = () => ended.push(`${attempt}: ${signal.reason?.name ?? signal.reason}`);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  return { ended, fn };
}

testWithin(
  "retry: an attempt that takes too long is left behind, whether it heeds or not",
  async () => {
    const clock = new ManualClock();
    const work = hanging();
    const options = { ...EVEN, maxAttempts: 2, attemptTimeoutMs: 50, clock };
    const failed = assertRejects(() => retry(work.fn, options), DOMException, "longer than 50 ms");
    await clock.advance(199);
    assertEquals(work.ended, ["1: TimeoutError"]);
    await clock.advance(1);
    assertEquals((await failed).name, "TimeoutError");
    assertEquals(work.ended, ["1: TimeoutError", "2: TimeoutError"]);
    assertEquals(clock.pending, 0);
  },
);

testWithin("retry: an attempt that ends in time leaves no timer", async () => {
  const clock = new ManualClock();
  assertEquals(await retry(() => 1, { attemptTimeoutMs: 50, clock }), 1);
  assertEquals(clock.pending, 0);
});

testWithin("retry: what an abandoned attempt throws later disturbs nobody", async () => {
  const clock = new ManualClock();
  const late = Promise.withResolvers<never>();
  const fn = ({ attempt }: Attempt) => attempt === 1 ? late.promise : "second";
  const result = retry(fn, { ...EVEN, attemptTimeoutMs: 50, clock });
  await clock.advance(150);
  assertEquals(await result, "second");
  late.reject(new Error("late"));
  await clock.advance(0);
});

testWithin("retry: cancel ends an attempt at once", async () => {
  const clock = new ManualClock();
  const stop = new AbortController();
  const work = hanging();
  const judged: unknown[] = [];
  const budget = new RetryBudget();
  const retryIf = (error: unknown) => judged.push(error) > 0;
  const options = { signal: stop.signal, retryIf, budget, clock };
  const failed = assertRejects(() => retry(work.fn, options));
  await clock.advance(10);
  const reason = new Error("stop");
  stop.abort(reason);
  assertStrictEquals(await failed, reason);
  assertEquals(work.ended, ["1: Error"]);
  assertEquals([judged, budget.tokens], [[], 100], "it is no failure");
});

testWithin("retry: cancel ends a wait at once and clears its timer", async () => {
  const clock = new ManualClock();
  const stop = new AbortController();
  const work = flaky(clock, 9);
  const failed = assertRejects(() => retry(work.fn, { ...EVEN, signal: stop.signal, clock }));
  await clock.advance(50);
  stop.abort("stop");
  assertEquals(await failed.catch((error) => error), "stop");
  assertEquals([work.calls.length, clock.pending], [1, 0]);
});

testWithin("retry: a cancelled attempt's own error gives way to the reason", async () => {
  const stop = new AbortController();
  const reason = new Error("stop");
  const fn = () => {
    stop.abort(reason);
    throw new Error("connection closed");
  };
  const error = await assertRejects(() => retry(fn, { signal: stop.signal }));
  assertStrictEquals(error, reason);
});

testWithin("retry: a signal that has aborted makes no attempt", async () => {
  let calls = 0;
  const reason = new Error("gone");
  const options = { signal: AbortSignal.abort(reason) };
  assertStrictEquals(await assertRejects(() => retry(() => calls++, options)), reason);
  assertEquals(calls, 0);
});

testWithin("retry: it leaves no listener on the signal", async () => {
  const clock = new ManualClock();
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    assert(listeners <= 1, "one at a time");
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  const result = retry(flaky(clock, 3).fn, { ...EVEN, attemptTimeoutMs: 10, signal, clock });
  await clock.advance(10_000);
  await result;
  assertEquals(listeners, 0);
});

testWithin("retry: calls that share a budget stop retrying when it is used up", async () => {
  const clock = new ManualClock();
  const budget = new RetryBudget({ maxTokens: 10, tokenRatio: 0.1 });
  let calls = 0;
  const down = () => {
    calls++;
    throw new Busy();
  };
  const options = { baseMs: 0, maxAttempts: 100, budget, clock };
  const failed = Array.from({ length: 3 }, () => assertRejects(() => retry(down, options), Busy));
  await clock.advance(0);
  await Promise.all(failed);
  assertEquals(calls, 3 + 4, "first attempts and four retries");
});

testWithin("retry: successes and final failures fill the budget", async () => {
  const budget = new RetryBudget({ maxTokens: 10, tokenRatio: 0.5 });
  for (let i = 0; i < 3; i++) budget.failure();
  await retry(() => "ok", { budget });
  assertEquals(budget.tokens, 7.5);
  const retryIf = () => false;
  await assertRejects(() => retry(() => Promise.reject(new Busy()), { budget, retryIf }));
  assertEquals(budget.tokens, 8);
});

testWithin("retry: bad options are refused before the first attempt", async () => {
  const bad: [RetryOptions, string][] = [
    [{ maxAttempts: 0 }, "maxAttempts must be a positive integer or Infinity, got 0"],
    [{ maxAttempts: 1.5 }, "maxAttempts must be a positive integer or Infinity, got 1.5"],
    [{ maxAttempts: NaN }, "maxAttempts must be a positive integer or Infinity, got NaN"],
    [{ attemptTimeoutMs: 0 }, "attemptTimeoutMs must be more than 0, got 0"],
    [{ baseMs: -1 }, "baseMs must be a finite number of 0 or more, got -1"],
  ];
  for (const [options, message] of bad) {
    let calls = 0;
    await assertRejects(() => retry(() => calls++, options), RangeError, message);
    assertEquals(calls, 0);
  }
});
