import { describe, expect, it } from 'vitest';
import {
  formatAge,
  formatBytes,
  formatCost,
  formatCount,
  formatMiB,
  formatSeconds,
} from '../../cli/amounts.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('amounts for people', () => {
  it.each([
    [-5, '0s'],
    [999, '0s'],
    [8 * SECOND, '8s'],
    [119 * SECOND, '119s'],
    [3 * MINUTE + 12 * SECOND, '3m12s'],
    [4 * MINUTE, '4m'],
    [45 * MINUTE, '45m'],
    [5 * HOUR, '5h'],
    [5 * HOUR + 6 * MINUTE, '5h6m'],
    [30 * HOUR, '30h'],
    [2 * DAY + 3 * HOUR, '2d3h'],
    [41 * DAY + 3 * HOUR, '41d'],
  ])('says the age of %d ms as %s', (milliseconds, text) => {
    expect(formatAge(milliseconds)).toBe(text);
  });

  it.each([
    [0, '0.00 s'],
    [0.04, '0.04 s'],
    [3.21, '3.2 s'],
    [74.6, '75 s'],
  ])('says %d seconds as %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it('says sizes in binary units', () => {
    expect(formatBytes(812)).toBe('812 B');
    expect(formatBytes(3500)).toBe('3.4 KiB');
    expect(formatMiB(512)).toBe('512 MiB');
    expect(formatMiB(8192)).toBe('8 GiB');
  });

  it('says costs and counts', () => {
    expect(formatCost(12)).toBe('12');
    expect(formatCost(0.30000000000000004)).toBe('0.3');
    expect(formatCount(1, 'VM')).toBe('1 VM');
    expect(formatCount(0, 'VM')).toBe('0 VMs');
  });
});
