import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../../model/errors.js';
import type { ReportProgress } from '../../model/progress.js';
import type { AssembleSpec } from './assembledDisk.js';
import { type KernelModule, moduleName, readDepends } from './kernelModules.js';
import { fetchPackage, lookUpPackage, unpackPackage } from './packages.js';

/** A guest kernel, unpacked in the cache. */
export interface GuestKernel {
  /** `uname -r`. */
  readonly release: string;
  /** Absolute path of the bootable image. */
  readonly image: string;
  /** Absolute directory that holds `kernel/` and `modules.builtin`. */
  readonly modulesDirectory: string;
}

/** Always names the newest kernel for virtual machines: few drivers, small, virtio as modules. */
const KERNEL_METAPACKAGE = 'linux-image-cloud-amd64';

/** The newest kernel that the host's package lists know, from the cache or downloaded. Nothing is installed. */
export async function fetchKernel(
  spec: AssembleSpec,
  progress: ReportProgress,
  signal: AbortSignal,
): Promise<GuestKernel> {
  const meta = await lookUpPackage(KERNEL_METAPACKAGE, spec.environment, signal);
  const name = meta.depends.find((depend) => depend.startsWith('linux-image-'));
  if (name === undefined) {
    throw new VmplantsError('FAILED_PRECONDITION', `${KERNEL_METAPACKAGE} ${meta.version} names no kernel`, {
      reason: 'PACKAGE_UNKNOWN',
    });
  }
  const record = await lookUpPackage(name, spec.environment, signal);
  const target = join(spec.cacheDirectory, 'kernels', record.sha256);
  const known = await findKernel(target);
  if (known !== undefined) return known;
  progress({ phase: 'assemble', message: `fetching the kernel ${record.name} ${record.version}` });
  const { file } = await fetchPackage(record, spec.cacheDirectory, spec.environment, signal);
  await mkdir(join(spec.cacheDirectory, 'kernels'), { recursive: true });
  const scratch = await mkdtemp(`${target}.`);
  try {
    await unpackPackage(file, scratch, spec.environment, signal);
    await rename(scratch, target).catch(async (error: unknown) => {
      // Somebody else has unpacked the same package in the meantime.
      if ((await findKernel(target)) === undefined) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  const found = await findKernel(target);
  if (found === undefined) {
    throw new VmplantsError('FAILED_PRECONDITION', `${record.name} holds no kernel and modules`, {
      reason: 'PACKAGE_UNKNOWN',
    });
  }
  return found;
}

async function findKernel(directory: string): Promise<GuestKernel | undefined> {
  const names = await readdir(join(directory, 'boot')).catch(() => []);
  const image = names.find((name) => name.startsWith('vmlinuz-'));
  if (image === undefined) return undefined;
  const release = image.slice('vmlinuz-'.length);
  return {
    release,
    image: join(directory, 'boot', image),
    modulesDirectory: join(directory, 'lib', 'modules', release),
  };
}

/** Every module of the kernel by name. Reads those under the given directories for what they need. */
export async function readModules(
  kernel: GuestKernel,
): Promise<{ readonly modules: ReadonlyMap<string, KernelModule>; readonly builtIn: ReadonlySet<string> }> {
  const paths = (await readdir(join(kernel.modulesDirectory, 'kernel'), { recursive: true })).filter((path) =>
    path.endsWith('.ko'),
  );
  const modules = new Map<string, KernelModule>();
  for (const path of paths) {
    const depends = readDepends(await readFile(join(kernel.modulesDirectory, 'kernel', path)));
    modules.set(moduleName(path), { path: join('kernel', path), depends });
  }
  const builtIn = await readFile(join(kernel.modulesDirectory, 'modules.builtin'), 'utf8');
  return {
    modules,
    builtIn: new Set(
      builtIn
        .split('\n')
        .filter((line) => line !== '')
        .map(moduleName),
    ),
  };
}

export async function copyKernel(kernel: GuestKernel, file: string): Promise<void> {
  await copyFile(kernel.image, file);
}
