import { Chan, type ReceiveChan, receiveFrom, select, sendTo } from "../../../../mod.ts";
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

async function countUntil(stop: ReceiveChan<void>, out: Chan<number>): Promise<void> {
  for (let i = 2;; i++) {
    if ((await select({ out: sendTo(out, i), stop: receiveFrom(stop) })).key === "stop") return;
  }
}

async function filterUntil(
  stop: ReceiveChan<void>,
  input: Chan<number>,
  out: Chan<number>,
  prime: number,
): Promise<void> {
  for (;;) {
    const got = await select({ i: receiveFrom(input), stop: receiveFrom(stop) });
    if (got.key === "stop" || !got.ok) return;
    if (got.value % prime === 0) continue;
    const sent = await select({ out: sendTo(out, got.value), stop: receiveFrom(stop) });
    if (sent.key === "stop") return;
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
      await pong.receive();
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
      const [, ok] = chan.tryReceive() ?? await chan.receive();
      if (!ok) return;
    }
  },

  async selectTwo(n) {
    const even = new Chan<number>();
    const odd = new Chan<number>();
    (async () => {
      for (let i = 0; i < n; i++) await (i % 2 === 0 ? even : odd).send(i);
    })();
    for (let i = 0; i < n; i++) await select({ even: receiveFrom(even), odd: receiveFrom(odd) });
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
        [prime] = await input.receive();
        const output = new Chan<number>();
        filter(input, output, prime!);
        input = output;
      }
      await input.receive();
    }
  },

  async sieveWithStop(n) {
    for (let k = 0; k < n; k++) {
      const stop = new Chan<void>();
      let input = new Chan<number>();
      countUntil(stop, input);
      for (let prime: number | undefined = 0; prime !== LAST_PRIME;) {
        [prime] = await input.receive();
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
    const waits = aborts.map(({ signal }) => chan.receive({ signal }).catch(() => {}));
    for (const i of shuffled(n)) aborts[i]!.abort("stop");
    await Promise.all(waits);
  },
};
