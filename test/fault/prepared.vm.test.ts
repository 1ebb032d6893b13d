import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LocatedImage } from '../../model/goldenImage.js';
import { readAuditFacts } from '../../plant/cli/auditFacts.js';
import { findDifferences } from '../../plant/cli/auditFindings.js';
import { cloneRoot } from '../../plant/cli/layout.js';
import type { ProductionLine } from '../../plant/line/line.js';
import type { Plant } from '../../plant/plant.js';
import { qemuSubject } from '../conformance/qemuSubject.js';
import { NEVER, newVmid, produce } from '../plant/produce/rig.js';
import { MICRO_ORDER, openRealPlant, type PlantTask, untilWaiting } from './plantProcess.js';
import { makeWarmMicro } from './warmMicro.js';

// Machines that are resumed ahead of orders, with real VMs and a plant that is really killed.

const PREPARE = { memoryMiB: 1024, spare: 2, maxPerImage: 40 };

let shared: string;
let directory: string;
let line: ProductionLine;
let image: LocatedImage;

beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'vmp-p-'));
  line = await qemuSubject.create();
  image = await makeWarmMicro(shared, line);
});
afterAll(() => rmSync(shared, { recursive: true, force: true }));
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vmp-q-'));
});
afterEach(async () => {
  for (const name of clones()) await line.discard(join(cloneRoot(directory), name), undefined, NEVER);
  rmSync(directory, { recursive: true, force: true });
});

function clones(): readonly string[] {
  try {
    return readdirSync(cloneRoot(directory));
  } catch {
    return [];
  }
}

/** The monitors of this test's clones, by the names of the clones, as the kernel knows them. */
function monitors(): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const text = readFileSync(`/proc/${entry}/cmdline`, 'latin1');
      const clone = text.startsWith('/usr/bin/qemu')
        ? clones().find((name) => text.includes(`/${name}/`))
        : undefined;
      if (clone !== undefined) found.set(clone, Number(entry));
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

async function audit(): Promise<readonly unknown[]> {
  return findDifferences(await readAuditFacts(directory));
}

const open = (): Promise<Plant> => openRealPlant({ directory, images: [image], prepare: PREPARE }, line);

async function inGuest(plant: Plant, vmid: string, script: string): Promise<string> {
  const said: Buffer[] = [];
  for await (const event of plant.exec(vmid, { script, timeoutSeconds: 0 }, NEVER)) {
    if (event.kind === 'output') said.push(Buffer.from(event.data));
  }
  return Buffer.concat(said).toString().trim();
}

/** Runs a plant in a process of its own until it is dead; gives the signal that it died by. */
async function runUntilDead(task: Pick<PlantTask, 'vmid' | 'firstVmid' | 'crashAt'>): Promise<string | null> {
  const file = join(directory, 'task.json');
  writeFileSync(
    file,
    JSON.stringify({ ...task, fails: false, prepare: PREPARE, directory, images: [image] }),
  );
  return await new Promise((done) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', resolve('test/fault/plantProcess.ts')],
      { cwd: resolve('.'), env: { PATH: process.env.PATH, PLANT_TASK: file }, timeout: 120_000 },
      () => done(child.signalCode),
    );
  });
}

test('twenty VMs in a row are twenty machines, several of which waited', async () => {
  const plant = await open();
  const identities: string[] = [];
  let prepared = 0;
  for (let n = 0; n < 20; n += 1) {
    // Every fourth waits until machines wait, so that some are prepared and some are not, however quick the host is.
    if (n % 4 === 1) await untilWaiting(plant, PREPARE.spare);
    const { vm } = await produce(plant, MICRO_ORDER(false));
    if (vm.classad.Prepared === true) prepared += 1;
    const script =
      'cat /etc/machine-id /proc/sys/kernel/random/boot_id; hostname; cat /sys/class/net/eth0/address; head -c 16 /dev/urandom | od -An -tx1\n';
    const lines = (await inGuest(plant, vm.vmid, script)).split('\n').map((one) => one.trim());
    expect(lines).toHaveLength(5);
    expect(lines).toContain(vm.classad.MacAddress);
    expect(lines).toContain(vm.vmid);
    identities.push(...lines);
  }
  expect(new Set(identities).size).toBe(100);
  expect(prepared).toBeGreaterThanOrEqual(5);
  const pids = [...monitors().values()];
  expect(pids.length).toBeGreaterThanOrEqual(20);
  expect(new Set(pids).size).toBe(pids.length);
  for (const { vmid } of plant.list(undefined)) await plant.collect(vmid, NEVER);
  await plant.close();
  expect(await audit()).toEqual([]);
});

test('killed between handing out and configuring, it loses nothing and leaks nothing', async () => {
  const [firstVmid, vmid] = [newVmid(), newVmid()];
  expect(await runUntilDead({ firstVmid, vmid, crashAt: 'hand-out:done' })).toBe('SIGKILL');
  // One VM, one machine that waits, and one that was handed out.
  const before = monitors();
  expect(before.size).toBe(3);

  const plant = await open();
  expect(plant.recovery).toMatchObject({ adopted: [firstVmid], removed: [vmid], failed: [], left: [] });
  expect(plant.recovery.waiting).toHaveLength(1);
  const [waiting = ''] = plant.recovery.waiting;
  expect(before.has(waiting)).toBe(true);
  expect(await audit()).toEqual([]);

  const { vm } = await produce(plant, MICRO_ORDER(false), { vmid });
  expect(vm.classad.Prepared).toBe(true);
  expect(monitors().get(waiting)).toBe(before.get(waiting));
  expect(await inGuest(plant, vmid, 'cat /kept; hostname\n')).toBe(`kept\n${vmid}`);
  await untilWaiting(plant, PREPARE.spare);
  expect(await audit()).toEqual([]);
  for (const one of plant.list(undefined)) await plant.collect(one.vmid, NEVER);
  await plant.close();
});

test.each(['prepare:logged', 'prepare:started', 'prepare:done'])(
  'killed at %s, nothing is left of what was being prepared',
  async (crashAt) => {
    const [firstVmid, vmid] = [newVmid(), newVmid()];
    expect(await runUntilDead({ firstVmid, vmid, crashAt })).toBe('SIGKILL');
    const plant = await openRealPlant({ directory, images: [image] }, line);
    expect(plant.recovery).toMatchObject({ adopted: [firstVmid], waiting: [], failed: [], left: [] });
    expect(plant.recovery.removed).toHaveLength(1);
    expect(clones()).toEqual([firstVmid]);
    expect([...monitors().keys()]).toEqual([firstVmid]);
    expect(await audit()).toEqual([]);
    await plant.collect(firstVmid, NEVER);
    await plant.close();
  },
);
