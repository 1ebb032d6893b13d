import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Vm } from '../../model/vm.js';
import { type Cluster, startCluster } from './cluster.js';
import { ROOT } from './program.js';

// examples/host-actions.yaml: a disk, an ISO image and a network interface that the host adds to a running guest.

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ ownImages: ['debian-12'] });
});
afterAll(() => cluster.close());

const EXAMPLE = join(ROOT, 'examples/host-actions.yaml');

async function create(): Promise<Vm> {
  return JSON.parse(await cluster.vmshopOutput(['create', '-f', EXAMPLE, '-o', 'json'])) as Vm;
}

/** What the guest sees of what the host added. */
async function seenIn(vm: Vm): Promise<Readonly<Record<string, string>>> {
  const text = await cluster.inGuest(
    vm.vmid,
    `disk=$(dirname "$(grep -lx data /sys/block/*/serial)")
     echo "sectors=$(cat $disk/size)"
     echo "mounted=$(findmnt -no SOURCE,FSTYPE /srv/data)"
     echo "disk=/dev/$(basename $disk) ext4"
     echo "check=$(cat /srv/data/check)"
     echo "licence=$(cat /etc/simulator/licence.txt)"
     mount -t iso9660 -o ro /dev/disk/by-label/LICENCES /mnt 2>/dev/null || mount -t iso9660 -o ro "$(blkid -L LICENCES)" /mnt
     echo "iso=$(cat /mnt/simulator/licence.txt)"
     umount /mnt
     echo "macs=$(cat /sys/class/net/eth*/address | sort | xargs)"
     echo "own=$(dd if=/dev/zero bs=1M count=8 2>/dev/null | tee /srv/data/zeros | wc -c; sync)"`,
  );
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

function expectAll(vm: Vm, seen: Readonly<Record<string, string>>): void {
  expect(seen).toMatchObject({
    sectors: String(256 * 2048),
    check: 'checked',
    licence: 'This machine may run the simulator.',
    iso: 'This machine may run the simulator.',
    own: String(8 * 2 ** 20),
  });
  expect(seen.mounted).toBe(seen.disk);
  const macs = vm.classad.MacAddresses;
  expect(seen.macs?.split(' ')).toEqual(Array.isArray(macs) ? [...macs].sort() : macs);
  expect(macs).toHaveLength(2);
}

it('are seen by the guest, and a golden image made with them brings them all, warm', async () => {
  const first = await create();
  expect(first.classad).toMatchObject({
    Image: 'debian-12',
    INTERFACES: '2',
    DATA_KIB: expect.stringMatching(/^\d+$/),
  });
  expectAll(first, await seenIn(first));
  await cluster.shop().collect(first.vmid);

  await cluster.vmplantOutput(['warehouse', 'build', 'with-devices', '-f', EXAMPLE]);
  const images = async (): Promise<readonly string[]> =>
    (await cluster.shop().images()).images.map(({ name }) => name);
  await expect.poll(images, { timeout: 60_000 }).toContain('with-devices');

  const clones = await Promise.all([create(), create()]);
  const addresses = new Set<unknown>();
  for (const clone of clones) {
    expect(clone.classad).toMatchObject({ Image: 'with-devices', Rung: 'warm', ActionsRun: [] });
    expectAll(clone, await seenIn(clone));
    for (const mac of clone.classad.MacAddresses as readonly string[]) addresses.add(mac);
  }
  expect(addresses.size).toBe(4);
  expect(await cluster.plants[0]?.audit()).toEqual([]);
  await Promise.all(clones.map(({ vmid }) => cluster.shop().collect(vmid)));
});
