import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprint } from '../../plant/line/qemu/probe.js';
import { QEMU_BINARY } from '../conformance/qemuSubject.js';
import { isAlive, pidInName } from './leftovers.js';
import { outputOf, ROOT, startProgram } from './program.js';

/** The base images that the tests start from, made as users make them and kept between runs. */
export interface BaseImages {
  /** Holds `micro` (128 MiB of memory) and `debian-12` (512 MiB). Nothing may be published into it. */
  readonly warehouse: string;
  /** The answer of the probe for hardware virtualisation, for the data directory of every plant. */
  readonly hostFile: string;
}

export type BaseName = 'micro' | 'debian-12';

/** What is built: name, and the memory that examples of it ask for. */
const BASES: readonly (readonly [BaseName, number])[] = [
  ['micro', 128],
  ['debian-12', 512],
];

/** Packages come from the cache of the quickstart where they can. Debian takes a minute and a half at worst. */
const BUILD_MILLISECONDS = 8 * 60_000;

/** Everything of the checkout that decides what is in a frozen base. */
const SOURCES = [
  'guest',
  'warehouse/assemble',
  'warehouse/descriptorSchema.ts',
  'plant/bake',
  'plant/line/channel',
  'plant/line/disk',
  'plant/line/process',
  'plant/line/qemu',
  'model/goldenImage.ts',
];

const KEPT = join(ROOT, '.vmplants', 'test');
const CACHE = join(ROOT, '.vmplants', 'cache');

/**
 * Makes the base images unless an earlier run has, and removes those of older sources. Safe when several processes
 * do it at once: each builds for itself, the first to finish is kept.
 */
export async function baseImages(): Promise<BaseImages> {
  const name = `bases-${(await sourcesDigest()).slice(0, 16)}`;
  const kept = join(KEPT, name);
  if (!existsSync(kept)) await build(kept);
  await removeOthers(name);
  return placesIn(kept);
}

function placesIn(directory: string): BaseImages {
  return { warehouse: join(directory, 'warehouse'), hostFile: join(directory, 'qemu-host.json') };
}

async function build(kept: string): Promise<void> {
  await mkdir(KEPT, { recursive: true });
  const building = await mkdtemp(join(KEPT, `building-${process.pid}-`));
  // Short, because sockets lie below it.
  const data = await mkdtemp(join(tmpdir(), `vmp-e2e-${process.pid}-`));
  const { warehouse, hostFile } = placesIn(building);
  try {
    for (const [base, memory] of BASES) {
      process.stderr.write(`test: making the base image ${base}, which later runs will find\n`);
      const args = ['warehouse', 'build', base, '--memory', String(memory)];
      const program = startProgram('vmplant', [...args, '--warehouse', warehouse, '--data', data], {
        variables: { VMPLANT_CACHE: CACHE, ...proxies() },
      });
      await outputOf(program, BUILD_MILLISECONDS);
    }
    // A copy, because the temporary files may be on another file system.
    await copyFile(join(data, 'qemu-host.json'), hostFile);
    await rename(building, kept);
  } catch (error) {
    if (!existsSync(kept)) throw error;
  } finally {
    await rm(building, { recursive: true, force: true });
    await rm(data, { recursive: true, force: true });
  }
}

/** Removes what was built of other sources, and what a run that was cut off left. */
async function removeOthers(name: string): Promise<void> {
  for (const other of await readdir(KEPT)) {
    const builder = pidInName(other, 'building');
    const stale =
      (other.startsWith('bases-') && other !== name) || (builder !== undefined && !isAlive(builder));
    if (stale) await rm(join(KEPT, other), { recursive: true, force: true });
  }
}

async function sourcesDigest(): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(BASES));
  // A frozen memory is of one emulator on one processor.
  hash.update(await fingerprint(QEMU_BINARY, 'auto'));
  for (const source of SOURCES) {
    for (const path of await filesBelow(source)) {
      hash.update(`${path}\0`).update(await readFile(join(ROOT, path)));
    }
  }
  return hash.digest('hex');
}

async function filesBelow(path: string): Promise<readonly string[]> {
  if ((await stat(join(ROOT, path))).isFile()) return [path];
  const entries = await readdir(join(ROOT, path), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .sort();
}

/** The way to the package mirror, where there is one. */
function proxies(): Readonly<Record<string, string>> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
