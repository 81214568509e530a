import { assertEquals } from "@std/assert";
import { Chan, type ReceiveChan, type SendChan } from "../../../mod.ts";
import { testWithin } from "../../support/watchdog.ts";
import { range } from "../support.ts";

// After Go's test/chan/sieve1.go: a chain of filters, one for each prime.

async function count(out: SendChan<number>): Promise<void> {
  for (let i = 2;; i++) await out.send(i);
}

async function filter(
  input: ReceiveChan<number>,
  out: SendChan<number>,
  prime: number,
): Promise<void> {
  for await (const i of input) if (i % prime !== 0) await out.send(i);
}

async function sieve(primes: SendChan<number>, capacity: number): Promise<void> {
  let input = new Chan<number>(capacity);
  count(input);
  for (;;) {
    const [prime] = await input.receive();
    await primes.send(prime!);
    const next = new Chan<number>(capacity);
    filter(input, next, prime!);
    input = next;
  }
}

for (const capacity of [0, 1, 10]) {
  testWithin(`Go's prime sieve, channels of capacity ${capacity}`, async () => {
    const primes = new Chan<number>();
    sieve(primes, capacity);
    const found: number[] = [];
    for await (const prime of primes) if (found.push(prime) === 100) break;
    const isPrime = (n: number) => n >= 2 && range(n).slice(2).every((d) => n % d !== 0);
    assertEquals(found, range(542).filter(isPrime));
  });
}
