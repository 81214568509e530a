import type { Clock } from "../clock/mod.ts";
import { Throughput } from "../pool/mod.ts";
import { DurationSketch } from "./duration_sketch.ts";
import type { StageMetrics } from "./stage_metrics.ts";

/** Watches one stage. */
export class StageMonitor {
  readonly name: string;
  readonly #clock: Clock;
  readonly #input: { readonly length: number };
  readonly #durations = new DurationSketch();
  readonly #throughput: Throughput;
  #errors = 0;
  #active = 0;
  #lastUpdate: number | undefined;

  constructor(name: string, clock: Clock, input: { readonly length: number }) {
    this.name = name;
    this.#clock = clock;
    this.#input = input;
    this.#throughput = new Throughput(clock.now());
  }

  /** Says that work on a value begins, and returns when. */
  begin(): number {
    this.#active++;
    return this.#clock.now();
  }

  /** Says that work on a value that began at `begun` has ended, `heldMs` of that being no work. */
  end(begun: number, heldMs: number, failed: boolean): void {
    const now = this.#clock.now();
    this.#active--;
    if (failed) this.#errors++;
    this.#durations.record(now - begun - heldMs);
    this.#throughput.add(now);
    this.#lastUpdate = now;
  }

  /** Says that work on a value has been given up. */
  abandon(): void {
    this.#active--;
  }

  get metrics(): StageMetrics {
    return {
      name: this.name,
      processed: this.#durations.count,
      errors: this.#errors,
      active: this.#active,
      queueDepth: this.#input.length,
      averageMs: this.#durations.mean,
      p50Ms: this.#durations.quantile(0.5),
      p99Ms: this.#durations.quantile(0.99),
      throughput: this.#throughput.perSecond(this.#clock.now()),
      lastUpdate: this.#lastUpdate,
    };
  }
}
