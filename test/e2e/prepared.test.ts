import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vm } from '../../model/vm.js';
import { type Cluster, startCluster } from './cluster.js';
import { microRequest } from './requests.js';

// Machines that wait resumed for an order (VMPlants paper, section 5), as people and programs see them.

let cluster: Cluster;

/** A plant that prepares machines and learns nothing. */
function withPreparing(args: readonly string[]): void {
  beforeAll(async () => {
    cluster = await startCluster({ plantArgs: ['--learn-disk', '0', ...args] });
  });
  afterAll(() => cluster.close());
}

/** A machine is made in a second or two, when nothing else goes on. */
const PATIENCE = { timeout: 60_000, interval: 200 };

const request = microRequest([{ name: 'work', script: 'echo work >>/ran\n' }]);
/** Only the disk serves it: no machine with 128 MiB waits for it. */
const smaller = { ...request, hardware: { memory: '96MiB' } };

/** How many machines wait, as the shop says. */
async function waiting(): Promise<number> {
  const { plants } = JSON.parse(await cluster.vmshopOutput(['plants', '-o', 'json'])) as {
    readonly plants: readonly { readonly prepared: number }[];
  };
  return plants.reduce((sum, { prepared }) => sum + prepared, 0);
}

async function created(wanted: object = request): Promise<Vm> {
  const stdin = JSON.stringify(wanted);
  const { vmid } = JSON.parse(
    await cluster.vmshopOutput(['create', '-f', '-', '-o', 'json'], { stdin }),
  ) as Pick<Vm, 'vmid'>;
  return await cluster.shop().query(vmid);
}

async function audited(): Promise<unknown> {
  return JSON.parse(await cluster.vmplantOutput(['audit', '-o', 'json']));
}

const monitors = async (): Promise<readonly number[]> => (await cluster.plants[0]?.monitors()) ?? [];
/** Names of the machines that wait, as it is recorded. */
const waitingNames = async (): Promise<readonly string[]> => (await cluster.plants[0]?.prepared()) ?? [];

