import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cloneInArguments, readAuditFacts } from '../../../plant/cli/auditFacts.js';
import { type AuditFacts, findDifferences } from '../../../plant/cli/auditFindings.js';
import { openInformationSystem } from '../../../plant/info/informationSystem.js';
import type { VmRecord } from '../../../plant/info/record.js';
import type { ProcessIdentity } from '../../../plant/line/line.js';
import type { PreparedMachine } from '../../../plant/prepare/prepared.js';
import { temporaryDirectory } from '../../warehouse/imageFixture.js';
import { runPlant } from './runPlant.js';

const A = 'vm-aaaaaaaaaaaaaaaaaaaaaaaaaa';
const B = 'vm-bbbbbbbbbbbbbbbbbbbbbbbbbb';
const PROCESS: ProcessIdentity = { pid: 100, startTicks: 5, bootId: 'boot' };

function record(vmid: string, change: Partial<VmRecord> = {}, vm: Partial<VmRecord['vm']> = {}): VmRecord {
  return {
    vm: {
      vmid,
      state: 'running',
      plant: 'north',
      clientDomain: 'default',
      image: 'micro',
      rung: 'warm',
      line: 'qemu',
      createdAt: 0,
      classad: {},
      vcpus: 1,
      memoryMiB: 128,
      hostname: 'h',
      orderDigest: 'd',
      ...vm,
    },
    directory: `/data/clones/${vmid}`,
    process: PROCESS,
    macs: [],
    holds: true,
    ...change,
  };
}

const P = 'prepared-pppppppppppppppppppppppppp';

function waiting(change: Partial<PreparedMachine> = {}): PreparedMachine {
  return {
    id: P,
    state: 'waiting',
    image: 'micro',
    line: 'qemu',
    rung: 'warm',
    vcpus: 1,
    memoryMiB: 128,
    network: 'host-only',
    createdAt: 0,
    directory: `/data/clones/${P}`,
    process: PROCESS,
    macs: [],
    ...change,
  };
}

/** Facts that agree, but for the change. */
function facts(change: Partial<AuditFacts> = {}): AuditFacts {
  return {
    records: [record(A)],
    prepared: [],
    damaged: [],
    cloneRoot: '/data/clones',
    clones: [A],
    processes: [{ identity: PROCESS, clone: A }],
    alive: () => true,
    served: true,
    ...change,
  };
}

describe('record and reality', () => {
  it('agree', () => {
    expect(findDifferences(facts())).toEqual([]);
    expect(findDifferences(facts({ records: [], clones: [], processes: [] }))).toEqual([]);
  });

  it.each<[string, Partial<AuditFacts>, readonly (readonly [string, string])[]]>([
    ['a clone is gone', { clones: [] }, [['missing-directory', A]]],
    ['a monitor is gone', { alive: () => false, processes: [] }, [['missing-process', A]]],
    [
      'another process got its number',
      { alive: () => false, processes: [{ identity: { ...PROCESS, startTicks: 9 }, clone: A }] },
      [
        ['missing-process', A],
        ['unrecorded-process', A],
      ],
    ],
    ['a clone has no record', { clones: [A, B] }, [['unrecorded-directory', B]]],
    [
      'a process has no record',
      {
        processes: [
          { identity: PROCESS, clone: A },
          { identity: { ...PROCESS, pid: 7 }, clone: B },
        ],
      },
      [['unrecorded-process', B]],
    ],
    [
      'a record is damaged',
      { damaged: [{ vmid: B, reason: 'its digest differs' }] },
      [['damaged-record', B]],
    ],
    [
      'a production was interrupted',
      { records: [record(A, {}, { state: 'producing' })], served: false },
      [['unfinished', A]],
    ],
    [
      'a machine that ended runs',
      { records: [record(A, { holds: false }, { state: 'failed' })] },
      [['process-after-end', A]],
    ],
    [
      'two domains share a network, and two VMs an address',
      {
        records: [
          record(A, { network: 1, macs: ['52:54:00:00:00:01'] }),
          record(
            B,
            { network: 1, macs: ['52:54:00:00:00:01'], process: { ...PROCESS, pid: 101 } },
            { clientDomain: 'other' },
          ),
        ],
        clones: [A, B],
      },
      [
        ['shared-network', B],
        ['shared-address', B],
      ],
    ],
    [
      'the making of a prepared machine was interrupted',
      { prepared: [waiting({ state: 'making' })], clones: [A, P], served: false },
      [['unfinished', P]],
    ],
    [
      'a prepared machine has ended, or its clone is gone',
      { prepared: [waiting({ process: { ...PROCESS, pid: 101 } })], alive: ({ pid }) => pid === PROCESS.pid },
      [
        ['missing-directory', P],
        ['missing-process', P],
      ],
    ],
    [
      'another process than the recorded one uses the clone of a prepared machine, or a VM has its address',
      {
        records: [record(A, { macs: ['52:54:00:00:00:01'] })],
        prepared: [waiting({ macs: ['52:54:00:00:00:01'] })],
        clones: [A, P],
        processes: [
          { identity: PROCESS, clone: A },
          { identity: { ...PROCESS, pid: 7 }, clone: P },
        ],
      },
      [
        ['unrecorded-process', P],
        ['shared-address', P],
      ],
    ],
  ])('differ when %s', (_what, change, expected) => {
    expect(findDifferences(facts(change)).map(({ kind, vmid }) => [kind, vmid])).toEqual(expected);
  });

  it('agree while a plant that serves is at work', () => {
    const producing = [record(A, {}, { state: 'producing' })];
    expect(findDifferences(facts({ records: producing, clones: [], processes: [] }))).toEqual([]);
  });

  it('agree about a machine that waits, and about a VM that one was handed out as', () => {
    const one = waiting();
    const processes = [
      { identity: PROCESS, clone: A },
      { identity: PROCESS, clone: P },
    ];
    expect(findDifferences(facts({ prepared: [one], clones: [A, P], processes }))).toEqual([]);
    const handedOut = [record(A), record(B, { directory: one.directory })];
    expect(findDifferences(facts({ records: handedOut, clones: [A, P], processes }))).toEqual([]);
  });

  it('agree about a VM that failed and was kept', () => {
    const failed = [record(A, { holds: false }, { state: 'failed' })];
    expect(findDifferences(facts({ records: failed, alive: () => false, processes: [] }))).toEqual([]);
  });
});

