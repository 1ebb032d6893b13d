import { afterEach, describe, expect, it } from 'vitest';
import { type StartedProgram, startProgram } from '../../e2e/program.js';
import { runShop } from '../cli/runShop.js';
import { openBrokerStage } from './brokerStage.js';

const stage = openBrokerStage();
const started: StartedProgram[] = [];
afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  await stage.clear();
});

describe('vmshop broker', () => {
  it.each([
    ['--markup', '-5'],
    ['--markup', '10 euro'],
    ['--name', 'Site A'],
    ['--plants', 'nowhere'],
    ['--bid-deadline', 'soon'],
  ])('takes no %s %s', async (flag, value) => {
    const { exitCode, stderr } = await runShop(['broker', '--listen', '127.0.0.1:0', `${flag}=${value}`]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(value)]);
  });

  it('serves in a process of its own until it is told to stop', async () => {
    const plant = await stage.plant('plant-1');
    const program = startProgram('vmshop', [
      ...[
        'broker',
        '--listen',
        '127.0.0.1:0',
        '--name',
        'site-a',
        '--markup',
        '5',
        '--plants',
        plant.address,
      ],
    ]);
    started.push(program);
    await expect.poll(program.stdout, { timeout: 20_000 }).toContain('\n');
    const address = /^broker site-a serves on (\S+)\n$/.exec(program.stdout())?.[1] ?? '';
    const shop = await stage.shop([{ address }]);
    const request = { hardware: { memory: 256 }, operatingSystem: { name: 'fake' }, actions: [] };
    expect((await shop.bids(request)).bids).toMatchObject([{ plant: 'site-a/plant-1', cost: 55 }]);
    const { vmid } = await shop.create(request);
    expect((await shop.list()).vms).toMatchObject([{ vmid }]);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });
});