describe('a machine that waits', () => {
  withPreparing(['--prepare-memory', '512MiB', '--prepare-spare', '1']);

  it('is made after an order that it could have served', async () => {
    expect(await waiting()).toBe(0);
    expect((await created()).classad.Prepared).toBe(false);
    await expect.poll(waiting, PATIENCE).toBe(1);
    const [report] = (await cluster.shop().learn({ dryRun: true })).reports;
    expect(report?.prepared).toEqual([
      expect.objectContaining({ image: 'micro', memoryMiB: 128, waiting: 1, wanted: 1, inUse: 1 }),
    ]);
  });

  it('is no VM: nobody sees it as one, and it is in nobody’s way', async () => {
    const [name = ''] = await waitingNames();
    expect(name).toMatch(/^prepared-/);
    const { vms } = await cluster.shop().list();
    expect(vms).toHaveLength(1);
    expect(await cluster.vmshopOutput(['list', '-q'])).toBe(`${vms[0]?.vmid}\n`);
    const asked = await Promise.all([
      cluster.vmshop(['get', name]),
      cluster.vmshop(['destroy', name]),
      cluster.vmshop(['exec', name, '--', 'true']),
    ]);
    for (const { exitCode, stderr } of asked) expect([exitCode, stderr]).toEqual([2, expect.any(String)]);
    const [plant] = await cluster.shop().plants();
    expect(plant).toMatchObject({ vms: 1, usedMemoryMiB: 128, prepared: 1, preparedMemoryMiB: 128 });
    expect(await audited()).toMatchObject({ vms: 1, prepared: 1, processes: 2, clones: 2, differences: [] });
  });

  it('is offered, handed out once, and replaced', async () => {
    const [{ bid, plan } = {}] = (await cluster.shop().plan(request)).offers;
    expect(bid).toMatchObject({ image: 'micro', rung: 'warm', prepared: true });
    expect(plan).toMatchObject({ image: 'micro', rung: 'warm', prepared: true });
    expect((await cluster.shop().plan(smaller)).offers[0]?.plan).toMatchObject({
      rung: 'disk',
      prepared: false,
    });

    const before = await monitors();
    const [first, second] = await Promise.all([created(), created()]);
    expect([first.classad.Prepared, second.classad.Prepared].toSorted()).toEqual([false, true]);
    const handedOut = first.classad.Prepared === true ? first : second;
    expect(handedOut.hostname).toBe(handedOut.vmid);
    expect(await cluster.inGuest(handedOut.vmid, 'cat /ran; hostname')).toBe(`work\n${handedOut.vmid}\n`);
    expect(await monitors()).toEqual(expect.arrayContaining([...before]));
    for (const name of ['MachineId', 'BootId', 'MacAddress']) {
      expect(first.classad[name]).not.toBe(second.classad[name]);
    }
    await expect.poll(waiting, PATIENCE).toBe(1);
    expect(await audited()).toMatchObject({ vms: 3, prepared: 1, differences: [] });
  });

  it('is found again by a plant that was killed, and serves the next order', async () => {
    const [plant] = cluster.plants;
    await expect.poll(waiting, PATIENCE).toBe(1);
    const before = [await waitingNames(), await monitors()];
    expect(before[0]).toHaveLength(1);
    await plant?.kill();
    expect([await waitingNames(), await monitors()]).toEqual(before);
    await plant?.startAgain();
    await expect.poll(waiting, PATIENCE).toBe(1);
    expect([await waitingNames(), await monitors()]).toEqual(before);
    const vm = await created();
    expect(vm.classad.Prepared).toBe(true);
    expect(await cluster.inGuest(vm.vmid, 'cat /ran; hostname')).toBe(`work\n${vm.vmid}\n`);
  });

  it('goes with a plant that is stopped, whose VMs stay, and another is made at its next start', async () => {
    const [plant] = cluster.plants;
    await expect.poll(waiting, PATIENCE).toBe(1);
    const running = (await monitors()).length - 1;
    expect(await plant?.stop()).toEqual([]);
    expect(await waitingNames()).toEqual([]);
    expect(await monitors()).toHaveLength(running);
    expect(await audited()).toMatchObject({ vms: running, prepared: 0, served: false, differences: [] });
    await plant?.startAgain();
    await expect.poll(waiting, PATIENCE).toBe(1);
    expect((await created()).classad.Prepared).toBe(true);
  });

  it('is all that is left when every VM is destroyed, until its plant prepares none', async () => {
    const { vms } = await cluster.shop().list();
    expect(vms).toHaveLength(5);
    await cluster.vmshopOutput(['destroy', ...vms.map(({ vmid }) => vmid)]);
    expect((await cluster.shop().list()).vms).toEqual([]);
    await expect.poll(waiting, PATIENCE).toBe(1);
    expect(await audited()).toMatchObject({ vms: 0, prepared: 1, clones: 1, processes: 1, differences: [] });

    const [plant] = cluster.plants;
    expect(await plant?.endWaiting()).toEqual([]);
    expect([await waiting(), await monitors(), await plant?.clones()]).toEqual([0, [], []]);
    expect(await audited()).toMatchObject({ vms: 0, prepared: 0, differences: [] });
  });
});

describe('a machine that waits where memory is short', () => {
  withPreparing(['--memory', '256MiB', '--prepare-memory', '128MiB']);

  it('makes room for an order that it does not serve', async () => {
    const first = await created();
    await expect.poll(waiting, PATIENCE).toBe(1);
    expect(await monitors()).toHaveLength(2);
    const { vmid, classad } = await created(smaller);
    expect(classad).toMatchObject({ Rung: 'disk', MemoryMiB: 96, Prepared: false });
    expect(await waiting()).toBe(0);
    expect(await waitingNames()).toEqual([]);
    expect(await monitors()).toHaveLength(2);
    expect(await audited()).toMatchObject({ vms: 2, prepared: 0, differences: [] });
    // 32 MiB are left: it is not made again.
    const full = await cluster.vmshop(['create', '-f', '-'], { stdin: JSON.stringify(request) });
    expect([full.exitCode, full.stderr]).toEqual([5, expect.stringContaining('32 MiB are free')]);
    await cluster.vmshopOutput(['destroy', vmid, first.vmid]);
    await expect.poll(waiting, PATIENCE).toBe(1);
  });
});
