import { CAPACITY, eightTimes, LAST_PRIME, shuffled, type Subject } from "../programs.ts";

/** What is used of the class. The stand-in for @std/async lacks it, so it can't be imported. */
interface Channel<T> extends AsyncIterable<T> {
  send(value: T, options?: { signal: AbortSignal }): Promise<void>;
  receive(options?: { signal: AbortSignal }): Promise<T>;
  trySend(value: T): boolean;
  tryReceive(): { state: "ok" | "empty" | "closed" };
  close(): void;
}

const specifier = "jsr:@std/async@^1.5.0/channel";
const { Channel }: { Channel: new <T>(options?: { capacity: number }) => Channel<T> } =
  await import(specifier);

async function produce(out: Channel<number>, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await out.send(i);
  out.close();
}

async function stream(chan: Channel<number>, n: number): Promise<void> {
  produce(chan, n);
  for await (const _ of chan);
}

async function filter(input: Channel<number>, out: Channel<number>, prime: number): Promise<void> {
  for await (const i of input) if (i % prime !== 0) await out.send(i);
  out.close();
}

export const subject: Subject = {
  unbuffered: (n) => stream(new Channel<number>(), n),
  buffered: (n) => stream(new Channel<number>({ capacity: CAPACITY }), n),

  async pingPong(n) {
    const ping = new Channel<number>();
    const pong = new Channel<number>();
    (async () => {
      for await (const ball of ping) await pong.send(ball);
    })();
    for (let i = 0; i < n; i++) {
      await ping.send(i);
      await pong.receive();
    }
    ping.close();
  },

  async tryFirst(n) {
    const chan = new Channel<number>({ capacity: CAPACITY });
    (async () => {
      for (let i = 0; i < n; i++) if (!chan.trySend(i)) await chan.send(i);
    })();
    for (let i = 0; i < n; i++) if (chan.tryReceive().state !== "ok") await chan.receive();
  },

  async manyToMany(n) {
    const chan = new Channel<number>({ capacity: CAPACITY });
    const consumers = eightTimes(async () => {
      for await (const _ of chan);
    });
    await eightTimes(async () => {
      for (let i = 0; i < n / 8; i++) await chan.send(i);
    });
    chan.close();
    await consumers;
  },

  async sieve(n) {
    for (let k = 0; k < n; k++) {
      let input = new Channel<number>();
      const source = input;
      (async () => {
        for (let i = 2; i <= LAST_PRIME; i++) await source.send(i);
        source.close();
      })();
      for (let prime = 0; prime !== LAST_PRIME;) {
        prime = await input.receive();
        const output = new Channel<number>();
        filter(input, output, prime);
        input = output;
      }
      for await (const _ of input);
    }
  },

  async cancel(n) {
    const chan = new Channel<number>();
    const aborts = Array.from({ length: n }, () => new AbortController());
    const waits = aborts.map(({ signal }) => chan.receive({ signal }).catch(() => {}));
    for (const i of shuffled(n)) aborts[i]!.abort("stop");
    await Promise.all(waits);
  },
};
