import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPlant } from './runPlant.js';

const ORDER = `
operatingSystem: { name: debian, version: "12" }
hardware: { memory: 512MiB }
identity: { user: ivan }
actions:
  - { name: install, script: echo install }
  - { name: vnc, script: echo vnc, after: [install], maxAge: 7d }
  - { name: user, script: echo user, parameters: { name: { identity: user } }, after: [vnc] }
`;

let directory: string;
let order: string;
let warehouse: string;
const keys = new Map<string, string>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vmplants-plan-'));
  order = join(directory, 'order.yaml');
  warehouse = join(directory, 'warehouse');
  await writeFile(order, ORDER);
  const { stdout } = await runPlant(['key', '-f', order, '-o', 'json']);
  const { actions }: { actions: { name: string; key: string }[] } = JSON.parse(stdout);
  for (const { name, key } of actions) keys.set(name, key);
  await image('base', []);
  await image('workspace', ['install', 'vnc']);
  await image('unordered', ['vnc']);
});
afterAll(() => rm(directory, { recursive: true }));

async function image(name: string, actions: readonly string[], more: object = {}): Promise<void> {
  await mkdir(join(warehouse, name), { recursive: true });
  const descriptor = {
    operatingSystem: { name: 'debian', version: '12' },
    hardware: { memoryMiB: 512, diskMiB: 8192 },
    performed: actions.map((action) => ({
      key: keys.get(action),
      name: action,
      seconds: 12,
      performedAt: '2026-11-19T00:00:00Z',
    })),
    memory: { accelerator: 'tcg', cpuModel: 'qemu64', vmm: 'QEMU 7.2.22' },
    ...more,
  };
  await writeFile(join(warehouse, name, 'image.json'), JSON.stringify(descriptor));
}

const plan = (...args: string[]) => runPlant(['plan', '-f', order, '--warehouse', warehouse, ...args]);

describe('vmplant key', () => {
  it('prints the key of each action and whether it belongs to one VM', async () => {
    const { stdout, exitCode } = await runPlant(['key', '-f', order]);
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').map((line) => line.replace(/ {2,}/g, ' '))).toEqual([
      'ACTION KIND IDENTITY KEY',
      `install guest no ${keys.get('install')}`,
      `vnc guest no ${keys.get('vnc')}`,
      `user guest yes ${keys.get('user')}`,
      '',
    ]);
  });

  it('takes the order from standard input too', async () => {
    const fromFile = await runPlant(['key', '-f', order]);
    expect(await runPlant(['key', '-f', '-'], { stdin: ORDER })).toEqual(fromFile);
  });
});

