import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { ManualClock } from "../../src/clock/mod.ts";
import {
  type GracefulShutdownOptions,
  Shutdown,
  ShutdownError,
  type ShutdownEvent,
  type ShutdownSignal,
  type SignalSource,
} from "../../src/shutdown/mod.ts";
import { usualSignals } from "../../src/shutdown/signal_source.ts";
import { testWithin } from "../support/watchdog.ts";

/** Signals that a test sends. */
class FakeSignals implements SignalSource {
  readonly listeners = new Map<ShutdownSignal, Set<() => void>>();

  add(signal: ShutdownSignal, listener: () => void): void {
    const listeners = this.listeners.get(signal) ?? new Set();
    this.listeners.set(signal, listeners.add(listener));
  }

  remove(signal: ShutdownSignal, listener: () => void): void {
    assert(this.listeners.get(signal)?.delete(listener), "removed once");
  }

  send(signal: ShutdownSignal): void {
    for (const listener of [...this.listeners.get(signal) ?? []]) listener();
  }

  /** The signals that are listened to. */
  get heard(): ShutdownSignal[] {
    return [...this.listeners].filter(([, { size }]) => size > 0).map(([signal]) => signal);
  }
}

function make(options: GracefulShutdownOptions = {}) {
  const clock = new ManualClock();
  const source = new FakeSignals();
  const signals = ["SIGINT", "SIGTERM"] as const;
  const shutdown = new Shutdown({ signals, source, clock, ...options });
  const log: string[] = [];
  shutdown.onPhase(({ phase, cause, signal }) =>
    log.push(`${phase} by ${signal ?? cause} @${clock.now()}`)
  );
  return { clock, source, shutdown, log };
}

/** What happens when: a signal, a request; and the steps that follow. */
type Happening = [at: number, what: ShutdownSignal | "request"];

interface Table {
  readonly name: string;
  readonly gracePeriodMs?: number;
  readonly happenings: readonly Happening[];
  readonly steps: readonly string[];
  readonly exitCode: number | undefined;
}

const tables: readonly Table[] = [
  { name: "nothing", happenings: [], steps: [], exitCode: undefined },
  {
    name: "Ctrl+C, then the grace period ends",
    happenings: [[100, "SIGINT"]],
    steps: ["draining by SIGINT @100", "cancelled by timeout @10100"],
    exitCode: 130,
  },
  {
    name: "SIGTERM, then the grace period ends",
    gracePeriodMs: 3_000,
    happenings: [[100, "SIGTERM"]],
    steps: ["draining by SIGTERM @100", "cancelled by timeout @3100"],
    exitCode: 143,
  },
  {
    name: "Ctrl+C twice",
    happenings: [[100, "SIGINT"], [150, "SIGINT"]],
    steps: ["draining by SIGINT @100", "cancelled by SIGINT @150"],
    exitCode: 130,
  },
  {
    name: "SIGTERM, then Ctrl+C: the first one counts",
    happenings: [[100, "SIGTERM"], [150, "SIGINT"]],
    steps: ["draining by SIGTERM @100", "cancelled by SIGINT @150"],
    exitCode: 143,
  },
  {
    name: "two at one moment",
    happenings: [[100, "SIGINT"], [100, "SIGINT"]],
    steps: ["draining by SIGINT @100", "cancelled by SIGINT @100"],
    exitCode: 130,
  },
  {
    name: "a key",
    happenings: [[100, "request"]],
    steps: ["draining by request @100", "cancelled by timeout @10100"],
    exitCode: undefined,
  },
  {
    name: "a key twice",
    happenings: [[100, "request"], [200, "request"]],
    steps: ["draining by request @100", "cancelled by request @200"],
    exitCode: undefined,
  },
  {
    name: "a key, then Ctrl+C",
    happenings: [[100, "request"], [200, "SIGINT"]],
    steps: ["draining by request @100", "cancelled by SIGINT @200"],
    exitCode: 130,
  },
  {
    name: "a signal just before the grace period ends",
    happenings: [[0, "SIGINT"], [9_999, "SIGINT"]],
    steps: ["draining by SIGINT @0", "cancelled by SIGINT @9999"],
    exitCode: 130,
  },
  {
    name: "a request after the end",
    happenings: [[0, "SIGINT"], [1, "SIGINT"], [2, "request"]],
    steps: ["draining by SIGINT @0", "cancelled by SIGINT @1"],
    exitCode: 130,
  },
  {
    name: "no grace",
    gracePeriodMs: 0,
    happenings: [[100, "SIGINT"]],
    steps: ["draining by SIGINT @100", "cancelled by timeout @100"],
    exitCode: 130,
  },
  {
    name: "all the time in the world",
    gracePeriodMs: Infinity,
    happenings: [[100, "SIGINT"]],
    steps: ["draining by SIGINT @100"],
    exitCode: 130,
  },
];

