import { Channel } from "npm:async-channel@0.2.0";
import { CAPACITY, eightTimes, LAST_PRIME, type Subject } from "../programs.ts";

async function produce(out: Channel<number>, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await out.push(i);
  out.close();
}

async function stream(chan: Channel<number>, n: number): Promise<void> {
  produce(chan, n);
  for await (const _ of chan);
}

async function filter(input: Channel<number>, out: Channel<number>, prime: number): Promise<void> {
  for await (const i of input) if (i % prime !== 0) await out.push(i);
  out.close();
}

export const subject: Subject = {
  unbuffered: (n) => stream(new Channel<number>(), n),
  buffered: (n) => stream(new Channel<number>(CAPACITY), n),

  async pingPong(n) {
    const ping = new Channel<number>();
    const pong = new Channel<number>();
    (async () => {
      for await (const ball of ping) await pong.push(ball);
    })();
    for (let i = 0; i < n; i++) {
      await ping.push(i);
      await pong.get();
    }
    ping.close();
  },

  async manyToMany(n) {
    const chan = new Channel<number>(CAPACITY);
    const consumers = eightTimes(async () => {
      for await (const _ of chan);
    });
    await eightTimes(async () => {
      for (let i = 0; i < n / 8; i++) await chan.push(i);
    });
    chan.close();
    await consumers;
  },

  async sieve(n) {
    for (let k = 0; k < n; k++) {
      const source = new Channel<number>();
      (async () => {
        for (let i = 2; i <= LAST_PRIME; i++) await source.push(i);
        source.close();
      })();
      // A channel is thenable there, so it must not be returned from an async function.
      const channels = [source];
      for (let prime = 0; prime !== LAST_PRIME;) {
        prime = await channels.at(-1)!.get();
        const output = new Channel<number>();
        filter(channels.at(-1)!, output, prime);
        channels.push(output);
      }
      for await (const _ of channels.at(-1)!);
    }
  },
};
