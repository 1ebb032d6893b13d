import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Vm } from '../../model/vm.js';
import { type Cluster, startCluster } from './cluster.js';
import { readGoldenFiles } from './goldenDisk.js';
import { FACTS, type Facts, factsIn, oneFact, randomBlocks } from './machineFacts.js';
import { debianRequest, microRequest } from './requests.js';

// Fault 26: clones of one golden image share nothing that tells machines apart, as their guests see it.

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ ownImages: ['micro', 'debian-12'] });
});
afterAll(() => cluster.close());

/** Debian also has SSH, and a program that calls getrandom(2) itself. */
const MORE_FACTS = `
echo "keyInFile=$(cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub)"
echo "keysInDirectory=$(ls /etc/ssh | grep -c ssh_host_)"
echo "keyServed=$(ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null | cut -d ' ' -f 2,3)"
echo "random=$(perl -e '$b = "\\0" x 2048; syscall(318, $b, 2048, 0) == 2048 or die; print unpack("H*", $b)')"
`;

async function clonesOf(request: object, count: number): Promise<readonly Vm[]> {
  return await Promise.all(Array.from({ length: count }, () => cluster.shop().create(request)));
}

/** They differ in each of the facts, and each is what its classad says. */
function expectOwnIdentities(vms: readonly Vm[], machines: readonly Facts[]): void {
  for (const name of ['machineId', 'bootId', 'hostname', 'mac']) {
    const values = machines.map((facts) => oneFact(facts, name));
    expect([name, new Set(values).size]).toEqual([name, machines.length]);
  }
  for (const [index, vm] of vms.entries()) {
    const facts = machines[index] ?? new Map();
    expect(vm.classad).toMatchObject({
      Hostname: oneFact(facts, 'hostname'),
      MachineId: oneFact(facts, 'machineId'),
      BootId: oneFact(facts, 'bootId'),
      MacAddress: oneFact(facts, 'mac'),
    });
    expect(oneFact(facts, 'machineId')).toMatch(/^[0-9a-f]{32}$/);
    expect(vm.classad.Hostname).toBe(vm.vmid);
  }
}

describe('micro', () => {
  it('clones of an image differ from each other and from what the image was', async () => {
    const remember = { name: 'remember', script: `{ ${FACTS} } >/golden\n` };
    const request = microRequest([remember]);
    const file = join(cluster.directory, 'remember.json');
    await writeFile(file, JSON.stringify(request));
    await cluster.vmplantOutput(['warehouse', 'build', 'golden', '-f', file]);
    const images = async (): Promise<readonly string[]> =>
      (await cluster.shop().images()).images.map(({ name }) => name);
    await vi.waitFor(async () => expect(await images()).toContain('golden'), { timeout: 30_000 });

    const vms = await clonesOf(request, 3);
    for (const { classad } of vms) expect(classad).toMatchObject({ Image: 'golden', Rung: 'warm' });
    const machines = await Promise.all(
      vms.map(async ({ vmid }) => factsIn(await cluster.inGuest(vmid, FACTS))),
    );
    const golden = factsIn(await cluster.inGuest(vms[0]?.vmid ?? '', 'cat /golden'));
    expect(oneFact(golden, 'hostname')).toBe('golden');
    expectOwnIdentities(vms, machines);
    for (const facts of machines) {
      for (const name of ['machineId', 'bootId', 'hostname', 'mac']) {
        expect(oneFact(facts, name)).not.toBe(oneFact(golden, name));
      }
    }
    const blocks = randomBlocks([golden, ...machines]);
    expect(blocks).toHaveLength(4 * (128 + 8));
    expect(new Set(blocks).size).toBe(blocks.length);

    const disk = await readGoldenFiles(join(cluster.warehouse, 'golden'), [
      '/etc/machine-id',
      '/etc/hostname',
    ]);
    expect(disk.get('/etc/hostname')).toBe('golden\n');
    for (const facts of machines)
      expect(disk.get('/etc/machine-id')).not.toBe(`${oneFact(facts, 'machineId')}\n`);
    await Promise.all(vms.map(({ vmid }) => cluster.shop().collect(vmid)));
  });
});

describe('Debian', () => {
  it('clones differ from each other and from their image, SSH host keys as served included', async () => {
    const vms = await clonesOf(debianRequest([]), 2);
    for (const { classad } of vms) expect(classad).toMatchObject({ Image: 'debian-12', Rung: 'warm' });
    const machines = await Promise.all(
      vms.map(async ({ vmid }) => factsIn(await cluster.inGuest(vmid, FACTS + MORE_FACTS))),
    );
    expectOwnIdentities(vms, machines);
    const blocks = randomBlocks(machines);
    expect(blocks).toHaveLength(2 * (2 * 128 + 8));
    expect(new Set(blocks).size).toBe(blocks.length);

    const keys = machines.map((facts) => oneFact(facts, 'keyServed'));
    expect(new Set(keys).size).toBe(2);
    for (const [index, { classad }] of vms.entries()) {
      const facts = machines[index] ?? new Map();
      expect(keys[index]).toMatch(/^ssh-ed25519 AAAA\S{60,}$/);
      expect(oneFact(facts, 'keyInFile')).toBe(keys[index]);
      expect(String(classad.SshHostKey).startsWith(`${keys[index]} `)).toBe(true);
      // One private key and its public half: none of another kind is left that all clones would share.
      expect(oneFact(facts, 'keysInDirectory')).toBe('2');
    }
    const paths = ['/etc/machine-id', '/etc/ssh/ssh_host_ed25519_key.pub', '/etc/ssh/ssh_host_ed25519_key'];
    const disk = await readGoldenFiles(join(cluster.warehouse, 'debian-12'), paths);
    expect(disk.get('/etc/machine-id')).toMatch(/^[0-9a-f]{32}\n$/);
    expect(disk.get('/etc/ssh/ssh_host_ed25519_key.pub')).toMatch(/^ssh-ed25519 /);
    for (const [index, facts] of machines.entries()) {
      expect(`${oneFact(facts, 'machineId')}\n`).not.toBe(disk.get('/etc/machine-id'));
      expect(disk.get('/etc/ssh/ssh_host_ed25519_key.pub')).not.toContain(keys[index]);
    }
    await Promise.all(vms.map(({ vmid }) => cluster.shop().collect(vmid)));
  });
});
