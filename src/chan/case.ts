/**
 * One case of a {@linkcode select}: something that may happen, and `R`, what the select yields if
 * it does. Made by {@linkcode receiveFrom}, {@linkcode sendTo}, {@linkcode after} and
 * {@linkcode settled}. It may be used in any number of selects.
 */
export abstract class Case<out R> {
  /** Carries the type alone; there is no such property. */
  declare protected readonly result: R;
}

/** What a select yields for {@linkcode sendTo} and {@linkcode after}: nothing but the key. */
export type KeyOnly = Readonly<Record<never, never>>;

/** The cases of a select by name. The order matters only to a biased select. */
export type Cases = Readonly<Record<string, Case<unknown>>>;

/** What a select over the cases `C` yields: told apart by `key`, with what that case carries. */
export type Selected<C extends Cases> = {
  [K in keyof C & string]: C[K] extends Case<infer R>
    ? R extends unknown ? { readonly key: K } & R : never
    : never;
}[keyof C & string];
