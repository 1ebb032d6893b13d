import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AssembleSpec } from './assembledDisk.js';
import { type CpioEntry, cpioArchive, DIRECTORY_0755, FILE_0644, FILE_0755 } from './cpio.js';
import { type GuestKernel, readModules } from './kernel.js';
import { loadOrder } from './kernelModules.js';
import { compileGuestProgram } from './program.js';

/**
 * All that a production line's machine has, and what reads an ISO: loaded before the root disk is mounted, so that
 * no guest needs udev for them and a frozen machine has them in memory.
 */
const MODULES = [
  'virtio_pci',
  'virtio_blk',
  'virtio_console',
  'virtio_scsi',
  'sr_mod',
  'isofs',
  'virtio_net',
  'virtio_rng',
  'ext4',
] as const;

/**
 * Writes the initial RAM disk for a kernel: the program `guest/init/initrd.c` and the modules it loads. Not
 * compressed: unpacking 2 MiB costs an emulated guest more than reading them.
 */
export async function writeInitrd(
  kernel: GuestKernel,
  file: string,
  spec: AssembleSpec,
  signal: AbortSignal,
): Promise<void> {
  const init = await compileGuestProgram('initrd', spec.cacheDirectory, spec.environment, signal);
  const { modules, builtIn } = await readModules(kernel);
  const ordered = loadOrder(MODULES, modules, builtIn);
  const entries: CpioEntry[] = [
    { path: 'init', mode: FILE_0755, data: await readFile(init) },
    { path: 'lib', mode: DIRECTORY_0755 },
  ];
  const list: string[] = [];
  for (const [index, module] of ordered.entries()) {
    const path = `lib/${String(index).padStart(2, '0')}.ko`;
    list.push(`/${path}\n`);
    entries.push({ path, mode: FILE_0644, data: await readFile(join(kernel.modulesDirectory, module.path)) });
  }
  entries.push({ path: 'modules', mode: FILE_0644, data: Buffer.from(list.join(''), 'utf8') });
  await writeFile(file, cpioArchive(entries));
}
