import { type Cause, Effect, Queue } from "npm:effect@4.1.0";
import { CAPACITY, type Subject } from "../programs.ts";

type Numbers = Queue.Queue<number, Cause.Done>;

function produce(out: Numbers, count: number): Effect.Effect<void> {
  return Effect.gen(function* () {
    for (let i = 0; i < count; i++) yield* Queue.offer(out, i);
    yield* Queue.end(out);
  });
}

/** Takes until the queue has ended. */
function consume(queue: Numbers): Effect.Effect<void> {
  return Effect.gen(function* () {
    for (;;) yield* Queue.take(queue);
  }).pipe(Effect.catchTag("Done", () => Effect.void));
}

/** Its queues always have a buffer, and it has no select over queues. */
export const subject: Subject = {
  buffered: (n) =>
    Effect.runPromise(Effect.gen(function* () {
      const queue = yield* Queue.bounded<number, Cause.Done>(CAPACITY);
      yield* Effect.forkChild(produce(queue, n));
      yield* consume(queue);
    })),

  manyToMany: (n) =>
    Effect.runPromise(Effect.gen(function* () {
      const queue = yield* Queue.bounded<number, Cause.Done>(CAPACITY);
      const eight = Array.from({ length: 8 });
      const producers = Effect.forEach(
        eight,
        () =>
          Effect.gen(function* () {
            for (let i = 0; i < n / 8; i++) yield* Queue.offer(queue, i);
          }),
        { concurrency: "unbounded" },
      ).pipe(Effect.andThen(Queue.end(queue)));
      yield* Effect.forkChild(producers);
      yield* Effect.forEach(eight, () => consume(queue), { concurrency: "unbounded" });
    })),

  tryFirst: (n) =>
    Effect.runPromise(Effect.gen(function* () {
      const queue = yield* Queue.bounded<number>(CAPACITY);
      yield* Effect.forkChild(Effect.gen(function* () {
        for (let i = 0; i < n; i++) {
          if (Queue.isFullUnsafe(queue) || !Queue.offerUnsafe(queue, i)) {
            yield* Queue.offer(queue, i);
          }
        }
      }));
      for (let i = 0; i < n; i++) if (!Queue.takeUnsafe(queue)) yield* Queue.take(queue);
    })),
};
