import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { AccountHeap } from "../../src/limiter/_account_heap.ts";
import { Account } from "../../src/limiter/_bandwidth_account.ts";

const ACCOUNTS = 20;

const step = fc.record({
  account: fc.nat(ACCOUNTS - 1),
  key: fc.option(fc.integer({ min: -50, max: 50 }), { freq: 3 }),
});

Deno.test("the first account has the least key, whatever comes, moves and goes", () => {
  const weight = fc.constantFrom(1, 3, 0.1);
  const weights = fc.array(weight, { minLength: ACCOUNTS, maxLength: ACCOUNTS });
  fc.assert(fc.property(weights, fc.array(step, { size: "large" }), (weights, steps) => {
    const accounts = weights.map((weight) => new Account(weight));
    const heap = new AccountHeap(({ dueAt }) => dueAt);
    const model = new Set<Account>();
    for (const { account: index, key } of steps) {
      const account = accounts[index]!;
      if (key === null) {
        heap.delete(account);
        model.delete(account);
      } else {
        account.dueAt = key;
        heap.put(account);
        model.add(account);
      }
      assertEquals(heap.size, model.size);
      assert([...heap].every((each) => model.has(each)));
      assert(accounts.every((each) => heap.has(each) === model.has(each)));
      const first = model.size === 0 ? undefined : Math.min(...[...model].map((one) => one.dueAt));
      assertEquals(heap.first?.dueAt, first);
      assertAlmostEquals(heap.weight, [...model].reduce((sum, one) => sum + one.weight, 0), 1e-9);
    }
    // All that is left comes out in order.
    let last = -Infinity;
    for (let first = heap.first; first !== undefined; first = heap.first) {
      assert(first.dueAt >= last);
      last = first.dueAt;
      heap.delete(first);
    }
    assertEquals(heap.weight, 0);
  }));
});

Deno.test("the sum of the weights is right after a much larger one has gone", () => {
  const heap = new AccountHeap(({ dueAt }) => dueAt);
  const large = new Account(1e20);
  heap.put(new Account(1));
  heap.put(large);
  heap.put(new Account(2));
  heap.delete(large);
  assertEquals(heap.weight, 3);
});
