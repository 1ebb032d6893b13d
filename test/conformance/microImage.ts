import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GoldenImage, LocatedImage } from '../../model/goldenImage.js';
import type { AssembledDisk } from '../../warehouse/assemble/assembledDisk.js';
import { assembleMicro } from '../../warehouse/assemble/assembleMicro.js';

/** Downloading a kernel the first time included. */
const DEADLINE_MILLISECONDS = 10 * 60 * 1000;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What tests keep between runs; git does not see it. */
const KEPT = join(ROOT, '.vmplants', 'test');
const ASSEMBLED_FILE = 'assembled.json';

/** Everything that decides what the micro guest is. */
const SOURCES = ['guest/vmguestd', 'guest/init', 'warehouse/assemble'];

/**
 * The golden image of the micro guest, in a directory of its own; the directory's name is the image's. The guest is
 * assembled once and kept in the checkout, for all suites, until its sources change.
 */
export async function makeMicroImage(directory: string, memoryMiB = 256): Promise<LocatedImage> {
  const assembled = await assembledMicro();
  await mkdir(directory, { recursive: true });
  for (const file of [assembled.diskFile, assembled.kernelFile, assembled.initrdFile]) {
    await copyFile(join(assembled.directory, file), join(directory, file));
  }
  const descriptor: GoldenImage = {
    format: 'vmplants-golden-image/1',
    name: directory.slice(directory.lastIndexOf('/') + 1),
    created: '2026-01-01T00:00:00Z',
    operatingSystem: assembled.operatingSystem,
    hardware: { isa: 'x86_64', vcpus: 1, memoryMiB, diskMiB: assembled.diskMiB },
    performed: [],
    lines: ['qemu'],
    disk: { file: assembled.diskFile, format: 'qcow2' },
    boot: {
      kernel: assembled.kernelFile,
      initrd: assembled.initrdFile,
      commandLine: assembled.kernelCommandLine,
      guestKernel: assembled.guestKernel,
    },
    devices: [],
    bootSeconds: 3,
    files: [],
  };
  return { descriptor, directory };
}

/** Safe when several processes do it at once: each builds for itself, the first to finish is kept. */
async function assembledMicro(): Promise<AssembledDisk> {
  const name = `micro-${(await sourcesDigest()).slice(0, 16)}`;
  await mkdir(KEPT, { recursive: true });
  for (const other of await readdir(KEPT)) {
    const old = other.startsWith('micro-') && !other.startsWith(name);
    if (old) await rm(join(KEPT, other), { recursive: true, force: true });
  }
  const kept = join(KEPT, name);
  const known = await readAssembled(kept);
  if (known !== undefined) return known;
  const directory = `${kept}.${process.pid}`;
  const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
  const spec = { directory, cacheDirectory: join(ROOT, '.vmplants', 'cache'), environment };
  const assembled = await assembleMicro(spec, () => undefined, AbortSignal.timeout(DEADLINE_MILLISECONDS));
  await writeFile(join(directory, ASSEMBLED_FILE), JSON.stringify({ ...assembled, directory: kept }));
  try {
    await rename(directory, kept);
  } catch (error) {
    await rm(directory, { recursive: true });
    const others = await readAssembled(kept);
    if (others === undefined) throw error;
    return others;
  }
  return { ...assembled, directory: kept };
}

async function readAssembled(directory: string): Promise<AssembledDisk | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, ASSEMBLED_FILE), 'utf8')) as AssembledDisk;
  } catch {
    return undefined;
  }
}

async function sourcesDigest(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const name of (await readdir(join(ROOT, source))).sort()) {
      hash.update(`${source}/${name}\0`).update(await readFile(join(ROOT, source, name)));
    }
  }
  return hash.digest('hex');
}
