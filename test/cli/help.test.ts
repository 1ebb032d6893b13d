import { describe, expect, it } from 'vitest';
import { runPlant } from '../plant/cli/runPlant.js';
import { runShop } from '../shop/cli/runShop.js';

describe('help', () => {
  it('of a command that there is none of says so, and what may have been meant', async () => {
    const run = await runShop(['help', 'lst']);
    expect([run.exitCode, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toBe("error: unknown command 'lst'\nhint: Did you mean one of list, ls?\n");
  });

  it.each([['list'], ['ls'], ['help']])('of %s is shown', async (command) => {
    const run = await runShop(['help', command]);
    expect([run.exitCode, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toContain('Usage: vmshop');
  });

  it('of a command lists the forms that the command takes, once', async () => {
    const { stdout } = await runShop(['plan', '--help']);
    expect(stdout.match(/--output/g)).toHaveLength(1);
    expect(stdout.replace(/\s+/g, ' ')).toContain('(default: table) (choices: "table", "json", "yaml")');
    expect((await runShop(['console', '--help'])).stdout).not.toContain('--output');
    expect((await runPlant(['warehouse', 'list', '--help'])).stdout).toContain('"wide"');
  });

  it.each([
    ['before', ['-o', 'json', 'version', '--client']],
    ['after', ['version', '--client', '-o', 'json']],
  ])('takes -o %s the command', async (_place, args) => {
    expect(JSON.parse((await runShop(args)).stdout)).toEqual({ client: { version: '1.2.3' } });
  });
});
