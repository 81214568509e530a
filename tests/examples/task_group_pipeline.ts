/**
 * A pipeline of tasks that fail together, as Go's errgroup has it.
 *
 * The first task that fails aborts the group's signal, and every wait of the others ends; `wait`
 * throws that first error when all of them have returned.
 */
import { Chan, TaskGroup } from "@dlm/dlm";

async function squares(inputs: number[]): Promise<number[]> {
  const group = new TaskGroup();
  const numbers = new Chan<number>();
  const results = new Chan<number>();
  const output: number[] = [];

  group.go(async (signal) => {
    for (const n of inputs) await numbers.send(n, { signal });
    numbers.close();
  });

  group.go(async (signal) => {
    for (;;) {
      const [n, ok] = await numbers.receive({ signal });
      if (!ok) break;
      if (n < 0) throw new RangeError(`cannot process ${n}`);
      await results.send(n * n, { signal });
    }
    results.close();
  });

  group.go(async (signal) => {
    for (;;) {
      const [result, ok] = await results.receive({ signal });
      if (!ok) break;
      output.push(result);
    }
  });

  await group.wait();
  return output;
}

console.log(await squares([1, 2, 3, 4]));
try {
  await squares([1, 2, -3, 4]);
} catch (error) {
  console.log(String(error));
}
