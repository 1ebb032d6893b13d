import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AssembleSpec } from './assembledDisk.js';
import { runCommand } from './command.js';

/** How the file system of a base disk is made. */
export interface FileSystemChoice {
  readonly diskMiB: number;
  /** A journal makes a disk survive a killed monitor; a guest that is thrown away does without. */
  readonly journal: boolean;
}

/** Arguments of mkfs.ext4 for the tree and the sparse file. Pure. */
export function makeFileSystemArguments(
  choice: FileSystemChoice,
  tree: string,
  rawFile: string,
): readonly string[] {
  return [
    '-q',
    '-F',
    '-d',
    tree,
    '-E',
    // Otherwise every clone would go on to initialise the tables that its golden image had not come to yet.
    'lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0',
    '-O',
    choice.journal ? 'has_journal' : '^has_journal',
    ...(choice.journal ? ['-J', 'size=16'] : []),
    '-m',
    '0',
    rawFile,
  ];
}

/** Arguments of qemu-img for a compact file without unused blocks. Pure. */
export function convertArguments(rawFile: string, diskFile: string): readonly string[] {
  return ['convert', '-f', 'raw', '-O', 'qcow2', rawFile, diskFile];
}

/** Makes a qcow2 disk that holds the tree as its root file system, with the owners that the tree has. */
export async function writeDisk(
  choice: FileSystemChoice,
  tree: string,
  diskFile: string,
  spec: AssembleSpec,
  signal: AbortSignal,
): Promise<void> {
  const rawFile = join(dirname(diskFile), 'disk.raw');
  const handle = await open(rawFile, 'wx', 0o600);
  await handle.truncate(choice.diskMiB * 2 ** 20).finally(() => handle.close());
  try {
    await runCommand(
      {
        tool: 'mkfs.ext4',
        arguments: makeFileSystemArguments(choice, tree, rawFile),
        debianPackage: 'e2fsprogs',
        environment: spec.environment,
        timeoutMs: 300_000,
      },
      signal,
    );
    await runCommand(
      {
        tool: 'qemu-img',
        arguments: convertArguments(rawFile, diskFile),
        debianPackage: 'qemu-utils',
        environment: spec.environment,
        timeoutMs: 300_000,
      },
      signal,
    );
  } finally {
    await rm(rawFile, { force: true });
  }
}
