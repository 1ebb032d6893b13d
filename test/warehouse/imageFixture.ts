import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { GoldenImage, LocatedImage } from '../../model/goldenImage.js';
import { type PublishStep, publish, type UnpublishedImage } from '../../warehouse/publish.js';
import { createStaging } from '../../warehouse/staging.js';
import { qcow2File } from './qcow2Fixture.js';

export const KEY_A = 'a'.repeat(64);

/** An empty directory that is gone when the test has ended. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'vmplants-warehouse-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A signal that never aborts. */
export function unaborted(): AbortSignal {
  return new AbortController().signal;
}

/** A warm image with every kind of file, small. */
export function unpublished(name: string, overrides: Partial<UnpublishedImage> = {}): UnpublishedImage {
  return {
    format: 'vmplants-golden-image/1',
    name,
    created: '2026-11-20T10:00:00Z',
    operatingSystem: { name: 'debian', version: '12' },
    hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 2, diskMiB: 16 },
    performed: [{ key: KEY_A, name: 'install', seconds: 2.5, performedAt: '2026-11-20T09:59:00Z' }],
    lines: ['qemu'],
    disk: { file: 'disk.qcow2', format: 'qcow2' },
    memory: {
      file: 'memory',
      deviceStateFile: 'device-state',
      memoryMiB: 2,
      vcpus: 1,
      cpuModel: 'qemu64',
      accelerator: 'tcg',
      vmm: 'QEMU 7.2.22',
      guestKernel: '6.1.0-40-cloud-amd64',
      network: 'host-only',
    },
    boot: {
      kernel: 'vmlinuz',
      initrd: 'initrd',
      commandLine: 'root=/dev/vda',
      guestKernel: '6.1.0-40-cloud-amd64',
    },
    devices: [{ kind: 'disk', action: 'data', file: 'data.qcow2', sizeMiB: 32 }],
    bootSeconds: 14.5,
    ...overrides,
  };
}

/** The same image over a base. */
export function unpublishedOver(name: string, base: string): UnpublishedImage {
  return unpublished(name, { disk: { file: 'disk.qcow2', format: 'qcow2', backingImage: base } });
}

/** Content of the files that `unpublished` names. */
export function contentOf(image: UnpublishedImage): ReadonlyMap<string, Buffer> {
  const base = image.disk.backingImage;
  const backing = base === undefined ? {} : { backing: { path: `../${base}/disk.qcow2`, format: 'qcow2' } };
  const files = new Map<string, Buffer>([
    ['disk.qcow2', qcow2File({ virtualBytes: image.hardware.diskMiB * 2 ** 20, ...backing })],
    ['vmlinuz', Buffer.from('kernel')],
    ['initrd', Buffer.from('initial RAM disk')],
  ]);
  if (image.memory !== undefined) {
    files.set('memory', Buffer.alloc(image.memory.memoryMiB * 2 ** 20, 7));
    files.set('device-state', Buffer.from('device state'));
  }
  for (const device of image.devices) {
    if (device.kind === 'disk') files.set(device.file, qcow2File({ virtualBytes: device.sizeMiB * 2 ** 20 }));
    if (device.kind === 'iso') files.set(device.file, Buffer.from('iso'));
  }
  return files;
}

/** Puts the image's files into a new staging directory of the warehouse. */
export async function stage(warehouse: string, image: UnpublishedImage): Promise<string> {
  const staging = await createStaging(warehouse);
  for (const [path, content] of contentOf(image)) await writeFile(join(staging, path), content);
  return staging;
}

export async function published(
  warehouse: string,
  image: UnpublishedImage,
  onStep?: (step: PublishStep) => void,
): Promise<LocatedImage> {
  const staging = await stage(warehouse, image);
  return publish({
    warehouse,
    staging,
    image,
    signal: unaborted(),
    ...(onStep === undefined ? {} : { onStep }),
  });
}

/** Writes an image's directory the way a person would: not through `publish`. The descriptor comes first. */
export async function writeImage(directory: string, image: UnpublishedImage): Promise<GoldenImage> {
  const content = contentOf(image);
  const complete: GoldenImage = {
    ...image,
    files: [...content].map(([path, bytes]) => ({ path, bytes: bytes.length, digest: sha256(bytes) })),
  };
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'image.json'), JSON.stringify(complete));
  for (const [path, bytes] of content) await writeFile(join(directory, path), bytes);
  return complete;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Flips one bit of a file in place. */
export async function flipBit(path: string, position: number): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, position);
    byte.writeUInt8(byte.readUInt8(0) ^ 1, 0);
    await handle.write(byte, 0, 1, position);
  } finally {
    await handle.close();
  }
}
