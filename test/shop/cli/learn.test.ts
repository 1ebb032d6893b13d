import { afterEach, describe, expect, it } from 'vitest';
import type { LearningReport } from '../../../proto/gen/vmplants/v1/LearningReport.js';
import { type FakeShop, startFakeShop } from './fakeShop.js';
import { type Run, runShop } from './runShop.js';

let shop: FakeShop | undefined;
afterEach(async () => {
  await shop?.stop();
  shop = undefined;
});

const MIB = 1024 * 1024;
const REPORT: LearningReport = {
  plant: 'north',
  enabled: true,
  orders: 31,
  images: 1,
  imagesBudget: 8,
  bytes: String(12 * MIB),
  bytesBudget: String(4096 * MIB),
  bake: [
    {
      actions: [
        { name: 'install', key: '1' },
        { name: 'configure', key: '2' },
      ],
      operatingSystem: 'debian 12',
      memoryMib: 512,
      clientDomain: 'lab.example',
      bytes: String(20 * MIB),
      savedSecondsPerDay: 3600,
      reason: 'shared by 4 kinds of order\u001b[2J',
    },
  ],
  evict: [{ image: 'learned-a', reason: 'not used for 9 days' }],
  keep: [],
  prepared: [
    {
      image: 'micro',
      line: 'uml',
      rung: 'disk',
      memoryMib: 128,
      vcpus: 1,
      network: 'none',
      waiting: 1,
      wanted: 2,
      inUse: 3,
    },
  ],
  decisionSeconds: 0.012,
  doing: 'baking learned-b',
};

async function learn(
  report: LearningReport,
  ...flags: string[]
): Promise<{ readonly run: Run; readonly asked: readonly boolean[] }> {
  const asked: boolean[] = [];
  shop = await startFakeShop({
    learn: async ({ dryRun }) => {
      asked.push(dryRun);
      return { reports: [report], unreachable: ['south'] };
    },
  });
  return { run: await runShop(['--address', shop.address, 'learn', ...flags]), asked };
}

const MISSING = 'warning: plant south did not answer; what it holds is missing here\n';

describe('vmshop learn', () => {
  it('says what would be done and why', async () => {
    const { run, asked } = await learn(REPORT, '--dry-run');
    expect(asked).toEqual([true]);
    expect(run).toEqual({
      exitCode: 0,
      stdout: [
        'north: learns; 31 orders remembered',
        '  learned images: 1 of 8, 12 MiB of 4 GiB; decided in 0.01 s',
        '  now: baking learned-b',
        '  would bake:',
        '    ACTIONS             SYSTEM       MEMORY   DOMAIN          SIZE   SAVES A DAY   WHY',
        '    install,configure   debian 12   512 MiB   lab.example   20 MiB        3600 s   shared by 4 kinds of order\\x1b[2J',
        '  would evict:',
        '    IMAGE       WHY',
        '    learned-a   not used for 9 days',
        '  would keep: nothing',
        '  prepared:',
        '    IMAGE   LINE   RUNG   VCPUS    MEMORY   NETWORK   WAITING   IN USE',
        '    micro   uml    disk       1   128 MiB   none          1/2        3',
        '',
      ].join('\n'),
      stderr: MISSING,
    });
  });

  it('has it done without --dry-run, and says so', async () => {
    const { run, asked } = await learn(REPORT);
    expect(asked).toEqual([false]);
    expect(run.stdout).toContain('  will bake:\n');
    expect(run.stderr).toBe(`${MISSING}the plants begin with it as soon as no creation goes on\n`);
  });

  it('does not promise what a plant that does not learn will not do', async () => {
    const { run } = await learn({ ...REPORT, enabled: false, bytesBudget: '0' });
    expect(run.stdout).toMatch(/^north: does not learn \(it is switched off\); 31 orders remembered\n/);
    expect(run.stdout).toContain('  now: baking learned-b\n  would bake:\n');
    expect(run.stderr).toBe(MISSING);
  });

  it('says why a plant learns nothing that was not told to', async () => {
    const { run } = await learn({ ...REPORT, enabled: false, doing: 'no line here can freeze' }, '--dry-run');
    expect(run.stdout).toMatch(
      /^north: does not learn; 31 orders remembered\n.*\n {2}why: no line here can freeze\n/,
    );
  });

  it('tells programs the numbers', async () => {
    const { run } = await learn(REPORT, '--dry-run', '-o', 'json');
    expect(JSON.parse(run.stdout)).toMatchObject({
      dryRun: true,
      reports: [
        {
          plant: 'north',
          bytesBudget: 4096 * MIB,
          bake: [{ savedSecondsPerDay: 3600, memoryMiB: 512, actions: [{ name: 'install' }, {}] }],
          prepared: [{ waiting: 1, wanted: 2, inUse: 3 }],
        },
      ],
      unreachable: ['south'],
    });
  });
});
