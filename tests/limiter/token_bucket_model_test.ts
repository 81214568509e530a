import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { ManualClock } from "../../src/clock/mod.ts";
import { type Reservation, TokenBucket } from "../../src/limiter/mod.ts";
import { testWithin } from "../support/watchdog.ts";

const TOLERANCE = 1e-6;

/** `golang.org/x/time/rate`, without waiting: a balance in tokens that may go below zero. */
class RateModel {
  now = 0;
  balance: number;
  /** Reservations in the order in which they were made. */
  made: { n: number; at: number; perMs: number; live: boolean }[] = [];
  perMs: number;
  burst: number;

  constructor(perMs: number, burst: number) {
    this.perMs = perMs;
    this.burst = this.balance = burst;
  }

  pass(ms: number): void {
    this.now += ms;
    this.credit(ms * this.perMs);
  }

  credit(tokens: number): void {
    this.balance = Math.min(this.burst, this.balance + tokens);
  }

  allow(n: number): boolean {
    const allowed = n <= this.burst && this.balance - n >= -TOLERANCE;
    if (allowed) this.balance -= n;
    return allowed;
  }

  reserve(n: number): number {
    const missing = Math.max(0, n - this.balance);
    const delay = missing === 0 ? 0 : missing / this.perMs;
    if (n > this.burst || delay === Infinity) return Infinity;
    this.balance -= n;
    this.made.push({ n, at: this.now + delay, perMs: this.perMs, live: true });
    return delay;
  }

  cancel(index: number): void {
    const gone = this.made[index]!;
    if (!gone.live || gone.at < this.now) return;
    gone.live = false;
    const since = this.made.slice(index + 1).filter(({ live }) => live).map(({ at }) => at);
    const kept = Math.max(0, ...since.map((at) => (at - gone.at) * gone.perMs));
    this.credit(Math.max(0, gone.n - kept));
  }

  setLimit(perMs: number): void {
    this.perMs = perMs;
  }

  setBurst(burst: number): void {
    this.burst = burst;
    this.credit(0);
  }
}

const perMs = fc.constantFrom(0, 0.001, 0.01, 0.1, 1, 7 / 3);
const events = fc.integer({ min: 0, max: 6 });
const ms = fc.constantFrom(0, 1, 3, 10, 50, 100, 333, 1_000);

const step = fc.oneof(
  fc.record({ op: fc.constant("allow" as const), n: events }),
  fc.record({ op: fc.constant("reserve" as const), n: events }),
  fc.record({ op: fc.constant("reserve" as const), n: events }),
  fc.record({ op: fc.constant("cancel" as const), index: fc.nat(20) }),
  fc.record({ op: fc.constant("cancel" as const), index: fc.nat(3) }),
  fc.record({ op: fc.constant("limit" as const), perMs }),
  fc.record({ op: fc.constant("burst" as const), burst: events }),
  fc.record({ op: fc.constant("pass" as const), ms }),
);

testWithin("TokenBucket does what the model of x/time/rate does", async () => {
  const program = fc.array(step, { maxLength: 40, size: "max" });
  await fc.assert(
    fc.asyncProperty(perMs, events, program, async (perMs, burst, steps) => {
      const clock = new ManualClock();
      const bucket = new TokenBucket({ limit: perMs * 1_000, burst, clock });
      const model = new RateModel(perMs, burst);
      const reservations: Reservation[] = [];
      for (const step of steps) {
        switch (step.op) {
          case "allow":
            assertEquals(bucket.allow(step.n), model.allow(step.n));
            break;
          case "reserve": {
            const reservation = bucket.reserve(step.n);
            const delay = model.reserve(step.n);
            assertEquals(reservation.ok, delay < Infinity);
            if (reservation.ok) {
              assertAlmostEquals(reservation.delayMs, delay, TOLERANCE);
              reservations.push(reservation);
            }
            break;
          }
          case "cancel":
            if (step.index >= reservations.length) break;
            reservations[step.index]!.cancel();
            model.cancel(step.index);
            break;
          case "limit":
            bucket.setLimit(step.perMs * 1_000);
            model.setLimit(step.perMs);
            break;
          case "burst":
            bucket.setBurst(step.burst);
            model.setBurst(step.burst);
            break;
          case "pass":
            await clock.advance(step.ms);
            model.pass(step.ms);
        }
        assertAlmostEquals(bucket.tokens(), model.balance, TOLERANCE, JSON.stringify(step));
      }
    }),
    { numRuns: 500 },
  );
});

/** Waiters as a list that is worked off, in steps from one served waiter to the next. */
class QueueModel {
  now = 0;
  tokens: number;
  queue: { id: number; n: number }[] = [];
  served: { id: number; at: number }[] = [];
  perMs: number;
  readonly burst: number;

  constructor(perMs: number, burst: number) {
    this.perMs = perMs;
    this.burst = this.tokens = burst;
  }

  pass(ms: number): void {
    const end = this.now + ms;
    for (let [first] = this.queue; first !== undefined; [first] = this.queue) {
      const missing = Math.max(0, first.n - this.tokens);
      const turn = this.now + (missing <= TOLERANCE ? 0 : missing / this.perMs);
      if (turn > end + TOLERANCE) break;
      this.tokens = missing <= TOLERANCE ? this.tokens - first.n : 0;
      this.now = turn;
      this.served.push({ id: first.id, at: turn });
      this.queue.shift();
    }
    this.tokens += (end - this.now) * this.perMs;
    this.now = end;
    if (this.queue.length === 0) this.tokens = Math.min(this.tokens, this.burst);
  }

  wait(id: number, n: number): void {
    this.queue.push({ id, n });
    this.pass(0);
  }

