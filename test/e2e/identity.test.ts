import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Vm } from '../../model/vm.js';
import { type Cluster, startCluster } from './cluster.js';
import { readGoldenFiles } from './goldenDisk.js';
import { debianRequest, microRequest } from './requests.js';

// Fault 26: clones of one golden image share nothing that tells machines apart, as their guests see it.

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ ownImages: ['micro', 'debian-12'] });
});
afterAll(() => cluster.close());

/** Prints `name=value` lines; `random` lines hold many blocks of 16 bytes, in hexadecimal. */
const FACTS = `
echo "machineId=$(cat /etc/machine-id)"
echo "bootId=$(cat /proc/sys/kernel/random/boot_id)"
echo "hostname=$(hostname)"
echo "mac=$(cat /sys/class/net/eth0/address)"
echo "random=$(head -c 2048 /dev/urandom | od -An -v -tx1 | tr -d ' \\n')"
for n in 1 2 3 4 5 6 7 8; do read -r uuid </proc/sys/kernel/random/uuid; echo "uuid=$uuid"; done
`;

/** Debian also has SSH, and a program that calls getrandom(2) itself. */
const MORE_FACTS = `
echo "keyInFile=$(cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub)"
echo "keysInDirectory=$(ls /etc/ssh | grep -c ssh_host_)"
echo "keyServed=$(ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null | cut -d ' ' -f 2,3)"
echo "random=$(perl -e '$b = "\\0" x 2048; syscall(318, $b, 2048, 0) == 2048 or die; print unpack("H*", $b)')"
`;

type Facts = ReadonlyMap<string, readonly string[]>;

function factsIn(text: string): Facts {
  const facts = new Map<string, string[]>();
  for (const line of text.trim().split('\n')) {
    const at = line.indexOf('=');
    const name = line.slice(0, at);
    facts.set(name, [...(facts.get(name) ?? []), line.slice(at + 1)]);
  }
  return facts;
}

const one = (facts: Facts, name: string): string | undefined => facts.get(name)?.[0];

/** Every block of random bytes and every UUID of all the machines, those that occur twice as often as they do. */
function randomBlocks(machines: readonly Facts[]): readonly string[] {
  return machines.flatMap((facts) => [
    ...(facts.get('random') ?? []).flatMap((hex) => hex.match(/.{32}/g) ?? []),
    ...(facts.get('uuid') ?? []),
  ]);
}

async function clonesOf(request: object, count: number): Promise<readonly Vm[]> {
  return await Promise.all(Array.from({ length: count }, () => cluster.shop().create(request)));
}

/** They differ in each of the facts, and each is what its classad says. */
function expectOwnIdentities(vms: readonly Vm[], machines: readonly Facts[]): void {
  for (const name of ['machineId', 'bootId', 'hostname', 'mac']) {
    const values = machines.map((facts) => one(facts, name));
    expect([name, new Set(values).size]).toEqual([name, machines.length]);
  }
  for (const [index, vm] of vms.entries()) {
    const facts = machines[index] ?? new Map();
    expect(vm.classad).toMatchObject({
      Hostname: one(facts, 'hostname'),
      MachineId: one(facts, 'machineId'),
      BootId: one(facts, 'bootId'),
      MacAddress: one(facts, 'mac'),
    });
    expect(one(facts, 'machineId')).toMatch(/^[0-9a-f]{32}$/);
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
    expect(one(golden, 'hostname')).toBe('golden');
    expectOwnIdentities(vms, machines);
    for (const facts of machines) {
      for (const name of ['machineId', 'bootId', 'hostname', 'mac']) {
        expect(one(facts, name)).not.toBe(one(golden, name));
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
      expect(disk.get('/etc/machine-id')).not.toBe(`${one(facts, 'machineId')}\n`);
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

    const keys = machines.map((facts) => one(facts, 'keyServed'));
    expect(new Set(keys).size).toBe(2);
    for (const [index, { classad }] of vms.entries()) {
      const facts = machines[index] ?? new Map();
      expect(keys[index]).toMatch(/^ssh-ed25519 AAAA\S{60,}$/);
      expect(one(facts, 'keyInFile')).toBe(keys[index]);
      expect(String(classad.SshHostKey).startsWith(`${keys[index]} `)).toBe(true);
      // One private key and its public half: none of another kind is left that all clones would share.
      expect(one(facts, 'keysInDirectory')).toBe('2');
    }
    const paths = ['/etc/machine-id', '/etc/ssh/ssh_host_ed25519_key.pub', '/etc/ssh/ssh_host_ed25519_key'];
    const disk = await readGoldenFiles(join(cluster.warehouse, 'debian-12'), paths);
    expect(disk.get('/etc/machine-id')).toMatch(/^[0-9a-f]{32}\n$/);
    expect(disk.get('/etc/ssh/ssh_host_ed25519_key.pub')).toMatch(/^ssh-ed25519 /);
    for (const [index, facts] of machines.entries()) {
      expect(`${one(facts, 'machineId')}\n`).not.toBe(disk.get('/etc/machine-id'));
      expect(disk.get('/etc/ssh/ssh_host_ed25519_key.pub')).not.toContain(keys[index]);
    }
    await Promise.all(vms.map(({ vmid }) => cluster.shop().collect(vmid)));
  });
});
