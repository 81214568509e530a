import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  CircuitOpenError,
  type CircuitPermit,
} from "../../src/resilience/mod.ts";
import { testWithin } from "../support/watchdog.ts";

function make(options: CircuitBreakerOptions = {}) {
  const clock = new ManualClock();
  const changes: string[] = [];
  const breaker = new CircuitBreaker({
    failureThreshold: 2,
    resetTimeoutMs: 1_000,
    onStateChange: ({ from, to, at }) => changes.push(`${from} > ${to} @${at}`),
    clock,
    ...options,
  });
  const acquire = (): CircuitPermit => {
    const permit = breaker.tryAcquire();
    if (permit === undefined) throw new Error("refused");
    return permit;
  };
  const open = () => {
    while (breaker.state !== "open") acquire().failure();
  };
  return { clock, changes, breaker, acquire, open };
}

/** Calls as they end: S for success, F for failure, digits for a pause of so many seconds. */
const openings: { name: string; options: CircuitBreakerOptions; calls: string; open: boolean }[] = [
  { name: "too few failures", options: { failureThreshold: 3 }, calls: "FF", open: false },
  { name: "just enough failures", options: { failureThreshold: 3 }, calls: "FFF", open: true },
  { name: "successes in between", options: { failureThreshold: 3 }, calls: "FSSFSSF", open: true },
  { name: "failures that are too old", options: { windowMs: 5_000 }, calls: "F6F", open: false },
  { name: "failures that are just not", options: { windowMs: 5_000 }, calls: "F4F", open: true },
  {
    name: "a rate that is too low",
    options: { failureThreshold: 1, failureRate: 0.5 },
    calls: "SSFSF",
    open: false,
  },
  {
    name: "a rate that is high enough",
    options: { failureThreshold: 1, failureRate: 0.5 },
    calls: "SSFSFF",
    open: true,
  },
  {
    name: "too few calls for a rate",
    options: { failureThreshold: 1, failureRate: 0.5, minimumCalls: 5 },
    calls: "FFFF",
    open: false,
  },
  {
    name: "enough calls for a rate",
    options: { failureThreshold: 1, failureRate: 0.5, minimumCalls: 5 },
    calls: "FFFFF",
    open: true,
  },
  {
    name: "a rule of one's own",
    options: { opensWhen: ({ calls, failures }) => failures === 1 && calls === 3 },
    calls: "SSF",
    open: true,
  },
];

for (const { name, options, calls, open } of openings) {
  testWithin(`CircuitBreaker: ${name} ${open ? "opens" : "doesn't open"} it`, async () => {
    const { clock, breaker, acquire } = make(options);
    for (const call of calls) {
      assertEquals(breaker.state, "closed");
      if (call === "S") acquire().success();
      else if (call === "F") acquire().failure();
      else await clock.advance(Number(call) * 1_000);
    }
    assertEquals(breaker.state, open ? "open" : "closed");
    assertEquals(clock.pending, 0);
  });
}

testWithin("CircuitBreaker: the whole round, with its events", async () => {
  const { clock, changes, breaker, acquire, open } = make();
  open();
  assertEquals([breaker.tryAcquire(), breaker.retryAfterMs], [undefined, 1_000]);
  await clock.advance(999);
  assertEquals([breaker.state, breaker.retryAfterMs], ["open", 1]);
  await clock.advance(1);
  assertEquals([breaker.retryAfterMs, breaker.state], [0, "half-open"]);
  acquire().failure();
  assertEquals(breaker.retryAfterMs, 1_000);
  await clock.advance(1_500);
  acquire().success();
  assertEquals(breaker.state, "closed");
  assertEquals(changes, [
    "closed > open @0",
    "open > half-open @1000",
    "half-open > open @1000",
    "open > half-open @2500",
    "half-open > closed @2500",
  ]);
});

