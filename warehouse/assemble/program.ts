import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VmplantsError } from '../../model/errors.js';
import { runCommand } from './command.js';

/** A C program of the guest, compiled on this host: a static binary that needs nothing in the guest. */
export type GuestProgram = 'vmguestd' | 'initrd';

const FLAGS = ['-static', '-s', '-Os', '-Wall', '-Wextra', '-Werror'];

/**
 * Directory `guest` of the package, which holds the sources. This file is two directories below the package's root,
 * or three once compiled into `dist`.
 */
export function guestSources(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const found = [join(here, '../../guest'), join(here, '../../../guest')].find((directory) =>
    existsSync(join(directory, 'vmguestd', 'main.c')),
  );
  if (found === undefined) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      'the sources of the guest daemon are not installed beside the program',
      {
        reason: 'SOURCES_MISSING',
        hint: 'reinstall the package',
      },
    );
  }
  return found;
}

/** Absolute path of the compiled program in the cache, keyed by the digest of its sources and flags. */
export async function compileGuestProgram(
  program: GuestProgram,
  cacheDirectory: string,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> {
  const sources = await sourcesOf(program);
  const hash = createHash('sha256').update(FLAGS.join(' '));
  for (const file of sources) hash.update('\0').update(await readFile(file));
  const directory = join(cacheDirectory, 'programs');
  const target = join(directory, `${program}-${hash.digest('hex')}`);
  if (await exists(target)) return target;
  await mkdir(directory, { recursive: true });
  const scratch = await mkdtemp(join(directory, '.compile-'));
  try {
    const binary = join(scratch, program);
    await runCommand(
      {
        tool: 'gcc',
        arguments: [...FLAGS, '-o', binary, ...sources.filter((file) => file.endsWith('.c'))],
        debianPackage: 'gcc libc6-dev',
        environment,
        timeoutMs: 120_000,
      },
      signal,
    );
    await rename(binary, target);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return target;
}

async function sourcesOf(program: GuestProgram): Promise<readonly string[]> {
  const guest = guestSources();
  if (program === 'initrd') return [join(guest, 'init', 'initrd.c')];
  const names = (await readdir(join(guest, 'vmguestd'))).filter((name) => /\.[ch]$/.test(name)).sort();
  return names.map((name) => join(guest, 'vmguestd', name));
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