for (const { name, gracePeriodMs, happenings, steps, exitCode } of tables) {
  testWithin(`Shutdown: ${name}`, async () => {
    const { clock, source, shutdown, log } = make({ gracePeriodMs });
    for (const [at, what] of happenings) {
      await clock.advance(at - clock.now());
      if (what === "request") shutdown.request();
      else source.send(what);
    }
    await clock.advance(1e9);
    assertEquals(log, steps);
    assertEquals(shutdown.exitCode, exitCode);
    const phases = ["running", "draining", "cancelled"];
    assertEquals(shutdown.phase, phases[steps.length]);
    assertEquals(shutdown.drain.aborted, steps.length >= 1);
    assertEquals(shutdown.cancel.aborted, steps.length === 2);
    assertEquals(clock.pending, 0);
    shutdown[Symbol.dispose]();
    assertEquals(source.heard, []);
  });
}

testWithin("Shutdown: each phase has its promise, signal and reason", async () => {
  const { clock, source, shutdown } = make({ gracePeriodMs: 500 });
  const seen: string[] = [];
  shutdown.draining.then(({ cause }) => seen.push(`draining: ${cause}`));
  shutdown.cancelled.then(({ cause }) => seen.push(`cancelled: ${cause}`));
  shutdown.drain.addEventListener("abort", () => seen.push(`drain: ${shutdown.phase}`));
  shutdown.cancel.addEventListener("abort", () => seen.push(`cancel: ${shutdown.phase}`));
  source.send("SIGTERM");
  await clock.advance(499);
  assertEquals(seen, ["drain: draining", "draining: signal"]);
  await clock.advance(1);
  assertEquals(seen.slice(2), ["cancel: cancelled", "cancelled: timeout"]);

  const first: ShutdownEvent = {
    phase: "draining",
    cause: "signal",
    signal: "SIGTERM",
    reason: "SIGTERM received",
  };
  const second: ShutdownEvent = {
    phase: "cancelled",
    cause: "timeout",
    reason: "Shutdown timeout (0.5s) reached",
  };
  for (const [signal, event] of [[shutdown.drain, first], [shutdown.cancel, second]] as const) {
    assertInstanceOf(signal.reason, ShutdownError);
    assertInstanceOf(signal.reason, DOMException);
    assertEquals(signal.reason.name, "AbortError");
    assertEquals(signal.reason.event, event);
    assertEquals(signal.reason.message, event.reason);
  }
  assertEquals([await shutdown.draining, await shutdown.cancelled], [first, second]);
});

testWithin(
  "Shutdown: what is said of a request, with and without words, and of a second signal",
  () => {
    const reasons: string[] = [];
    for (const reason of [undefined, "q pressed"]) {
      const { source, shutdown } = make();
      shutdown.onPhase(({ reason }) => reasons.push(reason));
      shutdown.request(reason);
      source.send("SIGINT");
    }
    const second = "Second signal: SIGINT received";
    assertEquals(reasons, ["Shutdown requested", second, "q pressed", second]);
  },
);

