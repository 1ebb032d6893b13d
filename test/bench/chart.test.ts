import { describe, expect, it } from 'vitest';
import { chartSvg, distribution, ticks } from '../../bench/support/chart.js';

describe('a distribution', () => {
  it('gives the share of the values in each bin, with an empty bin at either end', () => {
    expect(distribution([0.25, 0.26, 0.31, 0.51], 0.1)).toEqual([
      [expect.closeTo(0.15), 0],
      [expect.closeTo(0.25), 0.5],
      [expect.closeTo(0.35), 0.25],
      [expect.closeTo(0.45), 0],
      [expect.closeTo(0.55), 0.25],
      [expect.closeTo(0.65), 0],
    ]);
  });

  it('begins at zero at the earliest', () => {
    expect(distribution([0.01], 0.1)[0]).toEqual([expect.closeTo(0.05), 1]);
    expect(distribution([], 0.1)).toEqual([]);
  });
});

describe('ticks', () => {
  it.each([
    [128, [0, 50, 100, 150]],
    [0.42, [0, 0.1, 0.2, 0.3, 0.4, 0.5]],
    [6, [0, 1, 2, 3, 4, 5, 6]],
    [0, [0, 0.2]],
  ])('of %d are round and reach it', (largest, expected) => {
    expect(ticks(largest)).toEqual(expected.map((value) => expect.closeTo(value, 9)));
  });
});

describe('a chart', () => {
  const chart = {
    title: 'A & B <C>',
    xLabel: 'x',
    yLabel: 'y',
    kind: 'dots' as const,
    series: [
      {
        name: 'one',
        points: [
          [0, 0],
          [10, 5],
        ] as const,
      },
    ],
  };

  it('puts the largest values where the axes end and zero where they begin', () => {
    const dots = [...chartSvg(chart).matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
    expect(dots.slice(0, 2).map(([, x, y]) => [Number(x), Number(y)])).toEqual([
      [72, 340],
      [696, 72],
    ]);
  });

  it('has no mark-up in its texts', () => {
    expect(chartSvg(chart)).toContain('<title>A &amp; B &lt;C&gt;</title>');
  });

  it('joins the points only where it is asked to', () => {
    expect(chartSvg(chart)).not.toContain('<polyline');
    expect(chartSvg({ ...chart, kind: 'line' })).toContain('<polyline points="72,340 696,72"');
  });
});
