import { expect, test } from 'vitest';
import type { Outcome } from '../../../plant/configure/walk.js';
import { vmHistory } from '../../../plant/produce/vmHistory.js';
import { fakeOrder } from './rig.js';

const AT = '2026-05-05T00:00:00Z';
const BROUGHT = { key: 'k0', name: 'base', seconds: 3, performedAt: '2026-01-01T00:00:00Z' };

function run(name: string, status = 0, path: readonly string[] = [name]) {
  return {
    path,
    key: `key of ${name}`,
    status,
    seconds: 1,
    attributes: new Map<string, string>(),
    output: new Uint8Array(),
    truncated: false,
  };
}

test('what ran is told apart: what an image could bring, and what is this VM alone', () => {
  const script = 'echo done\n';
  const order = fakeOrder([
    { name: 'base', script },
    { name: 'install', script, after: ['base'] },
    { name: 'account', script, identity: true, after: ['base'] },
    { name: 'profile', script, after: ['account'] },
    {
      name: 'shaky',
      script,
      onError: { handler: { actions: [{ name: 'mend', script }] }, then: { goOnAt: 'last' } },
    },
    { name: 'middle', script, after: ['shaky'] },
    { name: 'last', script, after: ['middle'] },
  ]);
  const outcomes = new Map<string, Outcome>([
    ['install', 'performed'],
    ['account', 'performed'],
    ['profile', 'performed'],
    ['shaky', 'handled'],
    ['middle', 'skipped'],
    ['last', 'performed'],
  ]);
  const runs = [
    run('shaky', 1),
    run('mend', 0, ['shaky', 'mend']),
    run('install', 1),
    run('install'),
    run('account'),
    run('profile'),
    run('last'),
  ];
  expect(vmHistory(order, [BROUGHT], { outcomes, runs }, AT)).toEqual({
    performed: [BROUGHT, { key: 'key of install', name: 'install', seconds: 1, performedAt: AT }],
    perVm: ['account', 'profile', 'shaky', 'last'],
  });
});

test('of a VM that its image served completely it is what the image brought', () => {
  const order = fakeOrder([{ name: 'base', script: 'echo done\n' }]);
  expect(vmHistory(order, [BROUGHT], { outcomes: new Map(), runs: [] }, AT)).toEqual({
    performed: [BROUGHT],
    perVm: [],
  });
});
