/** Picks one of `count` equals: an integer from 0 to `count - 1`. */
export type Choose = (count: number) => number;

const uniform: Choose = (count) => Math.floor(Math.random() * count);

/** How a select chooses among the cases that are ready. */
export let choose: Choose = uniform;

/** Puts `other` in the place of chance until it is disposed, so that a test can walk every branch. */
export function chooseBy(other: Choose): Disposable {
  choose = other;
  return {
    [Symbol.dispose]() {
      choose = uniform;
    },
  };
}
