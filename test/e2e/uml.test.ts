import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Vm } from '../../model/vm.js';
import { readDescriptor } from '../../warehouse/descriptor.js';
import { type Cluster, startCluster } from './cluster.js';
import { microRequest } from './requests.js';

// One plant with two production lines (VMPlants paper, section 4.1): the same golden image under QEMU and User-Mode Linux.

const AHEAD = ['--line', 'qemu,uml', '--learn-disk', '0', '--prepare-memory', '128MiB'];
/** Boots are slow while another test's plant comes to rest. */
const PATIENCE = { timeout: 60_000, interval: 200 };
/** What every action may read; and the kernel says whose it is. */
const SCRIPT = 'grep -q "User Mode Linux" /proc/cpuinfo && echo work >>/ran\n';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ plantArgs: AHEAD });
});
afterAll(() => cluster.close());

const request = microRequest([{ name: 'work', script: SCRIPT }], { line: 'uml' });

async function waiting(): Promise<number> {
  const [plant] = await cluster.shop().plants();
  return plant?.prepared ?? -1;
}

async function audited(): Promise<unknown> {
  return JSON.parse(await cluster.vmplantOutput(['audit', '-o', 'json']));
}

/** What the guest says, once its actions have run, of its identity. */
async function expectWhole({ vmid, classad }: Vm): Promise<void> {
  const said = await cluster.inGuest(
    vmid,
    'cat /ran; hostname; cat /proc/sys/kernel/random/boot_id; uname -r',
  );
  expect(said).toBe(`work\n${vmid}\n${classad.BootId}\n${classad.Kernel}\n`);
}

it('User-Mode Linux makes VMs beside QEMU; one that has booted ahead is handed out, and all outlive the plant', async () => {
  const [plant] = cluster.plants;
  if (plant === undefined) throw new Error('expected a plant');
  const [described] = await cluster.shop().plants();
  expect(described?.lines.map(({ name }) => name)).toEqual(['qemu', 'uml']);

  const first = await cluster.shop().create(request);
  expect(first).toMatchObject({
    image: 'micro',
    line: 'uml',
    rung: 'disk',
    classad: { Line: 'uml', Prepared: false, ActionsRun: ['work'] },
  });
  await expectWhole(first);

  await expect.poll(waiting, PATIENCE).toBe(1);
  expect((await cluster.shop().plan(request)).offers[0]?.plan).toMatchObject({
    line: 'uml',
    rung: 'disk',
    prepared: true,
  });
  const second = await cluster.shop().create(request);
  expect(second.classad).toMatchObject({ Line: 'uml', Prepared: true, ActionsRun: ['work'] });
  expect(second.classad.BootSeconds).toBeUndefined();
  for (const name of ['MachineId', 'BootId', 'MacAddress']) {
    expect(second.classad[name]).not.toBe(first.classad[name]);
  }
  await expectWhole(second);

  // An order that insists on the image's kernel is QEMU's.
  const { boot } = await readDescriptor(join(cluster.warehouse, 'micro'));
  const operatingSystem = { name: 'micro', kernel: boot.guestKernel };
  const other = await cluster.shop().create(microRequest([], { operatingSystem }));
  expect(other).toMatchObject({ line: 'qemu', rung: 'warm' });

  await plant.kill();
  await plant.startAgain(AHEAD);
  const { vms } = await cluster.shop().list();
  expect(vms.map(({ vmid, state, line }) => [vmid, state, line])).toEqual([
    [first.vmid, 'running', 'uml'],
    [second.vmid, 'running', 'uml'],
    [other.vmid, 'running', 'qemu'],
  ]);
  await expectWhole(first);
  await expectWhole(second);
  expect(await audited()).toMatchObject({ vms: 3, differences: [] });

  await cluster.vmshopOutput(['destroy', ...vms.map(({ vmid }) => vmid)]);
  // With the plant go those that wait: the next one of this cluster has no such line.
  expect(await plant.stop()).toEqual([]);
  expect(await audited()).toMatchObject({ vms: 0, prepared: 0, processes: 0, clones: 0, differences: [] });
  await plant.startAgain(['--line', 'qemu,uml', '--learn-disk', '0', '--prepare-memory', '0']);
});
