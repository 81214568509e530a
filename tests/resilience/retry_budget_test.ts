import { assertEquals, assertThrows } from "@std/assert";
import { RetryBudget } from "../../src/resilience/mod.ts";
import { testWithin } from "../support/watchdog.ts";

testWithin("RetryBudget: retries stop at half the tokens and come back with successes", () => {
  const budget = new RetryBudget({ maxTokens: 10, tokenRatio: 0.5 });
  assertEquals(Array.from({ length: 6 }, () => budget.failure()), [
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
  assertEquals(budget.tokens, 4);
  for (let i = 0; i < 4; i++) budget.success();
  assertEquals(budget.tokens, 6);
  assertEquals(budget.failure(), false);
  for (let i = 0; i < 3; i++) budget.success();
  assertEquals([budget.failure(), budget.tokens], [true, 5.5]);
});

testWithin("RetryBudget: stays between 0 and the most", () => {
  const budget = new RetryBudget({ maxTokens: 3, tokenRatio: 2 });
  budget.success();
  assertEquals(budget.tokens, 3);
  for (let i = 0; i < 9; i++) budget.failure();
  assertEquals(budget.tokens, 0);
});

testWithin("RetryBudget: by default an outage gets 49 retries", () => {
  const budget = new RetryBudget();
  let retries = 0;
  for (let i = 0; i < 1_000; i++) if (budget.failure()) retries++;
  assertEquals(retries, 49);
});

testWithin("RetryBudget: bad settings are refused by name", () => {
  for (const value of [0, -1, NaN, Infinity]) {
    const rule = `must be a finite positive number, got ${value}`;
    assertThrows(() => new RetryBudget({ maxTokens: value }), RangeError, `maxTokens ${rule}`);
    assertThrows(() => new RetryBudget({ tokenRatio: value }), RangeError, `tokenRatio ${rule}`);
  }
});
