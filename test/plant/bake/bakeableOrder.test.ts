import { expect, it } from 'vitest';
import { createOrder } from '../../../model/createOrder.js';
import { bakeableOrder } from '../../../plant/bake/bakeableOrder.js';
import { plan } from '../../../plant/planner/plan.js';
import { requestWith } from '../../model/violationsOf.js';
import { image, LINE, NOW } from '../planner/build.js';

const KEY = '7e'.repeat(32);

it('keeps an opaque action, so that only an image which brings it is baked upon', () => {
  const order = createOrder(
    requestWith(
      [
        { name: 'by-hand', opaque: KEY },
        {
          name: 'tools',
          script: 'install tools',
          after: ['by-hand'],
          onError: { retries: 2, then: 'continue' },
        },
        { name: 'user', script: 'add user', identity: true, after: ['tools'] },
      ],
      { hardware: { memory: 256 } },
    ),
  );
  const { order: bakeable, leftOut } = bakeableOrder(order);
  expect(leftOut).toEqual(['user']);
  expect(bakeable.dag.actions[0]).toEqual(order.dag.actions[0]);
  expect(bakeable.dag.actions[1]?.onError).toEqual({ retries: 2, then: { kind: 'abort' } });

  const base = image({ name: 'base' });
  const input = { order: bakeable, now: NOW, lines: [LINE] };
  expect(plan({ ...input, images: [base] })).toMatchObject({
    kind: 'no-match',
    rejected: [{ test: 'opaque' }],
  });
  const live = image({ name: 'live', performed: [{ key: KEY, name: 'live', opaque: true }] });
  expect(plan({ ...input, images: [base, live] })).toMatchObject({
    plan: { image: 'live', stages: [{ kind: 'guest', actions: [{ name: 'tools' }] }] },
  });
});
