import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { type Clock, ManualClock } from "../../src/clock/mod.ts";
import { BandwidthLimiter, type BandwidthShare } from "../../src/limiter/mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { BandwidthModel, ModelUser } from "./bandwidth_model.ts";
import { CoarseClock } from "./support.ts";

/** A limiter or its model, on a clock of its own. */
interface Side {
  take(user: number, bytes: number, signal: AbortSignal): Promise<void>;
  /** The user leaves, and another one of this weight comes in its place. */
  replace(user: number, weight: number): void;
  setRate(bytesPerSecond: number): void;
}

function limiterSide(rate: number, weights: readonly number[], clock: Clock): Side {
  const limiter = new BandwidthLimiter({ bytesPerSecond: rate, clock });
  const shares: BandwidthShare[] = weights.map((weight) => limiter.join({ weight }));
  return {
    take: (user, bytes, signal) => shares[user]!.take(bytes, { signal }),
    replace: (user, weight) => {
      shares[user]![Symbol.dispose]();
      shares[user] = limiter.join({ weight });
    },
    setRate: (bytesPerSecond) => limiter.setRate(bytesPerSecond),
  };
}

function modelSide(rate: number, weights: readonly number[], clock: Clock): Side {
  const model = new BandwidthModel(rate, clock);
  const users = weights.map((weight) => new ModelUser(weight));
  return {
    take: (user, bytes, signal) => model.take(users[user]!, bytes, signal),
    replace: (user, weight) => {
      model.leave(users[user]!);
      users[user] = new ModelUser(weight);
    },
    setRate: (bytesPerSecond) => model.setRate(bytesPerSecond),
  };
}

interface End {
  how: "served" | "cancelled" | "left";
  at: number;
}

/** Runs steps on a side and notes how and when each take ended. */
class Run {
  readonly clock = new ManualClock();
  readonly ends = new Map<number, End>();
  readonly #side: Side;
  readonly #stops: AbortController[] = [];
  #takes = 0;

  constructor(make: (clock: Clock) => Side, grainMs: number) {
    this.#side = make(grainMs === 0 ? this.clock : new CoarseClock(this.clock, grainMs));
  }

  async do(step: Step): Promise<void> {
    if (step.op === "pass") await this.clock.advance(step.ms);
    else if (step.op === "rate") this.#side.setRate(step.rate);
    else if (step.op === "cancel") this.#stops[step.stream]?.abort("cancelled");
    else if (step.op === "leave") this.#side.replace(step.user, step.weight);
    else {
      const stop = new AbortController();
      this.#stops.push(stop);
      // Takes that were asked for at the same time queue up; the others come one after the other.
      const first = this.#takes;
      this.#takes += step.takes;
      if (step.together) {
        for (let i = 0; i < step.takes; i++) this.#take(first + i, step, stop.signal);
      } else this.#takeInTurn(first, step, stop.signal);
    }
    // What is due at the same moment as the next step comes before it, here and there.
    await this.clock.advance(1e-3);
  }

  async #takeInTurn(first: number, step: Stream, signal: AbortSignal): Promise<void> {
    for (let i = 0; i < step.takes && await this.#take(first + i, step, signal); i++) {
      // Whoever comes first may get what all were too full for, so no two come at the same time.
      await this.clock.sleep(1e-3 * Math.SQRT2 * (step.user + 1));
    }
  }

  async #take(id: number, { user, bytes }: Stream, signal: AbortSignal): Promise<boolean> {
    const how = await this.#side.take(user, bytes, signal).then(
      () => "served" as const,
      (reason) => reason === "cancelled" ? "cancelled" as const : "left" as const,
    );
    this.ends.set(id, { how, at: this.clock.now() });
    return how === "served";
  }
}

interface Stream {
  user: number;
  bytes: number;
  takes: number;
  together: boolean;
}

const USERS = 6;
const user = fc.nat(USERS - 1);
const weight = fc.constantFrom(1, 1, 2, 7, 0.3);
// The slowest is so slow that what was paid before is a large number.
const rate = fc.constantFrom(300, 1_000, 1_000, 1_000, 4_000, Math.E / 20);

function stream(mostBytes: number, mostTakes: number) {
  return fc.record({
    op: fc.constant("stream" as const),
    user,
    bytes: fc.nat(mostBytes),
    takes: fc.integer({ min: 1, max: mostTakes }),
    together: fc.boolean(),
  });
}

// Odd parts of a millisecond, here and in turns, keep steps off the moments at which takes are due.
const pass = fc.record({
  op: fc.constant("pass" as const),
  ms: fc.constantFrom<number>(0.31, 1.0007, 9.9993, 24.0003, 49.0011, 51.0013, 120.0017, 700.0019),
});

const step = fc.oneof(
  stream(5, 20),
  stream(40, 10),
  stream(40, 10),
  stream(2_000, 2),
  pass,
  pass,
  pass,
  fc.record({ op: fc.constant("cancel" as const), stream: fc.nat(20) }),
  fc.record({ op: fc.constant("leave" as const), user, weight }),
  fc.record({
    op: fc.constant("rate" as const),
    rate: fc.oneof(rate, fc.constantFrom(0, Infinity)),
  }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

testWithin("takes end as in the model that walks all users, at the same times", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(0, 0, 2 * Math.PI),
      rate,
      fc.array(weight, { minLength: USERS, maxLength: USERS }),
      fc.array(step, { maxLength: 60, size: "max" }),
      async (grainMs, rate, weights, steps) => {
        const limiter = new Run((clock) => limiterSide(rate, weights, clock), grainMs);
        const model = new Run((clock) => modelSide(rate, weights, clock), grainMs);
        const all: Step[] = [...steps, { op: "rate", rate: 1_000 }, { op: "pass", ms: 300_000 }];
        for (const step of all) {
          await limiter.do(step);
          await model.do(step);
          assertEquals(limiter.ends.size, model.ends.size);
          assertEquals(limiter.clock.pending, model.clock.pending);
        }
        for (const [id, { how, at }] of limiter.ends) {
          const expected = model.ends.get(id);
          assertEquals(how, expected?.how, `take ${id}`);
          assertAlmostEquals(at, expected!.at, 1e-4, `take ${id}`);
        }
        compared += limiter.ends.size;
      },
    ),
    { numRuns: 500 },
  );
  assert(compared > 15_000, `${compared} takes`);
}, 30_000);
