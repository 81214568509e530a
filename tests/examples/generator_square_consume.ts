/**
 * The smallest pipeline: a generator, a stage and a consumer, joined by channels.
 *
 * Each function owns the channel that it returns, fills it, and closes it when it has no more. The
 * next one reads until that end. All three are at work at the same time.
 */
import { Chan, type ReceiveChan } from "@dlm/dlm";

function generate(...numbers: number[]): ReceiveChan<number> {
  const out = new Chan<number>();
  (async () => {
    for (const n of numbers) await out.send(n);
    out.close();
  })();
  return out;
}

function square(numbers: ReceiveChan<number>): ReceiveChan<number> {
  const out = new Chan<number>();
  (async () => {
    for await (const n of numbers) await out.send(n * n);
    out.close();
  })();
  return out;
}

async function consume(numbers: ReceiveChan<number>): Promise<void> {
  for await (const n of numbers) console.log(n);
}

await consume(square(generate(1, 2, 3, 4, 5)));
