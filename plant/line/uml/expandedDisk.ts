import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import type { LocatedImage } from '../../../model/goldenImage.js';
import { untilAborted } from '../../untilAborted.js';
import type { GoldenDisk } from '../disk/goldenDisk.js';
import { checkPath } from './cloneFiles.js';
import { runTool } from './runTool.js';

/** Some tens of GiB on a slow disk. */
const CONVERT_MILLISECONDS = 1_800_000;
/** Between an image's name and the digest in a file's name: neither holds it. */
const SEPARATOR = '@';
const SUFFIX = '.raw';
/** Finished, or with the number of the process that is at it or was cut off. */
const EXPANDED = /^([^@]+)@[0-9a-f]{40}\.raw(?:\.(\d+))?$/;

/** Conversions under way in this process, by their result: who comes second waits for the first. */
export type Conversions = Map<string, Promise<void>>;

/**
 * The golden disk as User-Mode Linux reads it: a sparse raw file, made on first use and shared by all clones, which
 * never write to it. Its name says of which state of which image it is.
 * @returns absolute path
 */
export async function expandedDisk(
  image: LocatedImage,
  file: string,
  disk: GoldenDisk,
  expandedDirectory: string,
  conversions: Conversions,
  signal: AbortSignal,
): Promise<string> {
  const facts = [await stateOf(image, file, disk), image.descriptor.disk.backingDigest ?? ''];
  const digest = createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 40);
  const target = join(expandedDirectory, `${image.descriptor.name}${SEPARATOR}${digest}${SUFFIX}`);
  checkPath('directory of expanded disks', target);
  if (await exists(target)) return target;
  let conversion = conversions.get(target);
  if (conversion === undefined) {
    // Not under the caller's signal: others may wait for it too, and it would be begun anew.
    conversion = convert(disk, target, expandedDirectory).finally(() => conversions.delete(target));
    conversion.catch(() => undefined);
    conversions.set(target, conversion);
  }
  await untilAborted(conversion, signal);
  return target;
}

/** Removes the expanded disks of all images but those named, and what was left of conversions that were cut off. */
export async function removeExpanded(
  expandedDirectory: string,
  keepNames: ReadonlySet<string>,
): Promise<void> {
  for (const name of await readdir(expandedDirectory).catch(() => [])) {
    const [, image, worker] = EXPANDED.exec(name) ?? [];
    if (image === undefined) continue;
    // The conversion of a process that is gone: what it left is of no use, even if its tool still writes.
    const cutOff = worker !== undefined && !existsSync(`/proc/${worker}`);
    if (cutOff || !keepNames.has(image)) await rm(join(expandedDirectory, name), { force: true });
  }
}

/** What the descriptor says the file is; without that, what the file system says. */
async function stateOf(image: LocatedImage, file: string, disk: GoldenDisk): Promise<string> {
  const { files } = image.descriptor;
  const digest = files.find(({ path }) => path === file)?.digest;
  if (digest !== undefined) return digest;
  const states = await Promise.all(disk.chain.map((path) => stat(path)));
  return JSON.stringify(states.map(({ dev, ino, size, mtimeMs }) => [dev, ino, size, mtimeMs]));
}

async function convert(disk: GoldenDisk, target: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const unfinished = `${target}.${process.pid}`;
  try {
    await runConversion(disk, unfinished);
    const handle = await open(unfinished, 'r');
    await handle.sync().finally(() => handle.close());
    await chmod(unfinished, 0o400);
    await rename(unfinished, target);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function runConversion(disk: GoldenDisk, target: string): Promise<void> {
  const args = ['convert', '-O', 'raw', '-S', '4k', '--', chainFileName(disk.chain), target];
  const never = new AbortController().signal;
  const outcome = await runTool('/usr/bin/qemu-img', args, { milliseconds: CONVERT_MILLISECONDS }, never);
  if (outcome.status === 0) return;
  const full = outcome.stderr.includes('No space left');
  throw new VmplantsError(
    full ? 'RESOURCE_EXHAUSTED' : 'INTERNAL',
    `expanding the disk of a golden image failed${full ? ': the disk is full' : ''}`,
    {
      reason: full ? 'HOST_SHORT' : 'EXPANSION_FAILED',
      ...(full ? {} : { hint: 'verify the golden image; qemu-img is in the Debian package qemu-utils' }),
      cause: new Error(outcome.stderr.slice(0, 500)),
    },
  );
}

/** The whole chain spelled out, ending in null: nothing that an image says of its backing file is ever followed. */
function chainFileName(chain: readonly string[]): string {
  const node = chain.reduceRight<object | null>(
    (backing, filename) => ({ driver: 'qcow2', file: { driver: 'file', filename }, backing }),
    null,
  );
  return `json:${JSON.stringify(node)}`;
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}
