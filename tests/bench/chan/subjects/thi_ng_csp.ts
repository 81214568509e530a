import { type Channel, channel, select } from "npm:@thi.ng/csp@3.2.44";
import { CAPACITY, eightTimes, LAST_PRIME, type Subject } from "../programs.ts";

async function produce(out: Channel<number>, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await out.write(i);
  out.close();
}

async function stream(chan: Channel<number>, n: number): Promise<void> {
  produce(chan, n);
  for await (const _ of chan);
}

async function filter(input: Channel<number>, out: Channel<number>, prime: number): Promise<void> {
  for await (const i of input) if (i % prime !== 0) await out.write(i);
  out.close();
}

/** Its `write` settles when the value is read, so every channel is unbuffered to its writers. */
export const subject: Subject = {
  unbuffered: (n) => stream(channel<number>(), n),
  buffered: (n) => stream(channel<number>(CAPACITY), n),

  async pingPong(n) {
    const ping = channel<number>();
    const pong = channel<number>();
    (async () => {
      for await (const ball of ping) await pong.write(ball);
    })();
    for (let i = 0; i < n; i++) {
      const written = ping.write(i);
      await pong.read();
      await written;
    }
    ping.close();
  },

  async tryFirst(n) {
    const chan = channel<number>(CAPACITY);
    (async () => {
      for (let i = 0; i < n; i++) if (!chan.offer(i)) await chan.write(i);
    })();
    for (let i = 0; i < n; i++) if (chan.poll() === undefined) await chan.read();
  },

  async selectTwo(n) {
    const even = channel<number>();
    const odd = channel<number>();
    (async () => {
      for (let i = 0; i < n; i++) await (i % 2 === 0 ? even : odd).write(i);
    })();
    for (let i = 0; i < n; i++) await select(even, odd);
  },

  async manyToMany(n) {
    const chan = channel<number>(CAPACITY);
    const consumers = eightTimes(async () => {
      for await (const _ of chan);
    });
    await eightTimes(async () => {
      for (let i = 0; i < n / 8; i++) await chan.write(i);
    });
    chan.close();
    await consumers;
  },

  async sieve(n) {
    for (let k = 0; k < n; k++) {
      let input = channel<number>();
      const source = input;
      (async () => {
        for (let i = 2; i <= LAST_PRIME; i++) await source.write(i);
        source.close();
      })();
      for (let prime: number | undefined = 0; prime !== LAST_PRIME;) {
        prime = await input.read();
        const output = channel<number>();
        filter(input, output, prime!);
        input = output;
      }
      await input.read();
    }
  },
};
