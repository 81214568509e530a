/** The word that is most like `given`, or `undefined` where none is like enough to be meant. */
export function nearest(given: string, words: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.ceil(given.length / 2);
  for (const word of words) {
    const distance = editDistance(given, word);
    if (distance >= least) continue;
    best = word;
    least = distance;
  }
  return best;
}

/** How many letters to add, remove or change (Levenshtein 1966), one row of the table at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const change = row[j]! + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(change, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
