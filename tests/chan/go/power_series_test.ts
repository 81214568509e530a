import { assertEquals } from "@std/assert";
import { testWithin } from "../../support/watchdog.ts";
import {
  add,
  binomial,
  differentiate,
  exponential,
  integrate,
  multiply,
  polynomial,
  rational,
  reciprocal,
  repeat,
  scale,
  type Series,
  shift,
  split,
  substitute,
  substituteSquare,
} from "./power_series.ts";

const one = rational(1);
const ones = () => repeat(one);
const x = () => polynomial(rational(0), one);

/** Each series and its first ten coefficients. */
const identities: Record<string, [Series, string]> = {
  "1/(1−x)": [ones(), "1 1 1 1 1 1 1 1 1 1"],
  "a sum": [add(ones(), repeat(rational(2))), "3 3 3 3 3 3 3 3 3 3"],
  "a multiple": [scale(rational(1, 2), ones()), "1/2 1/2 1/2 1/2 1/2 1/2 1/2 1/2 1/2 1/2"],
  "x times": [shift(ones()), "0 1 1 1 1 1 1 1 1 1"],
  "a derivative": [differentiate(ones()), "1 2 3 4 5 6 7 8 9 10"],
  "an integral": [integrate(rational(0), ones()), "0 1 1/2 1/3 1/4 1/5 1/6 1/7 1/8 1/9"],
  "√(1+x)": [
    binomial(rational(1, 2)),
    "1 1/2 -1/8 1/16 -5/128 7/256 -21/1024 33/2048 -429/32768 715/65536",
  ],
  "a product": [multiply(ones(), ones()), "1 2 3 4 5 6 7 8 9 10"],
  "a reciprocal": [
    reciprocal(polynomial(one, rational(-1), rational(-1))),
    "1 1 2 3 5 8 13 21 34 55",
  ],
  "eˣ": [exponential(x()), "1 1 1/2 1/6 1/24 1/120 1/720 1/5040 1/40320 1/362880"],
  "1/(1−2x²)": [substituteSquare(ones(), rational(2)), "1 0 2 0 4 0 8 0 16 0"],
  "1/(1−(x+x²))": [
    substitute(ones(), polynomial(rational(0), one, one)),
    "1 1 2 3 5 8 13 21 34 55",
  ],
  "arctan": [
    integrate(rational(0), substituteSquare(ones(), rational(-1))),
    "0 1 0 -1/3 0 1/5 0 -1/7 0 1/9",
  ],
};

async function coefficients(series: Series): Promise<string> {
  const terms: string[] = [];
  while (terms.length < 10) {
    const { over, under } = await series.next();
    terms.push(under === 1n ? `${over}` : `${over}/${under}`);
  }
  return terms.join(" ");
}

for (const [name, [series, expected]] of Object.entries(identities)) {
  testWithin(`Go's power series: ${name}`, async () => {
    assertEquals(await coefficients(series), expected);
  });
}

testWithin("Go's power series: both halves of a split give all terms, at any pace", async () => {
  const [left, right] = split(integrate(one, ones()));
  const expected = "1 1 1/2 1/3 1/4 1/5 1/6 1/7 1/8 1/9";
  assertEquals(await coefficients(left), expected);
  assertEquals(await coefficients(right), expected);
  const both = split(differentiate(ones()));
  assertEquals(await Promise.all(both.map(coefficients)), [
    "1 2 3 4 5 6 7 8 9 10",
    "1 2 3 4 5 6 7 8 9 10",
  ]);
});
