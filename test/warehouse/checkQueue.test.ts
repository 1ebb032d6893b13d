import { expect, it } from 'vitest';
import { createCheckQueue } from '../../warehouse/checkQueue.js';

it('looks once more at what something happened to while it was looked at', async () => {
  const looks: (() => void)[] = [];
  let told: () => void = () => undefined;
  const next = () =>
    new Promise<void>((resolve) => {
      told = resolve;
    });
  const queue = createCheckQueue({
    atOnce: 1,
    // Longer than the test: only glances count here.
    quietMilliseconds: 1_000_000,
    check: () => Promise.resolve(),
    glance: () =>
      new Promise((resolve) => {
        looks.push(resolve);
        told();
      }),
  });
  queue.touched('a');
  queue.touched('a');
  queue.touched('a');
  expect(looks).toHaveLength(1);
  const again = next();
  looks[0]?.();
  await again;
  expect(looks).toHaveLength(2);
  looks[1]?.();
  await queue.close();
  expect(looks).toHaveLength(2);
});
