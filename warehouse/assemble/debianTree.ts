import { createHash } from 'node:crypto';
import {
  access,
  chmod,
  copyFile,
  cp,
  mkdir,
  readdir,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ReportProgress } from '../../model/progress.js';
import type { AssembleSpec } from './assembledDisk.js';
import { runCommand } from './command.js';
import { debianChanges, UNUSED_MODULES } from './debianFiles.js';
import { hostDebianSources } from './debianSources.js';
import type { GuestKernel } from './kernel.js';
import { parsePackageRecord } from './packages.js';
import { guestSources } from './program.js';

export const SUITE = 'bookworm';
const APT_DIRECTORY = '/etc/apt';
/** Documentation and translations: a third of the disk, read by nobody. Licences stay. */
const LEFT_OUT = [
  'path-exclude=/usr/share/man/*',
  'path-exclude=/usr/share/locale/*',
  'path-exclude=/usr/share/info/*',
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
];

/** Arguments of mmdebstrap. Pure. */
export function bootstrapArguments(
  packages: readonly string[],
  tarFile: string,
  sourcesFile: string,
): readonly string[] {
  return [
    '--quiet',
    '--mode=root',
    '--format=tar',
    '--variant=minbase',
    `--include=${packages.join(',')}`,
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Languages "none"',
    ...LEFT_OUT.map((line) => `--dpkgopt=${line}`),
    SUITE,
    tarFile,
    sourcesFile,
  ];
}

/** Digest of what decides the tree: the sources, and every package with the version that the lists now have. Pure. */
export function treeKey(packages: readonly string[], sources: string, versions: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of [packages.join(' '), sources, versions.join(' '), LEFT_OUT.join(' ')])
    hash.update(part).update('\0');
  return hash.digest('hex');
}

/** Absolute path of a tar file of the packages, configured, with their dependencies; from the cache or made. */
export async function bootstrap(
  packages: readonly string[],
  spec: AssembleSpec,
  scratch: string,
  progress: ReportProgress,
  signal: AbortSignal,
): Promise<string> {
  const sources = await hostDebianSources(APT_DIRECTORY, SUITE);
  const key = treeKey(packages, sources, await versionsOf(packages, spec, signal));
  const directory = join(spec.cacheDirectory, 'trees');
  const target = join(directory, `${key}.tar`);
  const cached = await access(target).then(
    () => true,
    () => false,
  );
  if (cached) {
    progress({ phase: 'assemble', message: 'using the packages that were installed for an earlier disk' });
    return target;
  }
  progress({
    phase: 'assemble',
    message: `installing ${packages.length} Debian packages and what they need`,
  });
  const sourcesFile = join(scratch, 'debian.sources');
  const tarFile = join(scratch, 'tree.tar');
  await writeFile(sourcesFile, sources);
  await runCommand(
    {
      tool: 'mmdebstrap',
      arguments: bootstrapArguments(packages, tarFile, sourcesFile),
      debianPackage: 'mmdebstrap',
      environment: { ...spec.environment, TMPDIR: scratch },
      timeoutMs: 1_800_000,
    },
    signal,
  );
  await mkdir(directory, { recursive: true });
  // Across file systems where scratch and cache are apart; then renamed, so that nobody sees half of it.
  await copyFile(tarFile, `${target}.${process.pid}`);
  await rename(`${target}.${process.pid}`, target);
  await rm(tarFile, { force: true });
  return target;
}

/** `name=version` of the packages and of all that they may depend on, sorted. */
async function versionsOf(
  packages: readonly string[],
  spec: AssembleSpec,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const cache = (arguments_: readonly string[]): Promise<string> =>
    runCommand(
      {
        tool: 'apt-cache',
        arguments: arguments_,
        debianPackage: 'apt',
        environment: spec.environment,
        timeoutMs: 120_000,
      },
      signal,
    );
  const only = ['suggests', 'recommends', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
    (kind) => `--no-${kind}`,
  );
  const closure = await cache(['depends', '--recurse', ...only, '--', 'base-files', 'apt', ...packages]);
  const names = [...new Set(closure.split('\n').filter((line) => /^[a-z0-9]/.test(line)))];
  const shown = await cache([
    'show',
    '--no-all-versions',
    '--',
    ...names.map((name) => name.replace(/:any$/, '')),
  ]);
  return shown
    .split('\n\n')
    .flatMap((stanza) => parsePackageRecord(stanza) ?? [])
    .map((record) => `${record.name}=${record.version}`)
    .sort();
}

/** Unpacks the tar file with its owners. */
export async function unpackTree(
  tarFile: string,
  tree: string,
  spec: AssembleSpec,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(tree, { mode: 0o755 });
  await runCommand(
    {
      tool: 'tar',
      arguments: ['-C', tree, '--numeric-owner', '--xattrs', '--xattrs-include=*', '-xpf', tarFile],
      debianPackage: 'tar',
      environment: spec.environment,
      timeoutMs: 300_000,
    },
    signal,
  );
}

/** Carries out `debianChanges` in the tree. */
export async function changeTree(tree: string, withDaemon: boolean): Promise<void> {
  const sources = join(guestSources(), 'init');
  const hostKeys = (await readdir(join(tree, 'etc/ssh')).catch(() => [])).filter((name) =>
    name.startsWith('ssh_host_'),
  );
  for (const change of debianChanges(withDaemon, hostKeys)) {
    const file = join(tree, change.path);
    if (change.kind === 'text' || change.kind === 'link') await rm(file, { force: true });
    await mkdir(dirname(file), { recursive: true });
    if (change.kind === 'remove') {
      await rm(file, { recursive: true, force: true });
    } else if (change.kind === 'link') {
      await symlink(change.target, file);
    } else {
      await (change.kind === 'text'
        ? writeFile(file, change.text)
        : copyFile(join(sources, change.source), file));
      await chmod(file, change.mode);
    }
  }
}

/** Copies the kernel's modules into the tree, without those that no machine here uses, and indexes them. */
export async function installModules(
  kernel: GuestKernel,
  tree: string,
  spec: AssembleSpec,
  signal: AbortSignal,
): Promise<void> {
  const target = join(tree, 'usr/lib/modules', kernel.release);
  const unused = new Set(UNUSED_MODULES.map((path) => join(kernel.modulesDirectory, path)));
  await cp(kernel.modulesDirectory, target, { recursive: true, filter: (path) => !unused.has(path) });
  await runCommand(
    {
      tool: 'chroot',
      arguments: [tree, '/sbin/depmod', kernel.release],
      debianPackage: 'coreutils',
      environment: spec.environment,
      timeoutMs: 120_000,
    },
    signal,
  );
}