testWithin("CircuitBreaker: it forgets what it counted when it closes", async () => {
  const { clock, breaker, acquire, open } = make({ failureThreshold: 3 });
  open();
  await clock.advance(1_000);
  acquire().success();
  assertEquals(breaker.counts, { calls: 0, failures: 0 });
  acquire().failure();
  acquire().failure();
  assertEquals([breaker.state, breaker.counts], ["closed", { calls: 2, failures: 2 }]);
});

testWithin("CircuitBreaker: half-open lets at most so many probes through at once", async () => {
  const { clock, breaker, acquire, open } = make({ probes: 2, probeSuccesses: 3 });
  open();
  await clock.advance(1_000);
  const first = acquire();
  await clock.advance(100);
  const second = acquire();
  assertEquals([breaker.tryAcquire(), breaker.retryAfterMs], [undefined, 900]);
  first.success();
  const third = acquire();
  assertEquals(breaker.tryAcquire(), undefined);
  third.success();
  assertEquals(breaker.state, "half-open");
  second.success();
  assertEquals(breaker.state, "closed");
});

testWithin("CircuitBreaker: a probe that says nothing gives its place up", async () => {
  const { clock, breaker, acquire, open } = make();
  open();
  await clock.advance(1_000);
  acquire().ignore();
  {
    using _disposed = acquire();
  }
  const lost = acquire();
  await clock.advance(999);
  assertEquals(breaker.tryAcquire(), undefined);
  await clock.advance(1);
  const next = acquire();
  assertEquals(breaker.tryAcquire(), undefined);
  lost.success(); // late, but it is news
  assertEquals(breaker.state, "closed");
  next.failure(); // from before it closed
  assertEquals(breaker.counts, { calls: 0, failures: 0 });
});

testWithin("CircuitBreaker: results from before a change of state don't count", async () => {
  const { clock, breaker, acquire, open } = make();
  const slow = Array.from({ length: 5 }, acquire);
  open();
  slow[0]!.success();
  slow[1]!.failure();
  assertEquals(breaker.state, "open");
  await clock.advance(1_000);
  slow[2]!.success();
  assertEquals(breaker.state, "half-open");
  acquire().success();
  slow[3]!.failure();
  slow[4]!.failure();
  assertEquals([breaker.state, breaker.counts], ["closed", { calls: 0, failures: 0 }]);
});

testWithin("CircuitBreaker: a permit counts once", () => {
  const { breaker, acquire } = make();
  const permit = acquire();
  permit.success();
  permit.failure();
  permit.success();
  assertEquals(breaker.counts, { calls: 1, failures: 0 });
  acquire().ignore();
  assertEquals(breaker.counts, { calls: 1, failures: 0 });
});

testWithin("CircuitBreaker: what a permit is told with can be handed on", async () => {
  const { breaker, acquire } = make();
  for (const call of [Promise.resolve(), Promise.reject(new Error("down"))]) {
    const { success, failure } = acquire();
    await call.then(success, failure);
  }
  assertEquals(breaker.counts, { calls: 2, failures: 1 });
});

testWithin("CircuitBreaker: the reset timeout grows to its cap and starts over", async () => {
  const { clock, breaker, acquire, open } = make({ resetGrowth: 3, maxResetTimeoutMs: 5_000 });
  const waits: number[] = [];
  open();
  for (let i = 0; i < 4; i++) {
    waits.push(breaker.retryAfterMs);
    await clock.advance(breaker.retryAfterMs);
    acquire().failure();
  }
  assertEquals(waits, [1_000, 3_000, 5_000, 5_000]);
  await clock.advance(5_000);
  acquire().success();
  open();
  assertEquals(breaker.retryAfterMs, 1_000);
});

testWithin("CircuitBreaker: call counts what fn does, and passes it on", async () => {
  const { clock, breaker } = make();
  const down = new Error("down");
  assertEquals(await breaker.call(() => 5), 5);
  assertEquals(await breaker.call(() => Promise.resolve(6)), 6);
  const thrown = () => {
    throw down;
  };
  assertStrictEquals(await assertRejects(() => breaker.call(thrown)), down);
  assertEquals(breaker.counts, { calls: 3, failures: 1 });
  assertStrictEquals(await assertRejects(() => breaker.call(() => Promise.reject(down))), down);

  let called = false;
  const refused = await assertRejects(() => breaker.call(() => called = true), CircuitOpenError);
  assertEquals([refused.retryAfterMs, called], [1_000, false]);
  assertEquals(refused.message, "Cannot call: the circuit is open for another 1000 ms");
  await clock.advance(1_000);
  await breaker.call(() => {});
  assertEquals(breaker.state, "closed");
});

