import { Chan, recv, Select, send } from "npm:ts-chan@0.6.0";
import { CAPACITY, eightTimes, LAST_PRIME, shuffled, type Subject } from "../programs.ts";

async function produce(out: Chan<number>, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await out.send(i);
  out.close();
}

async function stream(chan: Chan<number>, n: number): Promise<void> {
  produce(chan, n);
  for await (const _ of chan);
}

async function filter(input: Chan<number>, out: Chan<number>, prime: number): Promise<void> {
  for await (const i of input) if (i % prime !== 0) await out.send(i);
  out.close();
}

async function countUntil(stop: Chan<void>, out: Chan<number>): Promise<void> {
  for (let i = 2;; i++) {
    const which = new Select([send(out, () => i), recv(stop)]);
    if (await which.wait() === 1) return;
  }
}

async function filterUntil(
  stop: Chan<void>,
  input: Chan<number>,
  out: Chan<number>,
  prime: number,
): Promise<void> {
  const which = new Select([recv(input), recv(stop)]);
  for (;;) {
    if (await which.wait() === 1) return;
    const { value } = which.recv(which.cases[0]);
    if (value! % prime === 0) continue;
    const sent = new Select([send(out, () => value!), recv(stop)]);
    if (await sent.wait() === 1) return;
  }
}

export const subject: Subject = {
  unbuffered: (n) => stream(new Chan<number>(), n),
  buffered: (n) => stream(new Chan<number>(CAPACITY), n),

  async pingPong(n) {
    const ping = new Chan<number>();
    const pong = new Chan<number>();
    (async () => {
      for await (const ball of ping) await pong.send(ball);
    })();
    for (let i = 0; i < n; i++) {
      await ping.send(i);
      await pong.recv();
    }
    ping.close();
  },

  async tryFirst(n) {
    const chan = new Chan<number>(CAPACITY);
    (async () => {
      for (let i = 0; i < n; i++) if (!chan.trySend(i)) await chan.send(i);
      chan.close();
    })();
    for (;;) {
      const { done } = chan.tryRecv() ?? await chan.recv();
      if (done) return;
    }
  },

  async selectTwo(n) {
    const even = new Chan<number>();
    const odd = new Chan<number>();
    (async () => {
      for (let i = 0; i < n; i++) await (i % 2 === 0 ? even : odd).send(i);
    })();
    const which = new Select([recv(even), recv(odd)]);
    for (let i = 0; i < n; i++) which.recv(which.cases[await which.wait()]!);
  },

  async manyToMany(n) {
    const chan = new Chan<number>(CAPACITY);
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
      let input = new Chan<number>();
      const source = input;
      (async () => {
        for (let i = 2; i <= LAST_PRIME; i++) await source.send(i);
        source.close();
      })();
      for (let prime: number | undefined = 0; prime !== LAST_PRIME;) {
        prime = (await input.recv()).value;
        const output = new Chan<number>();
        filter(input, output, prime!);
        input = output;
      }
      await input.recv();
    }
  },

  async sieveWithStop(n) {
    for (let k = 0; k < n; k++) {
      const stop = new Chan<void>();
      let input = new Chan<number>();
      countUntil(stop, input);
      for (let prime: number | undefined = 0; prime !== LAST_PRIME;) {
        prime = (await input.recv()).value;
        const output = new Chan<number>();
        filterUntil(stop, input, output, prime!);
        input = output;
      }
      stop.close();
    }
  },

  async cancel(n) {
    const chan = new Chan<number>();
    const aborts = Array.from({ length: n }, () => new AbortController());
    const waits = aborts.map(({ signal }) => chan.recv(signal).catch(() => {}));
    for (const i of shuffled(n)) aborts[i]!.abort("stop");
    await Promise.all(waits);
  },
};
