const LEVELS = "▁▂▃▄▅▆▇█";

/**
 * The course of `values`, oldest first, in `cells` characters; what there is no value for yet stays
 * blank on the left. `span` values make up the whole width, and neighbours share a character where
 * there are more of them than characters. Nothing at all is the lowest level.
 */
export function sparkline(values: readonly number[], cells: number, span: number): string {
  const perCell = span / cells;
  const means: number[] = [];
  for (let end = values.length; end > 0 && means.length < cells; end -= perCell) {
    const part = values.slice(Math.max(0, Math.round(end - perCell)), Math.round(end));
    means.unshift(part.reduce((sum, value) => sum + value, 0) / Math.max(1, part.length));
  }
  const highest = Math.max(...means, Number.MIN_VALUE);
  const line = means.map((mean) => LEVELS[Math.round(mean / highest * (LEVELS.length - 1))]);
  return line.join("").padStart(cells);
}
