/** What is measured, and what Go's benchmark of the same is called. */
export const PROGRAMS = {
  unbuffered: { title: "unbuffered stream", go: "Unbuffered" },
  pingPong: { title: "ping-pong, a round trip", go: "PingPong" },
  tryFirst: { title: "buffer of 128, try first", go: "Buffered" },
  buffered: { title: "buffer of 128, `for await`", go: "Buffered" },
  selectTwo: { title: "select over two", go: "SelectTwo" },
  manyToMany: { title: "8 to 8 over a buffer of 128", go: "ManyToMany" },
  sieve: { title: "sieve of 200 primes", go: "Sieve" },
  sieveWithStop: { title: "the sieve with selects", go: "SieveWithStop" },
  cancel: { title: "one of 10,000 waiters cancelled", go: undefined },
} as const;

export type ProgramName = keyof typeof PROGRAMS;

/** Does something `n` times: passes a value, goes a round, sieves, cancels. */
export type Program = (n: number) => Promise<void>;

/** How one library does it, as its documentation would have it done. */
export type Subject = Readonly<Partial<Record<ProgramName, Program>>>;

export const CAPACITY = 128;

/** The 200th prime. */
export const LAST_PRIME = 1223;

/** Starts eight loops and waits for all. */
export async function eightTimes(loop: () => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: 8 }, loop));
}

/** 0 to n − 1 in an order without pattern. */
export function shuffled(n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = (i * 7919 + 104729) % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
