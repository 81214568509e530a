/**
 * One case of a {@linkcode select}: something that may happen, and `R`, what the select yields if
 * it does. Made by {@linkcode receiveFrom}, {@linkcode sendTo}, {@linkcode after} and
 * {@linkcode settled}. It may be used in any number of selects.
 *
 * @example A case that is made once and waited for again and again
 * ```ts
 * import { type Case, Chan, receiveFrom, type ReceiveResult, select } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const numbers = new Chan<number>(2);
 * const number: Case<ReceiveResult<number>> = receiveFrom(numbers);
 * for (const n of [1, 2]) await numbers.send(n);
 * assertEquals((await select({ number })).value, 1);
 * assertEquals((await select({ number })).value, 2);
 * ```
 */
export abstract class Case<out R> {
  /** Carries the type alone; there is no such property. */
  declare protected readonly result: R;
}

/**
 * What a select yields for {@linkcode sendTo} and {@linkcode after}: nothing but the key.
 *
 * @example
 * ```ts
 * import { after, type Case, type KeyOnly, select } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const late: Case<KeyOnly> = after(1);
 * assertEquals(await select({ late }), { key: "late" });
 * ```
 */
export type KeyOnly = Readonly<Record<never, never>>;

/**
 * The cases of a select by name. The order matters only to a biased select.
 *
 * @example As many cases as there are channels
 * ```ts
 * import { type Cases, Chan, receiveFrom, select } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const mirrors = new Map([["de", new Chan<string>(1)], ["fr", new Chan<string>(1)]]);
 * await mirrors.get("fr")?.send("page");
 *
 * const cases: Cases = Object.fromEntries(
 *   [...mirrors].map(([name, chan]) => [name, receiveFrom(chan)]),
 * );
 * assertEquals((await select(cases)).key, "fr");
 * ```
 */
export type Cases = Readonly<Record<string, Case<unknown>>>;

/**
 * What a select over the cases `C` yields: told apart by `key`, with what that case carries.
 *
 * @example A function that takes what a select has yielded
 * ```ts
 * import { after, Chan, receiveFrom, select, type Selected } from "@dlm/dlm";
 * import { assertEquals } from "@std/assert";
 *
 * const lines = new Chan<string>(1);
 * const cases = { line: receiveFrom(lines), late: after(1_000) };
 *
 * function describe(got: Selected<typeof cases>): string {
 *   if (got.key === "late") return "late";
 *   return got.ok ? `a line: ${got.value}` : "the end";
 * }
 *
 * await lines.send("hello");
 * assertEquals(describe(await select(cases)), "a line: hello");
 * ```
 */
export type Selected<C extends Cases> = {
  [K in keyof C & string]: C[K] extends Case<infer R>
    ? R extends unknown ? { readonly key: K } & R : never
    : never;
}[keyof C & string];
