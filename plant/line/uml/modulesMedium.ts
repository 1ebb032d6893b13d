import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeIso } from '../../../guest/iso.js';
import { fileError } from '../../../warehouse/fileError.js';

/** Modules that a guest needs to read an ISO, each after those that it depends on. */
const MODULES = ['drivers/cdrom/cdrom.ko', 'fs/isofs/isofs.ko'] as const;

/**
 * An ISO image with kernel modules for guests: no root file system has modules for this kernel, and the daemon loads
 * them from there in the order of their names.
 * @param modulesDirectory that of the kernel's release
 * @returns absolute path; undefined when the host does not have the modules
 */
export async function makeModulesMedium(
  modulesDirectory: string,
  directory: string,
): Promise<string | undefined> {
  let files: { readonly path: string; readonly data: Buffer }[];
  try {
    files = await Promise.all(
      MODULES.map(async (name, index) => ({
        path: `${index}.ko`,
        data: await readFile(join(modulesDirectory, 'kernel', name)),
      })),
    );
  } catch {
    return undefined;
  }
  const file = join(directory, 'modules.iso');
  try {
    await writeFile(`${file}.${process.pid}`, makeIso('MODULES', files), { mode: 0o400 });
    await rename(`${file}.${process.pid}`, file);
  } catch (error) {
    throw fileError(error, 'writing the kernel modules of the uml line');
  }
  return file;
}
