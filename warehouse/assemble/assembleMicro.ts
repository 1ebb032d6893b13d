import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ReportProgress } from '../../model/progress.js';
import {
  type AssembledDisk,
  type AssembleSpec,
  DISK_FILE,
  INITRD_FILE,
  KERNEL_COMMAND_LINE,
  KERNEL_FILE,
} from './assembledDisk.js';
import { runCommand } from './command.js';
import { writeDisk } from './diskFile.js';
import { writeInitrd } from './initrd.js';
import { copyKernel, fetchKernel } from './kernel.js';
import { microFiles } from './microFiles.js';
import { fetchPackage, lookUpPackage, unpackPackage } from './packages.js';
import { compileGuestProgram, guestSources } from './program.js';
import { requireRoot } from './requireRoot.js';
import { inWorkplace } from './workplace.js';

const DEFAULT_DISK_MIB = 64;

/**
 * The micro guest: busybox, the daemon and nothing else, a few megabytes that boot in seconds even under emulation.
 * Its version is busybox's. Rejects with VmplantsError; nothing is left behind then.
 */
export function assembleMicro(
  spec: AssembleSpec,
  progress: ReportProgress,
  signal: AbortSignal,
): Promise<AssembledDisk> {
  requireRoot();
  return inWorkplace(spec.directory, async ({ result, scratch }) => {
    const kernel = await fetchKernel(spec, progress, signal);
    const record = await lookUpPackage('busybox-static', spec.environment, signal);
    progress({ phase: 'assemble', message: `making the micro guest from busybox ${record.version}` });
    const { file } = await fetchPackage(record, spec.cacheDirectory, spec.environment, signal);
    await unpackPackage(file, join(scratch, 'busybox'), spec.environment, signal);
    const daemon = await compileGuestProgram('vmguestd', spec.cacheDirectory, spec.environment, signal);
    const tree = join(scratch, 'root');
    await writeTree(tree, join(scratch, 'busybox', 'bin', 'busybox'), daemon, spec, signal);

    progress({ phase: 'assemble', message: 'making its disk' });
    const diskMiB = spec.diskMiB ?? DEFAULT_DISK_MIB;
    await writeDisk({ diskMiB, journal: false }, tree, join(result, DISK_FILE), spec, signal);
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
      operatingSystem: { name: 'micro', version: upstreamVersion(record.version) },
    };
  });
}

/** `1:1.35.0-4+deb12u1` is version `1.35.0` of the program. Pure. */
export function upstreamVersion(debianVersion: string): string {
  return debianVersion.replace(/^\d+:/, '').replace(/-[^-]*$/, '');
}

async function writeTree(
  tree: string,
  busybox: string,
  daemon: string,
  spec: AssembleSpec,
  signal: AbortSignal,
): Promise<void> {
  // The host's own busybox of the package says what it is: it is static, so it runs anywhere.
  const listed = await runCommand(
    {
      tool: busybox,
      arguments: ['--list-full'],
      debianPackage: 'busybox-static',
      environment: spec.environment,
      timeoutMs: 30_000,
    },
    signal,
  );
  const sources = join(guestSources(), 'init');
  const place = async (path: string, mode: number, put: (file: string) => Promise<void>): Promise<void> => {
    const file = join(tree, path);
    await mkdir(dirname(file), { recursive: true });
    await put(file);
    await chmod(file, mode);
  };
  await place('bin/busybox', 0o755, (file) => copyFile(busybox, file));
  await place('usr/local/sbin/vmguestd', 0o755, (file) => copyFile(daemon, file));
  for (const entry of microFiles(listed.split('\n'))) {
    if (entry.kind === 'directory') {
      await mkdir(join(tree, entry.path), { recursive: true });
      await chmod(join(tree, entry.path), entry.mode);
    } else if (entry.kind === 'link') {
      await mkdir(dirname(join(tree, entry.path)), { recursive: true });
      await symlink(entry.target, join(tree, entry.path));
    } else if (entry.kind === 'text') {
      await place(entry.path, entry.mode, (file) => writeFile(file, entry.text));
    } else {
      await place(entry.path, entry.mode, (file) => copyFile(join(sources, entry.source), file));
    }
  }
}
