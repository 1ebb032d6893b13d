import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { VmplantsError } from '../../model/errors.js';
import { runCommand } from './command.js';

type Environment = Readonly<Record<string, string>>;

/** What the host's package lists say of the newest version of a package. */
export interface PackageRecord {
  readonly name: string;
  readonly version: string;
  /** Names that it depends on (first alternatives, without versions). */
  readonly depends: readonly string[];
  /** Lower-case hexadecimal SHA-256 of the package file. */
  readonly sha256: string;
}

/** Names that Debian allows (policy, section 5.6.1). Anything else is refused before it is an argument. */
const PACKAGE_NAME = /^[a-z0-9][a-z0-9+.-]{1,127}$/;

export function requirePackageName(name: string, field: string): void {
  if (PACKAGE_NAME.test(name)) return;
  throw new VmplantsError(
    'INVALID_ARGUMENT',
    `${field}: expected the name of a Debian package, found ${JSON.stringify(name)}`,
    {
      violations: [{ field, description: 'not the name of a Debian package' }],
    },
  );
}

/** Reads one stanza of `apt-cache show`. Undefined when a field that is needed is missing. */
export function parsePackageRecord(text: string): PackageRecord | undefined {
  const fields = new Map<string, string>();
  for (const line of text.split('\n\n')[0]?.split('\n') ?? []) {
    const found = /^([A-Za-z0-9-]+): (.*)$/.exec(line);
    if (found?.[1] !== undefined && found[2] !== undefined) fields.set(found[1], found[2]);
  }
  const name = fields.get('Package');
  const version = fields.get('Version');
  const sha256 = fields.get('SHA256');
  if (name === undefined || version === undefined || sha256 === undefined) return undefined;
  const depends = (fields.get('Depends') ?? '')
    .split(',')
    .map((entry) => (entry.split('|')[0] ?? '').trim().replace(/[ :(].*$/, ''))
    .filter((entry) => entry !== '');
  return { name, version, depends, sha256 };
}

/** The host's knowledge of a package. Rejects with FAILED_PRECONDITION when it has none. */
export async function lookUpPackage(
  name: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<PackageRecord> {
  requirePackageName(name, 'package');
  const shown = await runCommand(
    {
      tool: 'apt-cache',
      arguments: ['show', '--no-all-versions', '--', name],
      debianPackage: 'apt',
      environment,
      timeoutMs: 60_000,
    },
    signal,
  ).catch((error: unknown) => {
    if (error instanceof VmplantsError && error.reason === 'TOOL_FAILED') return '';
    throw error;
  });
  const record = parsePackageRecord(shown);
  if (record !== undefined) return record;
  throw new VmplantsError('FAILED_PRECONDITION', `this host's package lists do not know ${name}`, {
    reason: 'PACKAGE_UNKNOWN',
    hint: 'run apt-get update on a Debian host',
  });
}

/** Absolute path of the package's file in the cache; downloaded when it is not there or not what the lists say. */
export async function fetchPackage(
  record: PackageRecord,
  cacheDirectory: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<{ readonly file: string; readonly fromCache: boolean }> {
  const directory = join(cacheDirectory, 'packages');
  const file = join(directory, `${record.sha256}.deb`);
  await mkdir(directory, { recursive: true });
  if ((await digestOf(file)) === record.sha256) return { file, fromCache: true };
  const scratch = await mkdtemp(join(directory, '.download-'));
  try {
    await runCommand(
      {
        tool: 'apt-get',
        // The directory is ours alone, so that apt's own unprivileged user could not write to it.
        arguments: [
          '-q',
          '-o',
          'APT::Sandbox::User=root',
          'download',
          '--',
          `${record.name}=${record.version}`,
        ],
        debianPackage: 'apt',
        environment,
        timeoutMs: 600_000,
        workingDirectory: scratch,
      },
      signal,
    );
    const downloaded = (await readdir(scratch)).find((name) => name.endsWith('.deb'));
    const digest = downloaded === undefined ? undefined : await digestOf(join(scratch, downloaded));
    if (downloaded === undefined || digest !== record.sha256) {
      throw new VmplantsError(
        'DATA_LOSS',
        `the download of ${record.name} ${record.version} is not the file that the package lists promise`,
      );
    }
    await rename(join(scratch, downloaded), file);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return { file, fromCache: false };
}

/** Unpacks a package file without installing it. */
export async function unpackPackage(
  file: string,
  directory: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<void> {
  await runCommand(
    {
      tool: 'dpkg-deb',
      arguments: ['-x', file, directory],
      debianPackage: 'dpkg',
      environment,
      timeoutMs: 300_000,
    },
    signal,
  );
}

async function digestOf(file: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest('hex');
}