describe('vmplant plan', () => {
  it('says in JSON what is chosen, what is left and why the others lose', async () => {
    const { stdout, exitCode } = await plan('-o', 'json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      image: 'workspace',
      rung: 'warm',
      performed: [
        { name: 'install', key: keys.get('install') },
        { name: 'vnc', key: keys.get('vnc') },
      ],
      stages: [{ kind: 'guest', actions: [{ name: 'user', key: keys.get('user') }] }],
      residual: ['user'],
      savedSeconds: 24,
      rejected: [
        { image: 'base', test: 'saves-less', action: null, reason: expect.any(String) },
        { image: 'unordered', test: 'prefix', action: expect.any(String), reason: expect.any(String) },
      ],
      warnings: [],
    });
  });

  it('draws it for people', async () => {
    const { stdout } = await plan();
    expect(stdout).toMatch(/^golden image {2}workspace \(warm: its frozen memory is resumed\)\n/);
    expect(stdout).toContain('= install');
    expect(stdout).toContain('+ user');
    expect(stdout).toMatch(/unordered +prefix/);
  });

  it('plans as of another time, for actions that grow too old', async () => {
    const { stdout } = await plan('-o', 'json', '--now', '2026-12-24T00:00:00Z');
    expect(JSON.parse(stdout)).toMatchObject({
      image: 'base',
      rejected: expect.arrayContaining([expect.objectContaining({ image: 'workspace', test: 'max-age' })]),
    });
  });

  it('plans for a described host', async () => {
    const host = ['--accelerator', 'kvm', '--cpu-model', 'qemu64', '--vmm', 'QEMU 7.2.22'];
    const { stdout } = await plan('-o', 'json', ...host);
    expect(JSON.parse(stdout)).toMatchObject({ rung: 'disk', rungReason: expect.stringContaining('tcg') });
  });

  it('says of an image that is booted what it brings, and what the boot costs', async () => {
    const host = ['--accelerator', 'kvm', '--cpu-model', 'qemu64', '--vmm', 'QEMU 7.2.22'];
    const { stdout } = await plan(...host);
    expect(stdout).toMatch(/\nbrings 24 s of work, leaves about .*, boot included\n/);
    expect(stdout).toMatch(/base +saves-less +- +it costs \d+\.\d\d s more \(0\.00 s of work less /);
  });

  it('plans for User-Mode Linux without a description: it boots', async () => {
    await image('both', ['install'], { lines: ['qemu', 'uml'] });
    try {
      const { stdout } = await plan('-o', 'json', '--line', 'uml');
      expect(JSON.parse(stdout)).toMatchObject({
        image: 'both',
        rung: 'disk',
        rungReason: 'the uml line here cannot resume a memory',
        rejected: expect.arrayContaining([expect.objectContaining({ image: 'base', test: 'line' })]),
      });
      const host = ['--accelerator', 'tcg', '--cpu-model', 'qemu64', '--vmm', 'QEMU 7.2.22'];
      const both = await plan('-o', 'json', '--line', 'uml,qemu', ...host);
      expect(JSON.parse(both.stdout)).toMatchObject({ image: 'workspace', rung: 'warm' });
    } finally {
      await rm(join(warehouse, 'both'), { recursive: true });
    }
  });

  it('plans for a request that wants User-Mode Linux on a host that has it', async () => {
    await image('both', ['install'], { lines: ['qemu', 'uml'] });
    const wanting = (...args: string[]) =>
      runPlant(['plan', '-f', '-', '--warehouse', warehouse, '-o', 'json', ...args], {
        stdin: `line: uml\n${ORDER}`,
      });
    const host = ['--accelerator', 'tcg', '--cpu-model', 'qemu64', '--vmm', 'QEMU 7.2.22'];
    try {
      for (const args of [[], ['--line', 'uml'], ['--line', 'qemu,uml'], ['--line', 'uml,qemu', ...host]]) {
        const { stdout, exitCode } = await wanting(...args);
        expect(exitCode).toBe(0);
        expect(JSON.parse(stdout)).toMatchObject({ image: 'both', line: 'uml', rung: 'disk' });
      }
      for (const args of [['--line', 'qemu'], host]) {
        const { stdout, exitCode } = await wanting(...args);
        expect(exitCode).toBe(5);
        expect(JSON.parse(stdout)).toMatchObject({
          rejected: expect.arrayContaining([
            expect.objectContaining({
              image: 'both',
              test: 'line',
              reason: 'it is made for qemu, uml, this host has qemu',
            }),
          ]),
        });
      }
      const free = await plan('-o', 'json', '--line', 'uml,qemu');
      expect(JSON.parse(free.stdout)).toMatchObject({ image: 'workspace', line: 'qemu', rung: 'warm' });
    } finally {
      await rm(join(warehouse, 'both'), { recursive: true });
    }
  });

  it.each([['vmware'], ['qemu,vmware'], ['qemu,qemu'], ['qemu,fake'], [''], ['../uml']])(
    'takes no list of lines like %j',
    async (list) => {
      const run = await plan('--line', list);
      expect(run.exitCode).toBe(2);
      expect(run.stderr).toContain('Expected qemu, uml or both with a comma between, or fake alone.');
    },
  );

  it('wants a host described whole', async () => {
    const run = await plan('--accelerator', 'kvm');
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('--accelerator, --cpu-model and --vmm together');
  });

  it('ends with 5 when nothing matches, and still says why', async () => {
    const other = ORDER.replace('debian, version: "12"', 'debian, version: "13"');
    const args = ['plan', '-f', '-', '--warehouse', warehouse];
    const json = await runPlant([...args, '-o', 'json'], { stdin: other });
    expect(json.exitCode).toBe(5);
    expect(JSON.parse(json.stdout)).toMatchObject({
      image: null,
      residual: [],
      residualSeconds: null,
      savedSeconds: null,
      rejected: [
        { image: 'base', test: 'operating-system' },
        { image: 'unordered', test: 'operating-system' },
        { image: 'workspace', test: 'operating-system' },
      ],
    });
    const text = await runPlant(args, { stdin: other });
    expect(text.stdout).toMatch(/^no golden image matches\n\nIMAGE +TEST/);
  });

  it('leaves out a descriptor that cannot be read, and says so', async () => {
    await mkdir(join(warehouse, 'broken'));
    await writeFile(join(warehouse, 'broken', 'image.json'), '{');
    try {
      const run = await plan();
      expect(run.exitCode).toBe(0);
      expect(run.stderr).toMatch(/^warning: broken is left out: .*JSON/);
    } finally {
      await rm(join(warehouse, 'broken'), { recursive: true });
    }
  });

  it.each([
    ['a wrong time', ['--now', 'yesterday'], 2, 'Expected a time such as'],
    ['a warehouse that is not there', ['--warehouse', '/nonexistent'], 3, 'warehouse'],
  ])('refuses %s', async (_what, args, exitCode, text) => {
    const run = await plan(...args);
    expect(run.exitCode).toBe(exitCode);
    expect(run.stderr).toContain(text);
  });

  it('names every wrong field of an order', async () => {
    const wrong = 'operatingSystem: { name: debian }\nactions: [{ name: start, script: x, after: [y] }]\n';
    const run = await runPlant(['plan', '-f', '-', '--warehouse', warehouse, '-o', 'json'], { stdin: wrong });
    expect(run.exitCode).toBe(2);
    const { fields }: { fields: { field: string }[] } = JSON.parse(run.stderr);
    expect(fields.map(({ field }) => field).sort()).toEqual(['actions[0].after[0]', 'actions[0].name']);
  });
});
