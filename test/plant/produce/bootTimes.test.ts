import { expect, test } from 'vitest';
import { createBootTimes } from '../../../plant/produce/bootTimes.js';
import { image } from '../planner/build.js';

const slow = image({ name: 'slow', bootSeconds: 12 });
const fast = image({ name: 'fast', bootSeconds: 4 });

test('what an image says of its boot is corrected by the boots of its line alone', () => {
  const times = createBootTimes();
  expect(times.secondsOf('uml', slow)).toBeUndefined();
  times.note('uml', slow, 3);
  times.note('uml', slow, 5);
  expect(times.secondsOf('uml', slow)).toBe(4);
  expect(times.secondsOf('qemu', slow)).toBeUndefined();
});

test('an image that was never booted here is corrected as those that were', () => {
  const times = createBootTimes();
  times.note('uml', slow, 3);
  expect(times.secondsOf('uml', fast)).toBe(1);
});

test('only the last boots count', () => {
  const times = createBootTimes();
  times.note('uml', slow, 1_000);
  for (let boots = 0; boots < 32; boots++) times.note('uml', slow, 6);
  expect(times.secondsOf('uml', slow)).toBe(6);
});

test('an image that says nothing, and a time that cannot be, spoil nothing', () => {
  const times = createBootTimes();
  times.note('uml', image({ name: 'silent', bootSeconds: 0 }), 3);
  expect(times.secondsOf('uml', slow)).toBeUndefined();
  times.note('uml', slow, Number.NaN);
  expect(times.secondsOf('uml', slow)).toBe(0);
});