testWithin("CircuitBreaker: classify says what an error means", async () => {
  const { breaker } = make({
    classify: (error) => {
      const { message } = error as Error;
      if (message === "404") return "success";
      return message === "cancelled" ? "ignore" : "failure";
    },
  });
  for (const message of ["404", "cancelled", "500"]) {
    await assertRejects(() => breaker.call(() => Promise.reject(new Error(message))));
  }
  assertEquals(breaker.counts, { calls: 2, failures: 1 });
});

testWithin("CircuitBreaker: by default a call that was aborted says nothing", async () => {
  const { breaker } = make();
  const signal = AbortSignal.abort();
  await assertRejects(() => breaker.call(() => signal.throwIfAborted()));
  assertEquals(breaker.counts, { calls: 0, failures: 0 });
});

testWithin("CircuitBreaker: a classify that throws doesn't hold the probe's place", async () => {
  const { clock, breaker, open } = make({
    classify: () => {
      throw new Error("classify");
    },
  });
  open();
  await clock.advance(1_000);
  const call = () => breaker.call(() => Promise.reject(new Error("down")));
  await assertRejects(call, Error, "classify");
  assertEquals([breaker.state, breaker.retryAfterMs], ["half-open", 0]);
});

testWithin("CircuitBreaker: what onStateChange throws is reported, and harms nothing", () => {
  const { breaker, acquire } = make({
    failureThreshold: 1,
    onStateChange: () => {
      throw new Error("listener");
    },
  });
  const reported: string[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error.message);
  };
  globalThis.addEventListener("error", onError);
  acquire().failure();
  globalThis.removeEventListener("error", onError);
  assertEquals([breaker.state, reported], ["open", ["listener"]]);
});

testWithin("CircuitBreaker: ten workers against a dead server make few calls", async () => {
  const { clock, breaker } = make({ failureThreshold: 5 });
  let calls = 0;
  const worker = async () => {
    for (let job = 0; job < 100; job++) {
      await breaker.call(() => {
        calls++;
        throw new Error("down");
      }).catch(() => {});
      await clock.sleep(100);
    }
  };
  const workers = Array.from({ length: 10 }, worker);
  await clock.advance(10_000);
  await Promise.all(workers);
  // Five open it; then one probe in each of the nine and a half seconds that follow.
  assertEquals(calls <= 5 + 10, true, `${calls}`);
});

testWithin("CircuitBreaker: bad settings are refused by name", () => {
  const bad: [CircuitBreakerOptions, string][] = [
    [{ failureThreshold: 0 }, "failureThreshold must be an integer of at least 1, got 0"],
    [{ failureRate: 1.5 }, "failureRate must be between 0 and 1, got 1.5"],
    [{ minimumCalls: -1 }, "minimumCalls must be an integer of at least 0, got -1"],
    [{ windowMs: 0 }, "windowMs must be a finite positive number, got 0"],
    [{ resetTimeoutMs: Infinity }, "resetTimeoutMs must be a finite positive number, got Infinity"],
    [{ resetGrowth: 0.5 }, "resetGrowth must be at least 1, got 0.5"],
    [{ maxResetTimeoutMs: 1 }, "maxResetTimeoutMs must be finite, at least resetTimeoutMs, got 1"],
    [{ probes: 0 }, "probes must be an integer of at least 1, got 0"],
    [{ probeSuccesses: 0 }, "probeSuccesses must be an integer of at least 1, got 0"],
  ];
  for (const [options, message] of bad) {
    assertThrows(() => new CircuitBreaker(options), RangeError, message);
  }
});
