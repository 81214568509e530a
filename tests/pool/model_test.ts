import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { type JobResult, WorkerPool } from "../../mod.ts";
import { assertNobodyWaits, turn } from "../chan/support.ts";
import { testWithin } from "../support/watchdog.ts";
import { type ModelJob, type ModelOptions, ModelPool, type Operation } from "./model.ts";
import { assertAddsUp, assertEnded, countListeners, Gate } from "./support.ts";

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant("submit" as const), priority: fc.nat(3) }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constant("finish" as const),
      which: fc.nat(100),
      fails: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("abort" as const), which: fc.nat(100) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("resize" as const),
      min: fc.integer({ min: 1, max: 4 }),
      more: fc.nat(3),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("pause", "resume", "resume") }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Operation>(
      { kind: "shutdown", queued: "drain" },
      { kind: "shutdown", queued: "drop" },
      { kind: "cancel" },
    ),
  },
);

const program = fc.record({
  min: fc.integer({ min: 1, max: 3 }),
  more: fc.nat(3),
  growAt: fc.integer({ min: 1, max: 3 }),
  queue: fc.constantFrom(0, 1, 3, Infinity),
  priority: fc.boolean(),
  results: fc.constantFrom("none" as const, "completed" as const, "ordered" as const),
  operations: fc.array(operation, { maxLength: 60, size: "max" }),
});

/** A pool and its model, which do everything together and must always look the same. */
class Pair {
  readonly #options: ModelOptions;
  readonly #model: ModelPool;
  readonly #pool: WorkerPool<number, number>;
  readonly #gate = new Gate<number>();
  readonly #submits: ("waiting" | "taken" | "refused")[] = [];
  readonly #controllers: AbortController[] = [];
  readonly #listeners: { readonly now: number }[] = [];
  #cancelled = false;
  #done = false;

  constructor(options: ModelOptions) {
    const { min, max, growAt, queue, priority, results } = options;
    this.#options = options;
    this.#model = new ModelPool(options);
    this.#pool = new WorkerPool(this.#gate.work, {
      workers: { min, max, growAt, idleMs: Infinity },
      queue,
      priority,
      results,
      resultsBuffer: Infinity,
    });
    this.#pool.done.then(() => this.#done = true);
  }

  async perform(operation: Operation): Promise<void> {
    switch (operation.kind) {
      case "submit":
        this.#submit(operation.priority);
        break;
      case "finish":
        this.#finish(chosen(this.#model.active, operation.which), operation.fails);
        break;
      case "abort":
        this.#abort(chosen(this.#model.jobs, operation.which));
        break;
      case "resize":
        this.#resize(operation.min, operation.more);
        break;
      case "pause":
        this.#pool.pause();
        this.#model.pause(true);
        break;
      case "resume":
        this.#pool.resume();
        this.#model.pause(false);
        break;
      case "shutdown":
        this.#pool.shutdown({ queued: operation.queued }).catch(() => {});
        this.#model.shutdown(operation.queued);
        break;
      case "cancel":
        this.#cancelled ||= !this.#done;
        this.#pool.cancel();
        this.#model.cancel();
    }
    await turn();
    this.#compare();
  }

  /** Lets everything end, and checks that nothing is left over. */
  async end(): Promise<void> {
    await this.perform({ kind: "shutdown", queued: "drain" });
    while (this.#model.active.length > 0) {
      await this.perform({ kind: "finish", which: 0, fails: false });
    }
    await this.#pool.done;
    assertEnded(this.#pool);
    for (const { now } of this.#listeners) assertEquals(now, 0);
    if (this.#options.results === "none") return;
    assertNobodyWaits(this.#pool.results);
    await this.#compareResults();
  }

  #submit(priority: number): void {
    const controller = new AbortController();
    const id = this.#submits.push("waiting") - 1;
    this.#controllers.push(controller);
    this.#listeners.push(countListeners(controller.signal));
    this.#pool.submit(id, {
      signal: controller.signal,
      priority: this.#options.priority ? priority : undefined,
    }).then(() => this.#submits[id] = "taken", () => this.#submits[id] = "refused");
    this.#model.submit(priority);
  }

  #finish(job: ModelJob | undefined, fails: boolean): void {
    if (job === undefined) return;
    if (fails) this.#gate.fail(job.id, new Error(`job ${job.id}`));
    else this.#gate.finish(job.id, job.id);
    this.#model.finish(job, fails);
  }

  #abort(job: ModelJob | undefined): void {
    if (job === undefined) return;
    this.#controllers[job.id]!.abort(new Error(`stop ${job.id}`));
    this.#model.abort(job);
  }

  #resize(min: number, more: number): void {
    const { growAt } = this.#options;
    const max = min + more;
    this.#pool.resize({ min, max, growAt, idleMs: Infinity });
    this.#model.resize(min, max);
  }

  #compare(): void {
    const model = this.#model;
    const { throughput: _, idle: __, ...stats } = this.#pool.stats;
    assertAddsUp(this.#pool.stats);
    assertEquals(stats, {
      workers: model.workers,
      active: model.active.length,
      queued: model.queue.length,
      submitted: model.jobs.length - model.count("waiting") - model.count("refused"),
      completed: model.count("completed"),
      failed: model.count("failed"),
      cancelled: model.count("cancelled"),
      dropped: model.count("dropped"),
    });
    assertEquals(this.#gate.begun, model.begun);
    assertEquals(
      this.#submits,
      model.jobs.map(({ state }) => state === "waiting" || state === "refused" ? state : "taken"),
    );
    const busy = this.#pool.workers.flatMap(({ job }) => job ?? []);
    assertEquals(busy.sort(), model.active.map(({ id }) => id).sort());
  }

  /** Each job that a worker took has one result, unless the pool was cancelled meanwhile. */
  async #compareResults(): Promise<void> {
    const results: JobResult<number, number>[] = [];
    try {
      for await (const result of this.#pool.results) results.push(result);
      assert(!this.#cancelled);
    } catch (error) {
      assert(this.#cancelled, String(error));
    }
    const jobs = results.map(({ job }) => job);
    assertEquals(new Set(jobs).size, jobs.length);
    for (const result of results) {
      const { state } = this.#model.jobs[result.job]!;
      if (result.ok) assertEquals([state, result.value], ["completed", result.job]);
      else assert(state === "failed" || state === "cancelled", state);
    }
    const expected = this.#options.results === "ordered" ? this.#model.taken : this.#model.ended;
    assertEquals(jobs, this.#cancelled ? expected.slice(0, jobs.length) : expected);
  }
}

function chosen<T>(items: readonly T[], which: number): T | undefined {
  return items[which % items.length];
}

testWithin("pool: random programs do what a naive model does", async () => {
  await fc.assert(
    fc.asyncProperty(program, async ({ more, operations, ...rest }) => {
      const pair = new Pair({ ...rest, max: rest.min + more });
      for (const operation of operations) await pair.perform(operation);
      await pair.end();
    }),
    { numRuns: 400 },
  );
}, 60_000);
