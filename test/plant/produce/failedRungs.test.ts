import { expect, test } from 'vitest';
import type { GoldenImage } from '../../../model/goldenImage.js';
import { createFailedRungs } from '../../../plant/produce/failedRungs.js';
import { image } from '../planner/build.js';

const FAILED = [{ image: 'a', rung: 'warm' }];

function setUp() {
  let minutes = 0;
  let now: GoldenImage | undefined = image({ name: 'a' });
  const clock = { now: () => 0, monotonic: () => minutes * 60_000 };
  const rungs = createFailedRungs(clock, () => now);
  return {
    rungs,
    pass: (more: number) => {
      minutes += more;
    },
    become: (next: GoldenImage | undefined) => {
      now = next;
    },
  };
}

test('a memory that could not be resumed is passed over for an hour', () => {
  const { rungs, pass } = setUp();
  expect(rungs.excluded()).toEqual([]);
  rungs.note(image({ name: 'a' }), 'warm');
  pass(59);
  expect(rungs.excluded()).toEqual(FAILED);
  expect(rungs.has('a')).toBe(true);
  expect(rungs.has('b')).toBe(false);
  pass(2);
  expect(rungs.has('a')).toBe(false);
  expect(rungs.excluded()).toEqual([]);
});

test('it is tried again where another image has its name', () => {
  const { rungs, become } = setUp();
  rungs.note(image({ name: 'a' }), 'warm');
  become({ ...image({ name: 'a' }), created: '2027-01-01T00:00:00Z' });
  expect(rungs.excluded()).toEqual([]);
});

test('a disk is tried every time', () => {
  const { rungs } = setUp();
  rungs.note(image({ name: 'a' }), 'disk');
  expect(rungs.excluded()).toEqual([]);
});