  allow(n: number): boolean {
    const allowed = this.queue.length === 0 && n <= this.tokens + TOLERANCE;
    if (allowed) this.tokens -= n;
    return allowed;
  }

  cancel(id: number): void {
    this.queue = this.queue.filter((waiter) => waiter.id !== id);
    this.pass(0);
  }

  setLimit(perMs: number): void {
    this.perMs = perMs;
    this.pass(0);
  }
}

const waitingStep = fc.oneof(
  fc.record({ op: fc.constant("wait" as const), n: events }),
  fc.record({ op: fc.constant("wait" as const), n: events }),
  fc.record({ op: fc.constant("allow" as const), n: events }),
  fc.record({ op: fc.constant("cancel" as const), id: fc.nat(12) }),
  fc.record({ op: fc.constant("limit" as const), perMs }),
  fc.record({ op: fc.constant("pass" as const), ms }),
);

testWithin("TokenBucket serves waiters when the model does, whatever else happens", async () => {
  const program = fc.array(waitingStep, { maxLength: 40, size: "max" });
  await fc.assert(
    fc.asyncProperty(
      perMs,
      fc.integer({ min: 1, max: 6 }),
      program,
      async (perMs, burst, steps) => {
        const clock = new ManualClock();
        const bucket = new TokenBucket({ limit: perMs * 1_000, burst, clock });
        const model = new QueueModel(perMs, burst);
        const stops: AbortController[] = [];
        const served: { id: number; at: number }[] = [];
        for (const step of steps) {
          switch (step.op) {
            case "wait": {
              if (step.n > burst) break;
              const id = stops.length;
              const stop = new AbortController();
              stops.push(stop);
              bucket.wait(step.n, { signal: stop.signal })
                .then(() => served.push({ id, at: clock.now() }), () => {});
              model.wait(id, step.n);
              break;
            }
            case "allow":
              assertEquals(bucket.allow(step.n), model.allow(step.n));
              break;
            case "cancel":
              stops[step.id]?.abort();
              model.cancel(step.id);
              break;
            case "limit":
              bucket.setLimit(step.perMs * 1_000);
              model.setLimit(step.perMs);
              break;
            case "pass":
              await clock.advance(step.ms);
              model.pass(step.ms);
          }
          await clock.advance(0);
          const queued = model.queue.reduce((sum, { n }) => sum + n, 0);
          assertAlmostEquals(bucket.tokens(), model.tokens - queued, 1e-3);
          assertEquals(served.map(({ id }) => id), model.served.map(({ id }) => id));
          served.forEach(({ at }, i) => assertAlmostEquals(at, model.served[i]!.at, 1e-3));
          assertEquals(clock.pending, model.queue.length > 0 && model.perMs > 0 ? 1 : 0);
        }
      },
    ),
    { numRuns: 300 },
  );
}, 20_000);

const mixedStep = fc.oneof(
  fc.record({ op: fc.constant("allow" as const), n: events }),
  fc.record({ op: fc.constant("reserve" as const), n: events }),
  fc.record({ op: fc.constant("wait" as const), n: events }),
  fc.record({ op: fc.constant("cancel" as const), index: fc.nat(10) }),
  fc.record({ op: fc.constant("cancel" as const), index: fc.nat(10) }),
  fc.record({ op: fc.constant("pass" as const), ms }),
);

interface Action {
  at: number;
  n: number;
}

testWithin("TokenBucket never lets through more than burst + limit * time", async () => {
  const program = fc.array(mixedStep, { maxLength: 40, size: "max" });
  const rates = fc.constantFrom(0.01, 0.1, 1);
  const sizes = fc.integer({ min: 1, max: 6 });
  await fc.assert(
    fc.asyncProperty(rates, sizes, program, async (perMs, burst, steps) => {
      const clock = new ManualClock();
      const bucket = new TokenBucket({ limit: perMs * 1_000, burst, clock });
      const actions = new Set<Action>();
      const cancels: (() => void)[] = [];
      for (const step of steps) {
        if (step.op === "pass") await clock.advance(step.ms);
        else if (step.op === "allow") {
          if (bucket.allow(step.n)) actions.add({ at: clock.now(), n: step.n });
        } else if (step.op === "reserve") {
          const reservation = bucket.reserve(step.n);
          if (!reservation.ok) continue;
          const action = { at: clock.now() + reservation.delayMs, n: step.n };
          actions.add(action);
          cancels.push(() => {
            reservation.cancel();
            if (action.at >= clock.now()) actions.delete(action);
          });
        } else if (step.op === "wait") {
          if (step.n > burst) continue;
          const stop = new AbortController();
          bucket.wait(step.n, { signal: stop.signal })
            .then(() => actions.add({ at: clock.now(), n: step.n }), () => {});
          cancels.push(() => stop.abort());
        } else cancels[step.index]?.();
        await clock.advance(0);
      }
      await clock.advance(1e6);
      assertEquals(clock.pending, 0);
      checkLaw([...actions], perMs, burst);
    }),
    { numRuns: 500 },
  );
}, 20_000);

/** Between any two actions, both included. */
function checkLaw(actions: Action[], perMs: number, burst: number): void {
  actions.sort((a, b) => a.at - b.at);
  for (let from = 0; from < actions.length; from++) {
    let taken = 0;
    for (let to = from; to < actions.length; to++) {
      taken += actions[to]!.n;
      const most = burst + (actions[to]!.at - actions[from]!.at) * perMs;
      assert(taken <= most + 1e-3, `${JSON.stringify(actions.slice(from, to + 1))}: ${most}`);
    }
  }
}
