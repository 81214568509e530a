/** One curve. */
export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Curves over the same axes, both logarithmic. */
export interface Panel {
  readonly title: string;
  readonly curves: readonly Curve[];
}

const WIDTH = 360;
const HEIGHT = 264;
const LEFT = 52;
const TOP = 58;
const RIGHT = 16;
const BOTTOM = 44;

/** Told apart by eyes of all kinds, before white and before black. */
const COLORS = ["#3b82c4", "#d9822b", "#2f9e6e"];

/** Panels side by side over the same quantity, as an SVG document for light and dark pages. */
export function chart(xLabel: string, panels: readonly Panel[]): string {
  const width = WIDTH * panels.length;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" \
height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="11">
<style>
text { fill: #1f2328 } .grid { stroke: #8884; stroke-width: 1 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }
</style>
${panels.map((panel, index) => drawPanel(panel, xLabel, index * WIDTH)).join("\n")}
</svg>
`;
}

function drawPanel({ title, curves }: Panel, xLabel: string, left: number): string {
  const points = curves.flatMap((curve) => curve.points);
  const x = new Axis(points.map(([x]) => x), LEFT, WIDTH - RIGHT);
  const y = new Axis(points.map(([, y]) => y), HEIGHT - BOTTOM, TOP);
  const lines = [
    text(LEFT, 16, title, "start", "600"),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, xLabel, "middle"),
    ...x.decades.map((tick) =>
      line(x.at(tick), TOP, x.at(tick), HEIGHT - BOTTOM) +
      text(x.at(tick), HEIGHT - BOTTOM + 16, nameOf(tick), "middle")
    ),
    ...y.decades.map((tick) =>
      line(LEFT, y.at(tick), WIDTH - RIGHT, y.at(tick)) +
      text(LEFT - 6, y.at(tick) + 4, nameOf(tick), "end")
    ),
    ...curves.map((curve, index) => drawCurve(curve, index, x, y)),
  ];
  return `<g transform="translate(${left} 0)">\n${lines.join("\n")}\n</g>`;
}

function drawCurve({ name, points }: Curve, index: number, x: Axis, y: Axis): string {
  const color = COLORS[index % COLORS.length];
  const places = points.map(([px, py]) => [x.at(px).toFixed(1), y.at(py).toFixed(1)] as const);
  const path = places.map(([px, py]) => `${px},${py}`).join(" ");
  const dots = places.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="3" fill="${color}"/>`);
  const key = 32 + 15 * index;
  return [
    `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`,
    ...dots,
    `<circle cx="${LEFT + 4}" cy="${key - 4}" r="4" fill="${color}"/>`,
    text(LEFT + 13, key, name, "start"),
  ].join("\n");
}

/** A logarithmic axis over whole decades. */
class Axis {
  readonly decades: readonly number[];
  readonly #first: number;
  readonly #perDecade: number;
  readonly #from: number;

  constructor(values: readonly number[], from: number, to: number) {
    const exponents = values.map(Math.log10);
    const low = Math.floor(Math.min(...exponents) + 1e-9);
    const high = Math.max(low + 1, Math.ceil(Math.max(...exponents) - 1e-9));
    this.decades = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
    this.#first = low;
    this.#from = from;
    this.#perDecade = (to - from) / (high - low);
  }

  at(value: number): number {
    return this.#from + (Math.log10(value) - this.#first) * this.#perDecade;
  }
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function nameOf(decade: number): string {
  const exponent = Math.round(Math.log10(decade));
  if (exponent >= -2 && exponent <= 3) return String(Number(decade.toPrecision(1)));
  const digits = [...`${Math.abs(exponent)}`].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  const place = [x1, y1, x2, y2].map((number) => number.toFixed(1));
  return `<line class="grid" x1="${place[0]}" y1="${place[1]}" x2="${place[2]}" y2="${place[3]}"/>`;
}

function text(x: number, y: number, content: string, anchor: string, weight = "400"): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" \
font-weight="${weight}">${escaped}</text>`;
}
