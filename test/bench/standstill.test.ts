import { describe, expect, it } from 'vitest';
import { standstill } from '../../bench/support/standstill.js';

/** Entries of a machine that stands still for so many seconds when its clock shows 15.3, each seen late by so much. */
function log(stillSeconds: number, late: readonly number[]): string {
  const lines = ['10.05 1000'];
  for (const [index, by] of late.entries()) {
    const real = 10.5 + index;
    const up = real < 15.3 ? real : Math.max(15.3, real - stillSeconds);
    lines.push(`${(up + by).toFixed(2)} ${1001 + index}`);
  }
  return `${lines.join('\n')}\n`;
}

const ON_TIME = Array.from({ length: 11 }, () => 0);

describe('standstill', () => {
  it('is what the battery-backed clock went on for, whatever seconds are seen late', () => {
    expect(standstill(log(0.7, ON_TIME))).toBeCloseTo(700);
    expect(standstill(log(2.4, ON_TIME))).toBeCloseTo(2400);
    expect(standstill(log(0.7, [0, 0.3, 0.1, 0, 0.2, 0.4, 0.4, 0.1, 0, 0, 0.3]))).toBeCloseTo(700);
  });

  it('is nothing for a machine that never stood still', () => {
    expect(standstill(log(0, ON_TIME))).toBeCloseTo(0);
  });

  it('cannot be told from a few entries', () => {
    expect(() => standstill('1.00 5\n2.00 6\n3.00 7\n')).toThrow('a log of some seconds');
  });
});
