import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GoldenImage } from '../model/goldenImage.js';
import { emptyQcow2 } from '../plant/line/disk/qcow2.js';
import { ownWarehouse } from './clusterPlan.js';

const DISK_MIB = 64;
const MEMORY_MIB = 128;

/** As `hello.yaml` of the examples, in the few forms that the fake guest understands. */
const REQUEST = `# A request for the fake line, whose guests understand echo, sleep and exit.
hardware:
  memory: ${MEMORY_MIB}MiB
operatingSystem:
  name: micro

actions:
  # Belongs to no one VM: a golden image may bring it.
  - name: install
    script: |
      echo "installing"
      sleep 0.2

  # Runs in every VM. What it writes to $VMPLANTS_ATTRIBUTES becomes part of the VM's classad.
  - name: greet
    identity: true
    after: [install]
    script: |
      echo "GREETING=Hello from a fake guest" >> "$VMPLANTS_ATTRIBUTES"
`;

/**
 * Writes a golden image for the fake line into the cluster's own warehouse, where nobody reads yet, and a request that
 * it serves.
 * @returns the file of the request
 */
export async function writeFakeGuests(directory: string, createdAt: number): Promise<string> {
  const image = join(ownWarehouse(directory), 'micro');
  await mkdir(image, { recursive: true });
  const contents: readonly (readonly [string, Buffer])[] = [
    ['disk.qcow2', emptyQcow2(DISK_MIB * 2 ** 20, undefined)],
    ['kernel', Buffer.from('no kernel\n')],
    ['initrd', Buffer.from('no initial RAM disk\n')],
  ];
  for (const [path, bytes] of contents) await writeFile(join(image, path), bytes, { mode: 0o600 });
  const descriptor: GoldenImage = {
    format: 'vmplants-golden-image/1',
    name: 'micro',
    created: new Date(createdAt).toISOString(),
    operatingSystem: { name: 'micro', version: '1' },
    hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: MEMORY_MIB, diskMiB: DISK_MIB },
    performed: [],
    lines: ['fake'],
    disk: { file: 'disk.qcow2', format: 'qcow2' },
    boot: { kernel: 'kernel', initrd: 'initrd', commandLine: '', guestKernel: '0-fake' },
    devices: [],
    bootSeconds: 1,
    files: contents.map(([path, bytes]) => ({
      path,
      bytes: bytes.length,
      digest: createHash('sha256').update(bytes).digest('hex'),
    })),
  };
  await writeFile(join(image, 'image.json'), `${JSON.stringify(descriptor, undefined, 2)}\n`, {
    mode: 0o600,
  });
  const request = join(directory, 'hello.yaml');
  await writeFile(request, REQUEST);
  return request;
}
