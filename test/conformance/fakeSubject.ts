import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GoldenImage, LocatedImage } from '../../model/goldenImage.js';
import { createQcow2 } from '../../plant/line/disk/qcow2.js';
import { createFakeLine } from '../../plant/line/fake/line.js';
import type { LineSubject } from './subject.js';

const DISK_MIB = 64;

export const fakeSubject: LineSubject = {
  name: 'fake',
  create: async () =>
    createFakeLine({
      timeScale: 0.05,
      failAt: ({ vmid }) => (vmid === 'vm-deaf' ? 'ignores-stop' : undefined),
    }),
  goldenImage: makeFakeImage,
  deaf: { vmid: 'vm-deaf', script: 'echo nothing to do' },
};

/** A golden image for the fake line: a real, empty disk, and stand-ins for what it boots from. */
export async function makeFakeImage(directory: string): Promise<LocatedImage> {
  await mkdir(directory, { recursive: true });
  await createQcow2(join(directory, 'disk.qcow2'), DISK_MIB * 1024 * 1024, undefined);
  await writeFile(join(directory, 'kernel'), 'no kernel\n');
  await writeFile(join(directory, 'initrd'), 'no initrd\n');
  const descriptor: GoldenImage = {
    format: 'vmplants-golden-image/1',
    name: 'base',
    created: '2026-01-01T00:00:00Z',
    operatingSystem: { name: 'fake', version: '1' },
    hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 16, diskMiB: DISK_MIB },
    performed: [],
    lines: ['fake'],
    disk: { file: 'disk.qcow2', format: 'qcow2' },
    boot: { kernel: 'kernel', initrd: 'initrd', commandLine: '', guestKernel: '0-fake' },
    devices: [],
    bootSeconds: 1,
    files: [],
  };
  return { descriptor, directory };
}
