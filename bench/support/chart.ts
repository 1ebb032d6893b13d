/** Pictures of measurements as SVG text. Pure; one style for light and dark pages. */

export interface Series {
  readonly name: string;
  /** Pairs of x and y. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  /** `line` joins the points of a series, `dots` does not. */
  readonly kind: 'line' | 'dots';
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 72;
const RIGHT = 24;
const TOP = 72;
/** Of one entry of the legend, which stands in a row between title and plot. */
const LEGEND_WIDTH = 200;
const BOTTOM = 60;
/** Told apart also by those who do not see colours as others do (Okabe and Ito), and by their shapes. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'] as const;
const TICKS = 6;

/** Axes begin at zero, so that no difference looks larger than it is. */
export function chartSvg(chart: Chart): string {
  const all = chart.series.flatMap(({ points }) => points);
  const xTicks = ticks(Math.max(0, ...all.map(([x]) => x)));
  const yTicks = ticks(Math.max(0, ...all.map(([, y]) => y)));
  const x = (value: number): number => LEFT + (value / last(xTicks)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / last(yTicks)) * (HEIGHT - TOP - BOTTOM);
  const middle = (LEFT + WIDTH - RIGHT) / 2;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="sans-serif" font-size="13">`,
    `<title>${escaped(chart.title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    label(WIDTH / 2, 24, chart.title, 'font-size="16"'),
    ...xTicks.flatMap((value) => [
      `<path d="M${at(x(value))} ${TOP}V${HEIGHT - BOTTOM}" stroke="#e4e4e4"/>`,
      label(x(value), HEIGHT - BOTTOM + 20, tickText(value)),
    ]),
    ...yTicks.flatMap((value) => [
      `<path d="M${LEFT} ${at(y(value))}H${WIDTH - RIGHT}" stroke="#e4e4e4"/>`,
      label(LEFT - 8, y(value) + 4, tickText(value), 'text-anchor="end"'),
    ]),
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="#444"/>`,
    label(middle, HEIGHT - 16, chart.xLabel),
    label(
      20,
      (TOP + HEIGHT - BOTTOM) / 2,
      chart.yLabel,
      `transform="rotate(-90 20 ${(TOP + HEIGHT - BOTTOM) / 2})"`,
    ),
    ...chart.series.flatMap(({ name, points }, index) => {
      const colour = COLOURS[index % COLOURS.length] ?? '#000';
      const places = points.map(([px, py]) => [at(x(px)), at(y(py))] as const);
      const entry = LEFT + 8 + index * LEGEND_WIDTH;
      return [
        ...(chart.kind === 'line'
          ? [
              `<polyline points="${places.map((place) => place.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="1.5"/>`,
            ]
          : []),
        ...places.map(([px, py]) => mark(index, px, py, colour)),
        mark(index, at(entry), at(TOP - 20), colour),
        label(entry + 12, TOP - 16, name, 'text-anchor="start"'),
      ];
    }),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * What part of the values lies in each of bins of one width, from zero on: points at the middles of the bins
 * (the paper's "normalized occurrence"). Empty bins at both ends are left out but for one beside a full one.
 */
export function distribution(values: readonly number[], binWidth: number): Series['points'] {
  const counts = new Map<number, number>();
  for (const value of values) {
    const bin = Math.floor(value / binWidth);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const first = Math.max(0, Math.min(...counts.keys()) - 1);
  const end = Math.max(...counts.keys()) + 1;
  return Array.from({ length: end - first + 1 }, (_, index) => {
    const bin = first + index;
    return [(bin + 0.5) * binWidth, (counts.get(bin) ?? 0) / values.length] as const;
  });
}

/** Round numbers from zero up to the first that is not below the largest value. */
export function ticks(largest: number): readonly number[] {
  const rough = (largest > 0 ? largest : 1) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const count = Math.max(1, Math.ceil(largest / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

function mark(index: number, x: string, y: string, colour: string): string {
  if (index % 3 === 0) return `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`;
  const shape = index % 3 === 1 ? 'm-3 -3h6v6h-6z' : 'm0 -4l4 7h-8z';
  return `<path d="M${x} ${y}${shape}" fill="${colour}"/>`;
}

function label(x: number, y: number, text: string, attributes = ''): string {
  const anchor = attributes.includes('text-anchor') ? '' : ' text-anchor="middle"';
  const more = attributes === '' ? '' : ` ${attributes}`;
  return `<text x="${at(x)}" y="${at(y)}"${anchor}${more} fill="#222">${escaped(text)}</text>`;
}

function last(values: readonly number[]): number {
  return values.at(-1) ?? 1;
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function tickText(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
