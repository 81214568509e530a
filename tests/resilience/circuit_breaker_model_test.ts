import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { ManualClock } from "../../src/clock/mod.ts";
import { CircuitBreaker, type CircuitPermit, type CircuitState } from "../../src/resilience/mod.ts";
import { testWithin } from "../support/watchdog.ts";

const WINDOW_MS = 1_000;
const SLOT_MS = WINDOW_MS / 10;

interface Settings {
  failureThreshold: number;
  failureRate: number;
  minimumCalls: number;
  resetTimeoutMs: number;
  resetGrowth: number;
  maxResetTimeoutMs: number;
  probes: number;
  probeSuccesses: number;
}

type Outcome = "success" | "failure" | "ignore";

/** A call under way: the era it was let through in, when, and whether it holds a probe's place. */
interface ModelCall {
  era: number;
  at: number;
  probing: boolean;
  reported: boolean;
}

/** The state machine, with every result kept in a list. */
class Model {
  now = 0;
  state: CircuitState = "closed";
  era = 0;
  openUntil = 0;
  resetMs: number;
  successes = 0;
  results: { at: number; failed: boolean }[] = [];
  calls: ModelCall[] = [];
  changes: string[] = [];
  readonly settings: Settings;

  constructor(settings: Settings) {
    this.settings = settings;
    this.resetMs = settings.resetTimeoutMs;
  }

  change(to: CircuitState): void {
    this.changes.push(`${this.state} > ${to} @${this.now}`);
    this.state = to;
    this.era++;
    this.results = [];
    this.successes = 0;
    for (const call of this.calls) call.probing = false;
  }

  look(): void {
    if (this.state === "open" && this.now >= this.openUntil) this.change("half-open");
  }

  acquire(): boolean {
    this.look();
    if (this.state === "open") return false;
    const probing = this.state === "half-open";
    const probes = this.calls.filter((call) => call.probing);
    if (probing && probes.length >= this.settings.probes) {
      const oldest = probes[0]!;
      if (this.now - oldest.at < this.resetMs) return false;
      oldest.probing = false;
    }
    this.calls.push({ era: this.era, at: this.now, probing, reported: false });
    return true;
  }

  report(call: ModelCall, outcome: Outcome): void {
    if (call.reported) return;
    call.reported = true;
    call.probing = false;
    this.look();
    if (call.era !== this.era || outcome === "ignore") return;
    const failed = outcome === "failure";
    if (this.state === "closed") {
      this.results.push({ at: this.now, failed });
      if (failed && this.tooBad()) this.open();
    } else if (failed) {
      this.resetMs = Math.min(
        this.settings.maxResetTimeoutMs,
        this.resetMs * this.settings.resetGrowth,
      );
      this.open();
    } else if (++this.successes >= this.settings.probeSuccesses) {
      this.resetMs = this.settings.resetTimeoutMs;
      this.change("closed");
    }
  }

  /** The results in this tenth of a window and the nine before it. */
  window(): { calls: number; failures: number } {
    const slot = (at: number) => Math.floor(at / SLOT_MS);
    const recent = this.results.filter(({ at }) => slot(this.now) - slot(at) < 10);
    return { calls: recent.length, failures: recent.filter(({ failed }) => failed).length };
  }

  tooBad(): boolean {
    const { calls, failures } = this.window();
    const { failureThreshold, failureRate, minimumCalls } = this.settings;
    return failures >= failureThreshold && calls >= minimumCalls && failures / calls >= failureRate;
  }

  open(): void {
    this.openUntil = this.now + this.resetMs;
    this.change("open");
  }
}

const settings = fc.record<Settings>({
  failureThreshold: fc.integer({ min: 1, max: 4 }),
  failureRate: fc.constantFrom(0, 0.5, 1),
  minimumCalls: fc.integer({ min: 0, max: 4 }),
  resetTimeoutMs: fc.constantFrom(50, 300),
  resetGrowth: fc.constantFrom(1, 2),
  maxResetTimeoutMs: fc.constantFrom(300, 700),
  probes: fc.integer({ min: 1, max: 3 }),
  probeSuccesses: fc.integer({ min: 1, max: 3 }),
});

const outcome = fc.constantFrom<Outcome>("success", "failure", "failure", "ignore");

const step = fc.oneof(
  fc.record({ op: fc.constant("acquire" as const) }),
  fc.record({ op: fc.constant("report" as const), call: fc.nat(30), outcome }),
  fc.record({ op: fc.constant("reportLast" as const), outcome }),
  fc.record({ op: fc.constant("pass" as const), ms: fc.constantFrom(1, 49, 50, 130, 300, 900) }),
);

testWithin("CircuitBreaker does what the state machine does", async () => {
  const program = fc.array(step, { maxLength: 100, size: "max" });
  await fc.assert(
    fc.asyncProperty(settings, program, async (settings, steps) => {
      const clock = new ManualClock();
      const changes: string[] = [];
      const breaker = new CircuitBreaker({
        ...settings,
        windowMs: WINDOW_MS,
        onStateChange: ({ from, to, at }) => changes.push(`${from} > ${to} @${at}`),
        clock,
      });
      const model = new Model(settings);
      const permits: CircuitPermit[] = [];
      for (const step of steps) {
        if (step.op === "pass") {
          await clock.advance(step.ms);
          model.now += step.ms;
        } else if (step.op === "acquire") {
          const permit = breaker.tryAcquire();
          assertEquals(permit !== undefined, model.acquire());
          if (permit) permits.push(permit);
        } else {
          const index = step.op === "report" ? step.call : permits.length - 1;
          const permit = permits[index];
          if (permit === undefined) continue;
          permit[step.outcome]();
          model.report(model.calls[index]!, step.outcome);
        }
        model.look();
        assertEquals(breaker.state, model.state);
        assertEquals(breaker.counts, model.window());
        assertEquals(changes, model.changes);
        if (model.state === "open") assertEquals(breaker.retryAfterMs, model.openUntil - model.now);
      }
    }),
    { numRuns: 500 },
  );
});