testWithin("Shutdown: observers are told before the signal aborts", () => {
  const { shutdown } = make();
  const order: string[] = [];
  shutdown.onPhase(({ phase }) => order.push(`told ${phase}, ${shutdown.phase}`));
  shutdown.drain.addEventListener("abort", () => order.push("drain"));
  shutdown.cancel.addEventListener("abort", () => order.push("cancel"));
  shutdown.request();
  shutdown.request();
  assertEquals(order, ["told draining, draining", "drain", "told cancelled, cancelled", "cancel"]);
});

testWithin("Shutdown: an observer can leave", () => {
  const { shutdown } = make();
  const told: string[] = [];
  const leave = shutdown.onPhase(({ phase }) => {
    told.push(phase);
    leave();
  });
  shutdown.onPhase(({ phase }) => told.push(`other ${phase}`));
  shutdown.request();
  shutdown.request();
  leave();
  assertEquals(told, ["draining", "other draining", "other cancelled"]);
});

testWithin("Shutdown: an observer that throws is reported and stops nothing", () => {
  const { shutdown, log } = make();
  const reported: string[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error.message);
  };
  globalThis.addEventListener("error", onError);
  shutdown.onPhase(() => {
    throw new Error("observer");
  });
  shutdown.onPhase(({ phase }) => log.push(`after: ${phase}`));
  shutdown.request();
  globalThis.removeEventListener("error", onError);
  assertEquals(reported, ["observer"]);
  assertEquals(log, ["draining by request @0", "after: draining"]);
  assertEquals(shutdown.drain.aborted, true);
});

testWithin(
  "Shutdown: once cancelled it listens no more, so that a third signal ends it all",
  () => {
    const { clock, source, shutdown } = make();
    assertEquals(source.heard, ["SIGINT", "SIGTERM"]);
    source.send("SIGINT");
    assertEquals([source.heard, clock.pending], [["SIGINT", "SIGTERM"], 1]);
    source.send("SIGINT");
    assertEquals([source.heard, clock.pending], [[], 0]);
    shutdown[Symbol.dispose]();
  },
);

testWithin("Shutdown: dispose takes back listeners and timer, and stays as it is", async () => {
  const { clock, source, shutdown, log } = make();
  source.send("SIGINT");
  assertEquals(clock.pending, 1);
  shutdown[Symbol.dispose]();
  shutdown[Symbol.dispose]();
  assertEquals([clock.pending, source.heard], [0, []]);
  shutdown.request();
  await clock.advance(1e6);
  assertEquals(log, ["draining by SIGINT @0"]);
  assertEquals([shutdown.phase, shutdown.cancel.aborted], ["draining", false]);
});

testWithin("Shutdown: a signal that can't be listened to leaves no other listener", () => {
  const source = new FakeSignals();
  const add = source.add.bind(source);
  source.add = (signal, listener) => {
    if (signal === "SIGBREAK") throw new TypeError("Invalid signal: SIGBREAK");
    add(signal, listener);
  };
  const signals = ["SIGINT", "SIGBREAK"] as const;
  assertThrows(() => new Shutdown({ signals, source }), TypeError, "SIGBREAK");
  assertEquals(source.heard, []);
});

testWithin("Shutdown: a signal given twice is heard once", () => {
  const { source, shutdown, log } = make({ signals: ["SIGHUP", "SIGHUP"] });
  source.send("SIGHUP");
  assertEquals(log, ["draining by SIGHUP @0"]);
  assertEquals([shutdown.signal, shutdown.exitCode], ["SIGHUP", 129]);
  shutdown[Symbol.dispose]();
});

testWithin("Shutdown: the usual signals are those the system has", () => {
  assertEquals(usualSignals("windows"), ["SIGINT", "SIGBREAK"]);
  for (const os of ["linux", "darwin"] as const) {
    assertEquals(usualSignals(os), ["SIGINT", "SIGTERM"]);
  }
});

testWithin("Shutdown: bad settings are refused by name", () => {
  for (const gracePeriodMs of [-1, NaN]) {
    const message = `gracePeriodMs must be 0 or more, got ${gracePeriodMs}`;
    assertThrows(() => new Shutdown({ gracePeriodMs, signals: [] }), RangeError, message);
  }
});
