/**
 * Power series as loops that compute one coefficient each time they are asked, after Go's
 * test/chan/powser1.go (M. D. McIlroy, "Squinting at Power Series", 1990). Every operator is a
 * loop, every product starts more of them, and `split` selects over three channels.
 *
 * @module
 */
import { Chan, receiveFrom, select } from "../../../mod.ts";

/** A fraction in lowest terms with a positive denominator. */
export interface Rational {
  readonly over: bigint;
  readonly under: bigint;
}

export function rational(over: bigint | number, under: bigint | number = 1n): Rational {
  let [a, b] = [BigInt(over), BigInt(under)];
  while (b !== 0n) [a, b] = [b, a % b];
  const divisor = BigInt(under) < 0n === a < 0n ? a : -a;
  return { over: BigInt(over) / divisor, under: BigInt(under) / divisor };
}

const ZERO = rational(0);
const ONE = rational(1);

function sum(a: Rational, b: Rational): Rational {
  return rational(a.over * b.under + b.over * a.under, a.under * b.under);
}

function product(a: Rational, b: Rational): Rational {
  return rational(a.over * b.over, a.under * b.under);
}

function inverse(a: Rational): Rational {
  return rational(a.under, a.over);
}

/** The coefficients of 1, x, x², … without end, each given when it is asked for. */
export class Series {
  readonly requests: Chan<void> = new Chan<void>();
  readonly #terms = new Chan<Rational>();

  async next(): Promise<Rational> {
    await this.requests.send();
    const [term] = await this.#terms.receive();
    return term!;
  }

  async give(term: Rational): Promise<void> {
    await this.requests.receive();
    await this.#terms.send(term);
  }

  /** Waits until a term is asked for. What follows must be `answer`. */
  async asked(): Promise<void> {
    await this.requests.receive();
  }

  answer(term: Rational): Promise<void> {
    return this.#terms.send(term);
  }
}

/** A series made by a loop. */
function series(loop: (out: Series) => Promise<void>): Series {
  const out = new Series();
  loop(out);
  return out;
}

/** Gives the rest of `from` to `out`. */
async function copy(from: Series, out: Series): Promise<void> {
  for (;;) {
    await out.asked();
    await out.answer(await from.next());
  }
}

/** Two series with the same terms as `from`, which may be read at any pace. */
export function split(from: Series): [Series, Series] {
  const outs: [Series, Series] = [new Series(), new Series()];
  const go = new Chan<void>(1);
  go.trySend();
  splitTerm(from, outs, go);
  return outs;
}

/**
 * Gives one term to both and starts its own successor for the next as soon as one of them wants
 * it. `turn` says that both have had the terms before; until then only the one ahead can ask.
 */
async function splitTerm(from: Series, outs: [Series, Series], turn: Chan<void>): Promise<void> {
  let [ahead, behind] = outs;
  let isTurn = false;
  const first = receiveFrom(ahead.requests);
  const got = await select({ first, turn: receiveFrom(turn) });
  if (got.key === "turn") {
    isTurn = true;
    const asker = await select({ first, second: receiveFrom(behind.requests) });
    if (asker.key === "second") [ahead, behind] = [behind, ahead];
  }
  const term = await from.next();
  const nextTurn = new Chan<void>();
  splitTerm(from, [ahead, behind], nextTurn);
  await ahead.answer(term);
  if (!isTurn) await turn.receive();
  await behind.give(term);
  await nextTurn.send();
}

/** c + cx + cx² + … */
export function repeat(c: Rational): Series {
  return series(async (out) => {
    for (;;) await out.give(c);
  });
}

/** A polynomial. */
export function polynomial(...terms: Rational[]): Series {
  return series(async (out) => {
    for (const term of terms) await out.give(term);
    await copy(repeat(ZERO), out);
  });
}

export function add(u: Series, v: Series): Series {
  return series(async (out) => {
    for (;;) {
      await out.asked();
      const [a, b] = await Promise.all([u.next(), v.next()]);
      await out.answer(sum(a, b));
    }
  });
}

export function scale(c: Rational, u: Series): Series {
  return series(async (out) => {
    for (;;) {
      await out.asked();
      await out.answer(product(c, await u.next()));
    }
  });
}

/** x times `u`. */
export function shift(u: Series): Series {
  return series(async (out) => {
    await out.give(ZERO);
    await copy(u, out);
  });
}

/** (u + xU)(v + xV) = uv + x(uV + vU) + x²UV. */
export function multiply(left: Series, right: Series): Series {
  return series(async (out) => {
    await out.asked();
    const [u, v] = await Promise.all([left.next(), right.next()]);
    await out.answer(product(u, v));
    const [us, vs] = [split(left), split(right)];
    const rest = add(scale(u, vs[0]), scale(v, us[0]));
    await out.asked();
    await out.answer(await rest.next());
    await copy(add(rest, multiply(us[1], vs[1])), out);
  });
}

export function differentiate(u: Series): Series {
  return series(async (out) => {
    await out.asked();
    await u.next();
    for (let n = 1;; n++) {
      await out.answer(product(rational(n), await u.next()));
      await out.asked();
    }
  });
}

/** The integral of `u` whose constant is `c`. */
export function integrate(c: Rational, u: Series): Series {
  return series(async (out) => {
    await out.give(c);
    for (let n = 1;; n++) {
      await out.asked();
      await out.answer(product(rational(1, n), await u.next()));
    }
  });
}

/** (1 + x) to the power `c`. */
export function binomial(c: Rational): Series {
  return series(async (out) => {
    let term = ONE;
    for (let n = 1;; n++) {
      await out.give(term);
      term = product(product(term, c), rational(1, n));
      c = sum(c, rational(-1));
    }
  });
}

/** 1/(u + xU) = 1/u − x(1/u)U · 1/(u + xU). */
export function reciprocal(u: Series): Series {
  return fixedPoint(async (out, itself) => {
    await out.asked();
    const { over, under } = inverse(await u.next());
    await out.answer(rational(over, under));
    await copy(multiply(scale(rational(-over, under), u), itself), out);
  });
}

/** exp(U) for a `u` without constant: its derivative is U′·exp(U). */
export function exponential(u: Series): Series {
  return fixedPoint((out, itself) => copy(integrate(ONE, multiply(itself, differentiate(u))), out));
}

/** A series that is computed from its own terms. */
function fixedPoint(loop: (out: Series, itself: Series) => Promise<void>): Series {
  const out = new Series();
  const [result, itself] = split(out);
  loop(out, itself);
  return result;
}

/** U(V(x)) for a `v` without constant: u + xV₁·U₁(V). */
export function substitute(u: Series, v: Series): Series {
  return series(async (out) => {
    const [v0, v1] = split(v);
    await out.asked();
    const first = await u.next();
    await v0.next();
    await out.answer(first);
    await copy(multiply(v0, substitute(u, v1)), out);
  });
}

/** U(cx²). */
export function substituteSquare(u: Series, c: Rational): Series {
  return series(async (out) => {
    for (let power = ONE;; power = product(power, c)) {
      await out.asked();
      await out.answer(product(await u.next(), power));
      await out.give(ZERO);
    }
  });
}
