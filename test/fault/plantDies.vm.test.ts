import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LocatedImage } from '../../model/goldenImage.js';
import { cloneRoot } from '../../plant/cli/layout.js';
import type { ProductionLine } from '../../plant/line/line.js';
import { qemuSubject } from '../conformance/qemuSubject.js';
import { NEVER, newVmid, produce } from '../plant/produce/rig.js';
import { MICRO_ORDER, openRealPlant, type PlantTask } from './plantProcess.js';
import { makeWarmMicro } from './warmMicro.js';

// Faults of a plant with real VMs: its process is really killed, and what is left is looked for in /proc.

let shared: string;
let directory: string;
let line: ProductionLine;
let warm: LocatedImage;

beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'vmp-f-'));
  line = await qemuSubject.create();
  warm = await makeWarmMicro(shared, line);
});
afterAll(() => rmSync(shared, { recursive: true, force: true }));
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vmp-d-'));
});
afterEach(async () => {
  for (const vmid of clones()) await line.discard(join(cloneRoot(directory), vmid), undefined, NEVER);
  rmSync(directory, { recursive: true, force: true });
});

function clones(): readonly string[] {
  try {
    return readdirSync(cloneRoot(directory));
  } catch {
    return [];
  }
}

/** Numbers of the monitors of this test's clones, as the kernel knows them. */
function monitors(): readonly number[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const text = readFileSync(`/proc/${entry}/cmdline`, 'latin1');
      return text.startsWith('/usr/bin/qemu') && text.includes(`${directory}/`) ? [Number(entry)] : [];
    } catch {
      return [];
    }
  });
}

/** Runs a plant in a process of its own until it is dead; gives the signal that it died by. */
async function runUntilDead(task: Omit<PlantTask, 'directory' | 'images'>): Promise<string | null> {
  const file = join(directory, 'task.json');
  writeFileSync(file, JSON.stringify({ ...task, directory, images: [warm] }));
  return await new Promise((done) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', resolve('test/fault/plantProcess.ts')],
      { cwd: resolve('.'), env: { PATH: process.env.PATH, PLANT_TASK: file }, timeout: 120_000 },
      () => done(child.signalCode),
    );
  });
}

test.each([
  'clone:logged',
  'clone:done',
  'start:logged',
  'start:done',
  'configure:logged',
  'configure:done',
  'record:logged',
])('killed at %s, it leaves nothing once it is back', async (crashAt) => {
  const vmid = newVmid();
  expect(await runUntilDead({ vmid, crashAt, fails: false })).toBe('SIGKILL');
  const hadMonitor = ['start:done', 'configure:logged', 'configure:done', 'record:logged'].includes(crashAt);
  expect(monitors()).toHaveLength(hadMonitor ? 1 : 0);
  const plant = await openRealPlant({ directory, images: [warm] }, line);
  expect(plant.recovery).toMatchObject({ removed: [vmid], adopted: [], failed: [], left: [] });
  expect(plant.list(undefined)).toEqual([]);
  expect(clones()).toEqual([]);
  expect(monitors()).toEqual([]);
  await plant.close();
});

test.each(['configure:undoing', 'start:undoing', 'clone:undoing', 'reserve:undoing'])(
  'killed while rolling back, at %s, it leaves nothing once it is back',
  async (crashAt) => {
    expect(await runUntilDead({ vmid: newVmid(), crashAt, fails: true })).toBe('SIGKILL');
    const plant = await openRealPlant({ directory, images: [warm] }, line);
    expect(plant.list(undefined)).toEqual([]);
    expect(clones()).toEqual([]);
    expect(monitors()).toEqual([]);
    await plant.close();
  },
);

test('killed with a VM running, it adopts the same process, and the VM has kept what it had', async () => {
  const vmid = newVmid();
  expect(await runUntilDead({ vmid, fails: false })).toBe('SIGKILL');
  const before = monitors();
  expect(before).toHaveLength(1);
  const plant = await openRealPlant({ directory, images: [warm] }, line);
  expect(plant.recovery.adopted).toEqual([vmid]);
  expect(monitors()).toEqual(before);
  const said: Buffer[] = [];
  for await (const event of plant.exec(vmid, { script: 'cat /kept\n', timeoutSeconds: 0 }, NEVER)) {
    if (event.kind === 'output') said.push(Buffer.from(event.data));
  }
  expect(Buffer.concat(said).toString()).toBe('kept\n');
  await plant.collect(vmid, NEVER);
  expect(clones()).toEqual([]);
  expect(monitors()).toEqual([]);
  await plant.close();
});

test('a monitor that is killed makes its VM failed and frees its place', async () => {
  const plant = await openRealPlant({ directory, images: [warm] }, line);
  const { vm } = await produce(plant, MICRO_ORDER(false));
  const stop = new AbortController();
  const [pid = 0] = monitors();
  for await (const event of plant.watch(stop.signal)) {
    if (event.kind === 'listed') process.kill(pid, 'SIGKILL');
    if (event.kind === 'changed' && event.vm.state === 'failed') break;
  }
  expect(plant.query(vm.vmid)).toMatchObject({ state: 'failed', reason: expect.stringContaining('SIGKILL') });
  expect(plant.describe().snapshot).toMatchObject({ vms: 0, usedMemoryMiB: 0 });
  await plant.collect(vm.vmid, NEVER);
  expect(clones()).toEqual([]);
  await plant.close();
});

test('a device state that is cut short falls down the ladder to a boot of the disk', async () => {
  const cut = join(directory, 'base');
  cpSync(warm.directory, cut, { recursive: true });
  const state = join(cut, warm.descriptor.memory?.deviceStateFile ?? '');
  truncateSync(state, Math.floor(statSync(state).size / 2));
  const plant = await openRealPlant({ directory, images: [{ ...warm, directory: cut }] }, line);
  const { vm, events } = await produce(plant, MICRO_ORDER(false));
  expect(vm).toMatchObject({ image: 'base', rung: 'disk', state: 'running' });
  expect(events.flatMap((event) => (event.kind === 'plan' ? [event.plan.rung] : []))).toEqual([
    'warm',
    'disk',
  ]);
  await plant.collect(vm.vmid, NEVER);
  expect(monitors()).toEqual([]);
  await plant.close();
});

test('clones of one image share no identity and no random state', async () => {
  const plant = await openRealPlant({ directory, images: [warm] }, line);
  const seen = new Set<string>();
  for (let n = 0; n < 3; n += 1) {
    const { vm } = await produce(plant, MICRO_ORDER(false));
    const script =
      'head -c 16 /dev/urandom | od -An -tx1; cat /etc/machine-id /proc/sys/kernel/random/boot_id; hostname; cat /sys/class/net/eth0/address\n';
    const said: Buffer[] = [];
    for await (const event of plant.exec(vm.vmid, { script, timeoutSeconds: 0 }, NEVER)) {
      if (event.kind === 'output') said.push(Buffer.from(event.data));
    }
    const lines = Buffer.concat(said).toString().trim().split('\n');
    expect(lines).toHaveLength(5);
    for (const one of lines) seen.add(one.trim());
  }
  expect(seen.size).toBe(15);
  for (const { vmid } of plant.list(undefined)) await plant.collect(vmid, NEVER);
  await plant.close();
});
