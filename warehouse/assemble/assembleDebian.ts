import { chmod, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReportProgress } from '../../model/progress.js';
import {
  type AssembledDisk,
  type DebianSpec,
  DISK_FILE,
  INITRD_FILE,
  KERNEL_COMMAND_LINE,
  KERNEL_FILE,
} from './assembledDisk.js';
import { bootstrap, changeTree, installModules, unpackTree } from './debianTree.js';
import { writeDisk } from './diskFile.js';
import { writeInitrd } from './initrd.js';
import { copyKernel, fetchKernel } from './kernel.js';
import { requirePackageName } from './packages.js';
import { compileGuestProgram } from './program.js';
import { requireRoot } from './requireRoot.js';
import { installVncServer, VNC_PACKAGES } from './vncServer.js';
import { inWorkplace } from './workplace.js';

const DEFAULT_DISK_MIB = 8192;

/** Init, names of devices, modules, network tools, remote login, and busybox for small servers. */
const BASE_PACKAGES = [
  'systemd-sysv',
  'udev',
  'kmod',
  'iproute2',
  'openssh-server',
  'busybox',
  'ca-certificates',
];

/**
 * A Debian 12 guest with systemd, from packages. With the daemon it also has what the examples use (a VNC server)
 * and is tuned for freezing and renewing; without it is what the packages make. Rejects with VmplantsError; nothing
 * is left behind then.
 */
export function assembleDebian(
  spec: DebianSpec,
  progress: ReportProgress,
  signal: AbortSignal,
): Promise<AssembledDisk> {
  requireRoot();
  const extra = spec.extraPackages ?? [];
  extra.forEach((name, index) => {
    requirePackageName(name, `extraPackages[${index}]`);
  });
  const withDaemon = spec.withDaemon ?? true;
  const packages = [...new Set([...BASE_PACKAGES, ...(withDaemon ? VNC_PACKAGES : []), ...extra])].sort();
  return inWorkplace(spec.directory, async ({ result, scratch }) => {
    const kernel = await fetchKernel(spec, progress, signal);
    const tarFile = await bootstrap(packages, spec, scratch, progress, signal);
    const tree = join(scratch, 'root');
    await unpackTree(tarFile, tree, spec, signal);
    await changeTree(tree, withDaemon);
    await installModules(kernel, tree, spec, signal);
    if (withDaemon) {
      const daemon = await compileGuestProgram('vmguestd', spec.cacheDirectory, spec.environment, signal);
      await copyFile(daemon, join(tree, 'usr/local/sbin/vmguestd'));
      await chmod(join(tree, 'usr/local/sbin/vmguestd'), 0o755);
      await installVncServer(tree, scratch, spec, signal);
    }

    progress({ phase: 'assemble', message: 'making its disk' });
    const diskMiB = spec.diskMiB ?? DEFAULT_DISK_MIB;
    await writeDisk({ diskMiB, journal: true }, tree, join(result, DISK_FILE), spec, signal);
    await writeInitrd(kernel, join(result, INITRD_FILE), spec, signal);
    await copyKernel(kernel, join(result, KERNEL_FILE));
    return {
      directory: spec.directory,
      diskFile: DISK_FILE,
      diskMiB,
      kernelFile: KERNEL_FILE,
      initrdFile: INITRD_FILE,
      kernelCommandLine: KERNEL_COMMAND_LINE,
      guestKernel: kernel.release,
      operatingSystem: { name: 'debian', version: '12' },
    };
  });
}