describe('the arguments of a process', () => {
  it.each([
    ['qemu\0-chardev\0socket,path=/data/clones/vm-x/qmp.sock,server=on\0', 'vm-x'],
    ['qemu\0/data/clones/vm-x/disk\0', 'vm-x'],
    ['vmplant\0serve\0--data\0/data\0', undefined],
    ['ls\0/data/clones/\0', undefined],
    ['ls\0/data/clones\0', undefined],
  ])('%j lie in the clone %s', (commandLine, clone) => {
    expect(cloneInArguments(commandLine, '/data/clones')).toBe(clone);
  });
});

describe('a monitor of several processes', () => {
  it('is the first of them', async () => {
    const data = await temporaryDirectory();
    const clone = join(data, 'clones', A);
    await mkdir(clone, { recursive: true });
    // A subshell has the arguments of its shell, as User-Mode Linux's helpers have its own.
    const shell = spawn('sh', ['-c', 'exec 3<&0; (read never <&3) & wait', 'sh', `${clone}/disk`], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    const { pid } = shell;
    if (pid === undefined) throw new Error('expected a process');
    try {
      const children = async () => await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
      await expect.poll(children).not.toBe('');
      expect((await readAuditFacts(data)).processes).toMatchObject([{ identity: { pid }, clone: A }]);
    } finally {
      process.kill(-pid, 'SIGKILL');
    }
  });
});

describe('vmplant audit', () => {
  it('ends with 1 and a list when they differ, and changes nothing', async () => {
    const data = await temporaryDirectory();
    const info = openInformationSystem({
      directory: data,
      clock: { now: () => 0, monotonic: () => 0 },
      log: { info() {}, warn() {}, error() {} },
    });
    info.insert(
      record(A, { directory: join(data, 'clones', A), process: { ...PROCESS, bootId: 'long-ago' } }),
      'reserve',
    );
    await mkdir(join(data, 'clones', B), { recursive: true });
    const audit = (...args: string[]) => runPlant(['audit', '--data', data, ...args]);

    const served = await audit('-o', 'json');
    expect(served.exitCode).toBe(1);
    expect(JSON.parse(served.stdout)).toMatchObject({
      vms: 1,
      served: true,
      differences: [
        { kind: 'missing-directory', vmid: A },
        { kind: 'missing-process', vmid: A },
        { kind: 'unrecorded-directory', vmid: B },
      ],
    });
    info.update(A, { vm: { state: 'producing' } });
    info.prepared.insert(waiting({ state: 'making' }));
    await rm(join(data, 'clones', B), { recursive: true });
    expect((await audit()).stdout).toBe(
      '1 VM recorded (1 being made), 1 prepared machine (1 being made), 0 clones, 0 monitors, a plant serves: record and reality agree\n',
    );
    info.prepared.remove(P);
    info.update(A, { vm: { state: 'running' } });
    await mkdir(join(data, 'clones', B));
    info.close();

    const unserved = await audit();
    expect(unserved.exitCode).toBe(1);
    expect(unserved.stdout).toMatch(
      /^1 VM recorded, 1 clone, 0 monitors, no plant serves: 3 differences\nVMID/,
    );
    expect(await audit()).toEqual(unserved);
  });

  it('ends with 3 for a directory that is not there', async () => {
    expect((await runPlant(['audit', '--data', '/nonexistent'])).exitCode).toBe(3);
  });
});
